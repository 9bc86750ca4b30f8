import { expect, test } from "vitest";
import { type Draft, errorsByLine, isBlank, isNone, readLines } from "./lines";

const draft = (id: number, sku: string, quantity: string, source = ""): Draft => ({ id, sku, source, quantity });

test("lines are sent as they were typed, without those that are left out", () => {
  const { lines, ids, errors } = readLines(
    [draft(1, "TENT", ""), draft(2, " ROPE ", " 1.5 ", " berlin "), draft(3, "HAT", "0.0"), draft(4, "BIKE", "2")],
    isNone,
  );
  expect(lines).toEqual([
    { sku: "ROPE", source: "berlin", quantity: 1.5 },
    { sku: "BIKE", source: null, quantity: 2 },
  ]);
  expect(ids).toEqual([2, 4]);
  expect(errors.size).toBe(0);
});

test("the lines of an order name its SKUs and sources as they are", () => {
  const { lines } = readLines([draft(1, "TENT ", "1", "east\u00a0")], isNone, ["TENT ", "east\u00a0"]);
  expect(lines).toEqual([{ sku: "TENT ", source: "east\u00a0", quantity: 1 }]);
});

test("what is no quantity, or of no product, says so at its line", () => {
  const { lines, errors } = readLines(
    [draft(1, "TENT", "many"), draft(2, "", "3"), draft(3, "HAT", ""), draft(4, " ", ""), draft(5, "BIKE", "1")],
    isBlank,
  );
  expect(lines).toEqual([{ sku: "BIKE", source: null, quantity: 1 }]);
  expect([...errors.keys()]).toEqual([1, 2, 3]);
  expect(errors.get(1)?.quantity).toContain("A number");
  expect(errors.get(2)).toEqual({ sku: "Which product?" });
  expect(errors.get(3)?.sku).toBeUndefined();
});

test("an error stands at the line that was sent at its place", () => {
  const ofLine = { code: "NOT_ENOUGH_AT_SOURCE", message: "Only 3.", field: ["lines", "1", "quantity"] };
  const ofSource = { code: "SOURCE_REQUIRED", message: "Which?", field: ["lines", "0", "source"] };
  const ofNoInput = { code: "UNKNOWN_LINE", message: "No such line.", field: ["lines", "1", "sku"] };
  const ofOrder = { code: "UNKNOWN_ORDER", message: "No such order.", field: ["number"] };
  const { errors, rest } = errorsByLine([ofLine, ofSource, ofNoInput, ofOrder], [7, 9], ["source", "quantity"]);
  expect(errors.get(7)).toEqual({ source: "Which?" });
  expect(errors.get(9)).toEqual({ quantity: "Only 3. No such line." });
  expect(rest).toEqual([ofOrder]);
});

test("an error of a line that is not shown is not lost", () => {
  const error = { code: "UNKNOWN_LINE", message: "No such line.", field: ["lines", "5", "sku"] };
  expect(errorsByLine([error], [1], ["sku"]).rest).toEqual([error]);
  expect(errorsByLine([{ ...error, field: ["lines"] }], [1], ["sku"]).rest).toHaveLength(1);
});
