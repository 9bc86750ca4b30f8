/**
 * Sending the cart to the shop's own server, which holds the token that places orders (playground/checkout.py). The
 * browser never sees it.
 */

import type { Cart, Line } from "./cart";

/** An order that was placed, to thank for. */
export interface Placed {
  number: string;
  lines: Line[];
  notices: { sku: string; message: string }[];
}

export type Outcome =
  | { kind: "placed"; placed: Placed }
  /** Nothing was placed. Where the key is spent, an older cart of the same key was. */
  | { kind: "refused"; reasons: string[]; isKeySpent: boolean }
  /** Nobody knows whether it was placed: the same cart has to be sent again, with the same key. */
  | { kind: "unanswered" };

interface Answer {
  order: { number: string } | null;
  notices: { sku: string; message: string }[];
  userErrors: { code: string; message: string; field: string[] | null }[];
}

const SPENT = ["IDEMPOTENCY_KEY_REUSED", "ORDER_NUMBER_TAKEN"];

export async function order({ key, lines }: Cart): Promise<Outcome> {
  let response: Response;
  let answer: Answer & { message?: string };
  try {
    response = await fetch("/shop/order", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) }),
    });
    answer = await response.json();
  } catch {
    return { kind: "unanswered" };
  }
  if (response.status >= 500) {
    return { kind: "unanswered" };
  }
  if (!response.ok) {
    return { kind: "refused", reasons: [answer.message ?? "The cart could not be read."], isKeySpent: false };
  }
  if (answer.order) {
    return { kind: "placed", placed: { number: answer.order.number, lines, notices: answer.notices } };
  }
  if (answer.userErrors.some(({ code }) => SPENT.includes(code))) {
    const reason = "This cart has been ordered before, with other lines. If you want these too, place the order again.";
    return { kind: "refused", reasons: [reason], isKeySpent: true };
  }
  const reasons = answer.userErrors.map(({ message, field }) => `${nameAt(field, lines)}${message}`);
  return { kind: "refused", reasons, isKeySpent: false };
}

/** The product that an error is about, where its field is ["input", "lines", "0"]. */
function nameAt(field: string[] | null, lines: Line[]): string {
  const line = field?.[1] === "lines" ? lines[Number(field[2])] : undefined;
  return line ? `${line.name}: ` : "";
}
