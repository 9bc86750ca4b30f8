import { afterEach, expect, test, vi } from "vitest";
import { newCart, withLine } from "./cart";
import { order } from "./checkout";

const TENT = { sku: "TENT", name: "Two-person tent", quantity: 30 };
const CART = withLine(newCart(), TENT);

afterEach(() => vi.unstubAllGlobals());

const answering = (body: unknown, status = 200) => {
  const sent = vi.fn(async (_url: string, _request: RequestInit) => new Response(JSON.stringify(body), { status }));
  vi.stubGlobal("fetch", sent);
  return sent;
};

test("an order is sent with its key and without what the server does not need", async () => {
  const sent = answering({ order: { number: "WEB-1" }, notices: [], userErrors: [] });
  expect(await order(CART)).toEqual({ kind: "placed", placed: { number: "WEB-1", lines: [TENT], notices: [] } });
  expect(JSON.parse(String(sent.mock.calls[0]![1].body))).toEqual({
    key: CART.key,
    lines: [{ sku: "TENT", quantity: 30 }],
  });
});

test("a refusal says what is wrong with which product", async () => {
  const error = { code: "NOT_SALABLE", message: "Only 5 can be bought now.", field: ["input", "lines", "0"] };
  answering({ order: null, notices: [], userErrors: [error] });
  expect(await order(CART)).toEqual({
    kind: "refused",
    reasons: ["Two-person tent: Only 5 can be bought now."],
    isKeySpent: false,
  });
});

test("a key that was used for another cart is spent", async () => {
  answering({ order: null, notices: [], userErrors: [{ code: "IDEMPOTENCY_KEY_REUSED", message: "", field: null }] });
  expect(await order(CART)).toMatchObject({ kind: "refused", isKeySpent: true });
});

test("what the server could not read was not placed, what it did not answer may have been", async () => {
  answering({ message: "A cart is JSON." }, 400);
  expect(await order(CART)).toEqual({ kind: "refused", reasons: ["A cart is JSON."], isKeySpent: false });
  answering({ message: "Try again." }, 502);
  expect(await order(CART)).toEqual({ kind: "unanswered" });
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  expect(await order(CART)).toEqual({ kind: "unanswered" });
});
