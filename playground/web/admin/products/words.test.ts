import { expect, test } from "vitest";
import type { Explained, Item, Judged, SourceWalk, Term, Walked } from "./product-queries";
import { explain, hidden, judge } from "./words";

const TENT = { type: "PRODUCT", source: null, sku: "TENT" } as const;
const MADRID = { type: "SOURCE", source: "madrid", sku: null } as const;
const DEFAULT = { type: "DEFAULT", source: null, sku: null } as const;

const walked = (given: Partial<Walked>): Walked => ({
  setting: "BACKORDERS",
  value: "NO_BACKORDERS",
  scope: DEFAULT,
  rule: null,
  overridden: [],
  ...given,
});

const at = (source: string, given: Partial<SourceWalk> = {}): SourceWalk => ({
  source,
  counts: true,
  backorders: walked({}),
  outOfStockThreshold: walked({ setting: "OUT_OF_STOCK_THRESHOLD", value: 0 }),
  ...given,
});

const term = (kind: Term["kind"], quantity: number, given: Partial<Term> = {}): Term => ({
  kind,
  quantity,
  source: null,
  rule: null,
  ...given,
});

const onHand = (source: string, quantity: number) => term("SOURCE_QUANTITY", quantity, { source });
const reserved = (quantity: number) => term("RESERVATIONS", quantity);
const byRule = (value: number, scope: NonNullable<Term["rule"]>["scope"] = TENT) => ({
  id: "7",
  value,
  scope,
  activeUntil: null,
});

type Config = Explained["effectiveBackorderConfig"];

const productOf = ({ config, ...given }: Partial<Explained> & { config?: Partial<Config> } = {}): Explained => ({
  sku: "TENT",
  salableQty: 25,
  stockStatus: "IN_STOCK",
  availability: "IN_STOCK",
  onlyXLeftInStock: null,
  salableQtyTerms: [onHand("berlin", 25), reserved(0)],
  effectiveBackorderConfig: {
    manageStock: true,
    backorders: "NO_BACKORDERS",
    backorderLimit: { kind: "NONE", quantity: null },
    settings: [],
    sources: [at("berlin")],
    ...config,
  },
  ...given,
});

const itemOf = (code: string, given: Partial<Item> = {}, enabled = true): Item => ({
  source: { code, name: `The ${code} warehouse`, enabled },
  quantity: 25,
  status: "IN_STOCK",
  ...given,
});

const words = (product: Explained, items = [itemOf("berlin")]) => explain(product, { stock: "Europe", items });

test("the worked example: 25 on hand, nothing reserved, 50 below zero by the product's rule", () => {
  const threshold = walked({ value: -50, scope: TENT, rule: { id: "7", activeUntil: null } });
  const product = productOf({
    salableQty: 75,
    salableQtyTerms: [
      onHand("berlin", 25),
      reserved(0),
      term("OUT_OF_STOCK_THRESHOLD", 50, { rule: byRule(-50) }),
    ],
    config: {
      backorderLimit: { kind: "LIMITED", quantity: 50 },
      sources: [at("berlin", { outOfStockThreshold: threshold })],
    },
  });
  expect(words(product)).toEqual({
    headline: "75 can be sold.",
    terms: [
      { label: "On hand at The berlin warehouse", detail: null, quantity: 25 },
      { label: "Reserved by orders", detail: "Nothing is reserved.", quantity: 0 },
      {
        label: "Orders may go 50 below zero",
        detail: "Out-of-Stock Threshold of -50, by the rule of product TENT.",
        quantity: 50,
      },
    ],
    cutFrom: null,
    notes: [],
  });
});

test("a rule that several sources follow counts once, and says what it hides", () => {
  const overridden = [{ id: "3", value: -20, scope: MADRID }];
  const rule = { id: "7", activeUntil: null };
  const product = productOf({
    salableQtyTerms: [term("OUT_OF_STOCK_THRESHOLD", 50, { rule: byRule(-50) })],
    config: {
      sources: [
        at("berlin", { outOfStockThreshold: walked({ value: -50, scope: TENT, rule }) }),
        at("madrid", { outOfStockThreshold: walked({ value: -50, scope: TENT, rule, overridden }) }),
      ],
    },
  });
  expect(words(product).terms[0]?.detail).toBe(
    "Out-of-Stock Threshold of -50, by the rule of product TENT; hides source madrid (-20); " +
      "counts once, though 2 sources follow it.",
  );
});

test("a threshold without backorders keeps goods from being sold, and a sum below zero is cut off", () => {
  const product = productOf({
    salableQty: 0,
    stockStatus: "OUT_OF_STOCK",
    availability: "OUT_OF_STOCK",
    salableQtyTerms: [onHand("berlin", 5), reserved(0), term("OUT_OF_STOCK_THRESHOLD", -8, { rule: byRule(8) })],
  });
  const { headline, terms, cutFrom } = words(product);
  expect(headline).toBe("Nothing can be sold.");
  expect(terms[2]?.label).toBe("Kept from being sold: 8");
  expect(cutFrom).toBe(-3);
});

test("a sum of exactly zero is not cut off", () => {
  const sold = productOf({ salableQty: 0, salableQtyTerms: [onHand("berlin", 0.3), reserved(-0.1), reserved(-0.2)] });
  expect(words(sold).cutFrom).toBeNull();
});

test("where there is no limit any number can be sold, and what is late is told", () => {
  const product = productOf({
    salableQty: -6,
    availability: "BACK_ORDER",
    salableQtyTerms: [onHand("berlin", -6), reserved(0)],
    config: {
      backorders: "ALLOW",
      backorderLimit: { kind: "UNLIMITED", quantity: null },
      sources: [at("berlin", { backorders: walked({ value: "ALLOW", scope: TENT }) })],
    },
  });
  const { headline, cutFrom, notes } = words(product);
  expect(headline).toBe("Any number can be sold.");
  expect(cutFrom).toBeNull();
  expect(notes).toEqual([
    "Backorders are on (Allow Qty Below 0, by the rule of product TENT) with an Out-of-Stock Threshold of 0, " +
      "by the shipped default: 0 or more sets no limit.",
    "6 are on backorder now.",
    "Nothing that lies there is free: what is ordered now ships when stock arrives (Backorders: Allow Qty Below 0).",
  ]);
});

test("where stock is not managed there is no sum", () => {
  const setting = walked({ setting: "MANAGE_STOCK", value: false, scope: TENT });
  const product = productOf({ salableQty: null, salableQtyTerms: [], config: { settings: [setting] } });
  expect(words(product)).toEqual({
    headline: "Any number can be sold.",
    terms: [],
    cutFrom: null,
    notes: [
      "Stock is not managed (Manage Stock is No, by the rule of product TENT): quantities do not limit what can be sold.",
    ],
  });
});

test("every source that does not count says why", () => {
  const product = productOf({
    config: { sources: [at("berlin"), at("porto", { counts: false }), at("lyon", { counts: false })] },
  });
  const items = [
    itemOf("berlin"),
    itemOf("porto", {}, false),
    itemOf("lyon", { status: "OUT_OF_STOCK" }),
    itemOf("rome"),
  ];
  expect(words(product, items).notes).toEqual([
    "The porto warehouse does not count: it is disabled.",
    "The lyon warehouse does not count: its source item is out of stock.",
    "The rome warehouse does not count: it is not linked to the stock Europe.",
  ]);
});

test("where no source counts nothing can be sold", () => {
  const product = productOf({
    salableQty: 0,
    stockStatus: "OUT_OF_STOCK",
    config: { sources: [at("berlin", { counts: false })] },
  });
  expect(words(product, [itemOf("berlin", {}, false)]).notes.at(-1)).toBe(
    "No source counts, so nothing can be sold, whatever the backorders say.",
  );
  expect(words(productOf({ config: { sources: [] } }), []).notes).toEqual([
    "The product lies at no source of the stock Europe: assign one to sell it here.",
  ]);
});

test("a threshold below zero without backorders does nothing, and is said once", () => {
  const idle = walked({ value: -10, scope: TENT, rule: { id: "7", activeUntil: null } });
  const product = productOf({
    config: { sources: [at("berlin", { outOfStockThreshold: idle }), at("madrid", { outOfStockThreshold: idle })] },
  });
  expect(words(product).notes).toEqual([
    "The Out-of-Stock Threshold of -10, by the rule of product TENT, counts as 0: backorders are off there.",
  ]);
});

test("few left names the rule that makes it say so", () => {
  const setting = walked({ setting: "ONLY_X_LEFT_THRESHOLD", value: 5, scope: { ...DEFAULT, type: "GLOBAL" } });
  const product = productOf({
    availability: "LIMITED_AVAILABILITY",
    onlyXLeftInStock: 3,
    config: { settings: [setting] },
  });
  expect(words(product).notes).toEqual([
    "The product page says that only 3 are left: that is at or below the Only X left Threshold of 5, " +
      "by the global configuration.",
  ]);
});

test("hidden rules are listed", () => {
  const rules = [
    { id: "1", value: "ALLOW", scope: MADRID },
    { id: "2", value: "NO_BACKORDERS", scope: { ...DEFAULT, type: "GLOBAL" as const } },
  ];
  expect(hidden(rules)).toBe("hides source madrid (Allow Qty Below 0) and global configuration (No Backorders)");
  expect(hidden([])).toBeNull();
});

test("whether a quantity could be sold, in words", () => {
  const judged: Judged = {
    requestedQty: 30,
    isSalable: true,
    backorderedQty: 5,
    maxSalableQty: 75,
    notice: "25 can ship now.",
    errors: [],
  };
  expect(judge(judged)).toEqual({
    title: "Yes, 30 can be sold.",
    lines: [
      "5 of them would be late.",
      "The customer is told: “25 can ship now.”",
      "The largest quantity that one order can hold is 75.",
    ],
  });
  expect(judge({ ...judged, backorderedQty: 0, notice: null }).lines[0]).toBe("All of them can ship now.");
  const refused = { ...judged, isSalable: false, maxSalableQty: 0, errors: [{ message: "Too many." }] };
  expect(judge(refused)).toEqual({ title: "No, 30 cannot be sold.", lines: ["Too many.", "None can be sold."] });
});
