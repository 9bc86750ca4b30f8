/** Why a product's salable quantity is what it is, in words. */

import { show } from "../../common/quantity";
import { BACKORDERS, instantName, scopeName, valueName, type ScopeLike } from "../words";
import { sumOf } from "./bars";
import type { Explained, Item, Judged, SourceWalk, Term, Walked } from "./product-queries";

export interface Explanation {
  /** What can be sold. */
  headline: string;
  /** The sum; empty where stock is not managed. */
  terms: { label: string; detail: string | null; quantity: number }[];
  /** What the terms come to, where that is below zero and cut off; else null. */
  cutFrom: number | null;
  /** What is true of it beside the sum. */
  notes: string[];
}

export interface Place {
  /** The name of the stock that the sales channel sells from. */
  stock: string;
  /** Where the product lies, linked to that stock or not. */
  items: readonly Item[];
}

/** "the rule of product TENT". */
export function origin(scope: ScopeLike): string {
  switch (scope.type) {
    case "DEFAULT":
      return "the shipped default";
    case "GLOBAL":
      return "the global configuration";
    default:
      return `the rule of ${scopeName(scope)}`;
  }
}

/** "hides source madrid (-20)"; null where nothing is hidden. */
export function hidden(overridden: Walked["overridden"]): string | null {
  const each = overridden.map(({ scope, value }) => `${scopeName(scope)} (${valueName(value)})`);
  return each.length ? `hides ${listed(each)}` : null;
}

export function explain(product: Explained, place: Place): Explanation {
  const terms = product.salableQtyTerms ?? [];
  return {
    headline: headlineOf(product),
    terms: terms.map((term) => ({ ...wordsOf(term, product, place), quantity: term.quantity })),
    cutFrom: cutFrom(product),
    notes: [
      ...notManaged(product, place),
      ...whoDoesNotCount(product, place),
      ...(product.salableQty === null ? [] : [...withoutLimit(product), ...idleThresholds(product)]),
      ...availabilityWords(product),
    ],
  };
}

function headlineOf({ salableQty, stockStatus, effectiveBackorderConfig }: Explained): string {
  if (stockStatus === "OUT_OF_STOCK") {
    return "Nothing can be sold.";
  }
  const isUnlimited = effectiveBackorderConfig.backorderLimit.kind === "UNLIMITED";
  return salableQty === null || isUnlimited ? "Any number can be sold." : `${show(salableQty)} can be sold.`;
}

function wordsOf(
  { kind, quantity, source, rule }: Term,
  { effectiveBackorderConfig }: Explained,
  { items }: Place,
): { label: string; detail: string | null } {
  if (kind === "SOURCE_QUANTITY") {
    return { label: `On hand at ${nameOf(source ?? "", items)}`, detail: null };
  }
  if (kind === "RESERVATIONS") {
    return { label: "Reserved by orders", detail: quantity === 0 ? "Nothing is reserved." : null };
  }
  const heirs = (effectiveBackorderConfig.sources ?? []).filter(
    (each) => each.counts && each.outOfStockThreshold.rule?.id === rule?.id,
  );
  const overridden = new Map(heirs.flatMap((each) => each.outOfStockThreshold.overridden).map((each) => [each.id, each]));
  const parts = [
    `Out-of-Stock Threshold of ${valueName(rule?.value)}, by ${origin(rule?.scope ?? { type: "DEFAULT" })}`,
    rule?.activeUntil ? `until ${instantName(rule.activeUntil)}` : null,
    hidden([...overridden.values()]),
    heirs.length > 1 ? `counts once, though ${heirs.length} sources follow it` : null,
  ];
  return {
    label:
      quantity > 0
        ? `Orders may go ${show(quantity)} below zero`
        : `Kept from being sold: ${valueName(rule?.value)}`,
    detail: `${parts.filter(Boolean).join("; ")}.`,
  };
}

function notManaged({ salableQty, stockStatus, effectiveBackorderConfig }: Explained, { stock }: Place): string[] {
  if (salableQty !== null) {
    return [];
  }
  const setting = effectiveBackorderConfig.settings?.find((each) => each.setting === "MANAGE_STOCK");
  const by = setting ? `Manage Stock is No, by ${origin(setting.scope)}` : "Manage Stock is No";
  return [
    `Stock is not managed (${by}): quantities do not limit what can be sold.`,
    ...(stockStatus === "OUT_OF_STOCK" ? [`But the product lies at no source of the stock ${stock}.`] : []),
  ];
}

function whoDoesNotCount({ salableQty, effectiveBackorderConfig }: Explained, { stock, items }: Place): string[] {
  if (salableQty === null) {
    return [];
  }
  const walks = effectiveBackorderConfig.sources ?? [];
  const linked = new Map(walks.map((walk) => [walk.source, walk]));
  const reasons = items.flatMap(({ source, status }) => {
    const walk = linked.get(source.code);
    if (walk?.counts) {
      return [];
    }
    const why = !walk
      ? `it is not linked to the stock ${stock}`
      : source.enabled
        ? status === "OUT_OF_STOCK"
          ? "its source item is out of stock"
          : "it did not when this was asked"
        : "it is disabled";
    return [`${source.name} does not count: ${why}.`];
  });
  if (!walks.length) {
    return [...reasons, `The product lies at no source of the stock ${stock}: assign one to sell it here.`];
  }
  return walks.some((walk) => walk.counts)
    ? reasons
    : [...reasons, "No source counts, so nothing can be sold, whatever the backorders say."];
}

function withoutLimit({ salableQty, effectiveBackorderConfig: { backorderLimit, sources } }: Explained): string[] {
  if (backorderLimit.kind !== "UNLIMITED") {
    return [];
  }
  const cause = sources?.find(({ counts, backorders, outOfStockThreshold }) => {
    return counts && backorders.value !== "NO_BACKORDERS" && Number(outOfStockThreshold.value) >= 0;
  });
  const said = cause
    ? `Backorders are on (${valueName(cause.backorders.value)}, by ${origin(cause.backorders.scope)}) with an ` +
      `Out-of-Stock Threshold of ${valueName(cause.outOfStockThreshold.value)}, ` +
      `by ${origin(cause.outOfStockThreshold.scope)}: 0 or more sets no limit.`
    : "Backorders are on without a limit.";
  return salableQty !== null && salableQty < 0 ? [said, `${show(-salableQty)} are on backorder now.`] : [said];
}

/** Below zero nothing can be sold, and the salable quantity says 0. */
function cutFrom({ salableQty, salableQtyTerms, effectiveBackorderConfig }: Explained): number | null {
  const sum = sumOf((salableQtyTerms ?? []).map(({ quantity }) => quantity));
  return salableQty === 0 && sum < 0 && effectiveBackorderConfig.backorderLimit.kind !== "UNLIMITED" ? sum : null;
}

/** Thresholds below zero that do nothing, because backorders are off. */
function idleThresholds({ salableQtyTerms, effectiveBackorderConfig }: Explained): string[] {
  const used = new Set(salableQtyTerms?.map(({ rule }) => rule?.id));
  const isIdle = ({ counts, outOfStockThreshold: { value, rule } }: SourceWalk) =>
    counts && Number(value) < 0 && !used.has(rule?.id);
  if (effectiveBackorderConfig.backorderLimit.kind === "UNLIMITED") {
    return [];
  }
  const idle = (effectiveBackorderConfig.sources ?? []).filter(isIdle).map(({ outOfStockThreshold }) => {
    const { value, scope } = outOfStockThreshold;
    return `The Out-of-Stock Threshold of ${valueName(value)}, by ${origin(scope)}, counts as 0: backorders are off there.`;
  });
  return [...new Set(idle)];
}

function availabilityWords({ availability, onlyXLeftInStock, effectiveBackorderConfig }: Explained): string[] {
  if (availability === "BACK_ORDER") {
    const mode = BACKORDERS[effectiveBackorderConfig.backorders];
    return [`Nothing that lies there is free: what is ordered now ships when stock arrives (Backorders: ${mode}).`];
  }
  const setting = effectiveBackorderConfig.settings?.find((each) => each.setting === "ONLY_X_LEFT_THRESHOLD");
  return availability === "LIMITED_AVAILABILITY" && onlyXLeftInStock !== null && setting
    ? [
        `The product page says that only ${show(onlyXLeftInStock)} are left: that is at or below the Only X left ` +
          `Threshold of ${valueName(setting.value)}, by ${origin(setting.scope)}.`,
      ]
    : [];
}

/** The answer to "Could I sell so many?". */
export function judge(judged: Judged): { title: string; lines: string[] } {
  const { requestedQty, isSalable, backorderedQty, maxSalableQty, notice, errors } = judged;
  const largest =
    maxSalableQty > 0 ? `The largest quantity that one order can hold is ${show(maxSalableQty)}.` : "None can be sold.";
  if (!isSalable) {
    return { title: `No, ${show(requestedQty)} cannot be sold.`, lines: [...errors.map((each) => each.message), largest] };
  }
  const late = backorderedQty > 0 ? `${show(backorderedQty)} of them would be late.` : "All of them can ship now.";
  return {
    title: `Yes, ${show(requestedQty)} can be sold.`,
    lines: [late, ...(notice ? [`The customer is told: “${notice}”`] : []), largest],
  };
}

const nameOf = (source: string, items: readonly Item[]): string =>
  items.find((item) => item.source.code === source)?.source.name ?? source;

const listed = (each: readonly string[]): string =>
  each.length > 1 ? `${each.slice(0, -1).join(", ")} and ${each.at(-1)}` : (each[0] ?? "");
