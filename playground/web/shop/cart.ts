/** The cart: what the shopper wants, one line for each SKU. What of it can be had, the service says. */

import type { Salability } from "./documents";

export interface Line {
  sku: string;
  name: string;
  quantity: number;
}

export interface Cart {
  /** Names the order that this cart becomes: a retry with the same key places no second one. */
  key: string;
  lines: Line[];
  /** Sent and not answered yet: it may have been placed, so its lines may not change before it is asked again. */
  isSent: boolean;
}

// Browsers make random UUIDs only on pages that came by https or from this very machine, as a shop's pages should.
export const newCart = (): Cart => ({ key: crypto.randomUUID(), lines: [], isSent: false });

/** The cart with this line in it: in the place of the SKU's line, where there is one. */
export const withLine = (cart: Cart, line: Line): Cart => ({
  ...cart,
  lines: cart.lines.some(({ sku }) => sku === line.sku)
    ? cart.lines.map((each) => (each.sku === line.sku ? line : each))
    : [...cart.lines, line],
});

export const withoutLine = (cart: Cart, sku: string): Cart => ({
  ...cart,
  lines: cart.lines.filter((line) => line.sku !== sku),
});

/** The service's answer to a line as it stands; undefined while it has only judged an older quantity. */
export const answerTo = (line: Line, answers: Salability[] | undefined): Salability | undefined =>
  answers?.find(({ sku, requestedQty }) => sku === line.sku && requestedQty === line.quantity);

/** Whether every line, as it stands, was judged salable. */
export const canBeOrdered = (cart: Cart, answers: Salability[] | undefined): boolean =>
  cart.lines.length > 0 && cart.lines.every((line) => answerTo(line, answers)?.isSalable);

/** A cart that was kept as text; undefined for anything else. */
export function parseCart(text: string): Cart | undefined {
  const kept: unknown = JSON.parse(text);
  return isCart(kept) ? kept : undefined;
}

function isCart(value: unknown): value is Cart {
  const { key, lines, isSent } = Object(value) as Partial<Record<keyof Cart, unknown>>;
  return typeof key === "string" && typeof isSent === "boolean" && Array.isArray(lines) && lines.every(isLine);
}

function isLine(value: unknown): value is Line {
  const { sku, name, quantity } = Object(value) as Partial<Record<keyof Line, unknown>>;
  return typeof sku === "string" && typeof name === "string" && typeof quantity === "number";
}
