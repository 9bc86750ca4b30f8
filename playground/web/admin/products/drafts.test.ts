import { expect, test } from "vitest";
import { giveUp, inputsOf, isOvertaken, isUnreadable, keep, type, withSaved, type Drafts } from "./drafts";
import type { Item } from "./product-queries";

const itemOf = (given: Partial<Item> = {}): Item => ({
  source: { code: "berlin", name: "Berlin", enabled: true },
  quantity: 25,
  status: "IN_STOCK",
  ...given,
});

const NONE: Drafts = {};

test("what was typed is sent with what was read", () => {
  const drafts = type(NONE, itemOf(), { quantity: "30" });
  expect(inputsOf("TENT", drafts, [itemOf()])).toEqual([
    { sku: "TENT", source: "berlin", quantity: 30, expectedQuantity: 25 },
  ]);
});

test("a status alone is sent without a quantity", () => {
  const drafts = type(NONE, itemOf(), { status: "OUT_OF_STOCK" });
  expect(inputsOf("TENT", drafts, [itemOf()])).toEqual([{ sku: "TENT", source: "berlin", status: "OUT_OF_STOCK" }]);
});

test("typing what is there anyway leaves nothing to save", () => {
  const drafts = type(NONE, itemOf(), { quantity: "30" });
  expect(type(drafts, itemOf(), { quantity: "25.0" })).toEqual({});
  expect(giveUp(drafts, "berlin")).toEqual({});
});

test("what is no quantity yet is kept as typed", () => {
  expect(type(NONE, itemOf(), { quantity: "2x" })["berlin"]?.quantity).toBe("2x");
  const emptied = type(NONE, itemOf(), { quantity: "" });
  expect(emptied["berlin"]?.quantity).toBe("");
  expect(isUnreadable(emptied["berlin"])).toBe(true);
});

test("a quantity that changed meanwhile overtakes what was typed, until somebody keeps it", () => {
  const drafts = type(NONE, itemOf(), { quantity: "30" });
  const now = itemOf({ quantity: 20 });
  expect(isOvertaken(drafts["berlin"], itemOf())).toBe(false);
  expect(isOvertaken(drafts["berlin"], now)).toBe(true);
  const kept = keep(drafts, now);
  expect(isOvertaken(kept["berlin"], now)).toBe(false);
  expect(inputsOf("TENT", kept, [now])).toEqual([
    { sku: "TENT", source: "berlin", quantity: 30, expectedQuantity: 20 },
  ]);
});

test("a change of status is overtaken by no quantity", () => {
  const drafts = type(NONE, itemOf(), { status: "OUT_OF_STOCK" });
  expect(isOvertaken(drafts["berlin"], itemOf({ quantity: 20 }))).toBe(false);
});

test("what was saved shows before it is read again", () => {
  const madrid = itemOf({ source: { code: "madrid", name: "Madrid", enabled: true } });
  const saved = [{ sku: "TENT", source: "berlin", quantity: 0 }];
  expect(withSaved([itemOf(), madrid], saved)).toEqual([itemOf({ quantity: 0 }), madrid]);
});
