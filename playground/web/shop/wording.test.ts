import { expect, test } from "vitest";
import { insteadOf, labelsOf, type Stand } from "./wording";

const texts = (availability: Stand["availability"], onlyXLeftInStock: number | null = null) =>
  labelsOf({ availability, onlyXLeftInStock }).map((label) => label.text);

test("every state has its words", () => {
  expect(texts("IN_STOCK")).toEqual(["In stock"]);
  expect(texts("LIMITED_AVAILABILITY", 2.5)).toEqual(["Only 2.5 left"]);
  expect(texts("BACK_ORDER")).toEqual(["Ships when stock arrives"]);
  expect(texts("OUT_OF_STOCK")).toEqual(["Out of stock"]);
});

test("the last five of a backorder are few, and late too", () => {
  expect(texts("BACK_ORDER", 5)).toEqual(["Only 5 left", "Ships when stock arrives"]);
});

test("less is offered instead of too much, and never more than was asked for", () => {
  expect(insteadOf({ requestedQty: 76, maxSalableQty: 75 })).toBe(75);
  expect(insteadOf({ requestedQty: 1, maxSalableQty: 240 })).toBeNull();
  expect(insteadOf({ requestedQty: 1, maxSalableQty: 0 })).toBeNull();
});
