import { expect, test } from "vitest";
import { answerTo, canBeOrdered, newCart, parseCart, withLine, withoutLine } from "./cart";

const TENT = { sku: "TENT", name: "Two-person tent", quantity: 30 };
const ROPE = { sku: "ROPE", name: "Climbing rope", quantity: 2.5 };

const answer = (sku: string, requestedQty: number, isSalable = true) => ({
  sku,
  requestedQty,
  isSalable,
  maxSalableQty: 75,
  notice: null,
  errors: [],
});

test("a SKU has one line, which keeps its place", () => {
  const cart = withLine(withLine(withLine(newCart(), TENT), ROPE), { ...TENT, quantity: 20 });
  expect(cart.lines).toEqual([{ ...TENT, quantity: 20 }, ROPE]);
  expect(withoutLine(cart, "TENT").lines).toEqual([ROPE]);
});

test("a cart keeps its key while its lines change, and the next one has another", () => {
  const cart = newCart();
  expect(withoutLine(withLine(cart, TENT), "TENT").key).toBe(cart.key);
  expect(newCart().key).not.toBe(cart.key);
});

test("an answer to an older quantity is no answer", () => {
  expect(answerTo(TENT, [answer("TENT", 29)])).toBeUndefined();
  expect(answerTo(TENT, [answer("ROPE", 30), answer("TENT", 30)])).toEqual(answer("TENT", 30));
});

test("a cart can be ordered when every line of it is salable as it stands", () => {
  const cart = withLine(withLine(newCart(), TENT), ROPE);
  expect(canBeOrdered(cart, [answer("TENT", 30), answer("ROPE", 2.5)])).toBe(true);
  expect(canBeOrdered(cart, [answer("TENT", 30), answer("ROPE", 2.5, false)])).toBe(false);
  expect(canBeOrdered(cart, [answer("TENT", 30)])).toBe(false);
  expect(canBeOrdered(cart, undefined)).toBe(false);
  expect(canBeOrdered(newCart(), [])).toBe(false);
});

test("a cart is read back as it was kept, and what is none is not", () => {
  const cart = withLine(newCart(), ROPE);
  expect(parseCart(JSON.stringify(cart))).toEqual(cart);
  for (const text of ["null", "[]", "{}", '{"key":"k","lines":[{"sku":"TENT"}],"isSent":false}']) {
    expect(parseCart(text)).toBeUndefined();
  }
});
