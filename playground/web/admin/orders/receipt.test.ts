import { expect, test } from "vitest";
import { draftOf } from "./lines";
import { beganWith, isUntyped, withAsked } from "./receipt";

const blank = beganWith({ source: "", sku: "" });
const typed = { ...blank, source: "berlin", lines: [draftOf("TENT", 10), draftOf("")] };

test("what a link filled in is nothing typed, and whatever else stands there is", () => {
  const began = beganWith({ source: "berlin", sku: "TENT" });
  expect(isUntyped(began)).toBe(true);
  expect(isUntyped({ ...began, source: "madrid" })).toBe(false);
  expect(isUntyped({ ...began, lines: [draftOf("TENT", 1)] })).toBe(false);
  expect(isUntyped({ ...began, lines: [draftOf("ROPE")] })).toBe(false);
  expect(isUntyped({ ...blank, key: "of a lost answer" })).toBe(false);
});

test("a link adds its product to the receipt of its source, once", () => {
  const asked = { source: "berlin", sku: "ROPE" };
  const both = withAsked(typed, asked)!;
  expect(both.lines.map(({ sku, quantity }) => [sku, quantity])).toEqual([
    ["TENT", "10"],
    ["ROPE", ""],
  ]);
  expect(withAsked(both, asked)!.lines).toBe(both.lines);
  expect(withAsked(typed, { source: "", sku: "" })!.lines).toBe(typed.lines);
});

test("a link to another source changes nothing of a receipt that was typed", () => {
  expect(withAsked(typed, { source: "madrid", sku: "ROPE" })).toBeNull();
});
