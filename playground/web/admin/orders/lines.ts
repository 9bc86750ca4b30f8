/** Lines as they are typed, and as the API takes them. */

import type { UserError } from "../api";
import { typedKey } from "../../common/key";
import { parseQuantity } from "../../common/quantity";

/** A line of a form: what stands in its inputs, whatever that is. */
export interface Draft {
  id: number;
  sku: string;
  source: string;
  quantity: string;
}

/** A line that can be sent; `source` is null where none is named. */
export interface Line {
  sku: string;
  source: string | null;
  quantity: number;
}

/** What is wrong with the inputs of a line. */
export type LineErrors = Partial<Record<"sku" | "source" | "quantity", string>>;

/** Begins at the time, so that lines that were kept over a reload have other ids. */
let lastId = Date.now();

export const draftOf = (sku: string, quantity: number | null = null, source = ""): Draft => ({
  id: ++lastId,
  sku,
  source,
  quantity: quantity === null ? "" : String(quantity),
});

/** The lines that were typed, each with the id of its draft, and what is wrong with those that cannot be sent. */
export interface Read {
  lines: Line[];
  ids: number[];
  errors: Map<number, LineErrors>;
}

/** Read the drafts but for those that `isLeftOut`; SKUs and sources that are `known` go as they are. */
export function readLines(drafts: Draft[], isLeftOut: (draft: Draft) => boolean, known: string[] = []): Read {
  const read: Read = { lines: [], ids: [], errors: new Map() };
  for (const draft of drafts.filter((each) => !isLeftOut(each))) {
    const sku = typedKey(draft.sku, known);
    const quantity = parseQuantity(draft.quantity);
    const errors: LineErrors = {};
    if (!sku) {
      errors.sku = "Which product?";
    }
    if (quantity === null) {
      errors.quantity = "A number, at most 4 decimals.";
    }
    if (errors.sku || quantity === null) {
      read.errors.set(draft.id, errors);
      continue;
    }
    read.ids.push(draft.id);
    read.lines.push({ sku, source: typedKey(draft.source, known) || null, quantity });
  }
  return read;
}

/** A line of an order is left out where its quantity is empty or 0. */
export const isNone = (draft: Draft): boolean => !draft.quantity.trim() || parseQuantity(draft.quantity) === 0;

/** A line of a receipt is left out where nothing was typed. */
export const isBlank = (draft: Draft): boolean => !draft.sku.trim() && !draft.quantity.trim();

/**
 * Give the errors of a call to the lines that they are about, by the place at which each line was sent; `rest` are
 * about no line. What no input of a line shows stands at its quantity.
 */
export function errorsByLine(
  errors: UserError[],
  ids: number[],
  shown: readonly string[],
): { errors: Map<number, LineErrors>; rest: UserError[] } {
  const found = new Map<number, LineErrors>();
  const rest: UserError[] = [];
  for (const error of errors) {
    const [argument, place, name = ""] = error.field ?? [];
    const id = argument === "lines" && place !== undefined ? ids[Number(place)] : undefined;
    if (id === undefined) {
      rest.push(error);
      continue;
    }
    const of = found.get(id) ?? {};
    const at = (shown.includes(name) ? name : "quantity") as keyof LineErrors;
    of[at] = [of[at], error.message].filter(Boolean).join(" ");
    found.set(id, of);
  }
  return { errors: found, rest };
}
