import { expect, test } from "vitest";
import { moved } from "./moved";

test("what moved is a sentence", () => {
  const lines = [
    { sku: "TENT", quantity: 1250, source: "berlin" },
    { sku: "GIFTCARD", quantity: 1, source: null },
  ];
  expect(moved("Shipped", lines, ({ source }) => (source ? `from ${source}` : ""))).toBe(
    "Shipped 1,250 TENT from berlin, 1 GIFTCARD.",
  );
  expect(moved("Canceled", [{ sku: "ROPE", quantity: 0.5 }])).toBe("Canceled 0.5 ROPE.");
});
