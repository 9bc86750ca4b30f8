import { expect, test } from "vitest";
import { partsOf, sumOf, waterfallOf } from "./bars";

test("terms add up without binary rounding", () => {
  expect(sumOf([0.1, 0.2])).toBe(0.3);
  expect(sumOf([99999999999.9999, -0.0001])).toBe(99999999999.9998);
  expect(sumOf([])).toBe(0);
});

test("each term starts where the one before it ended", () => {
  const { steps, zero, end } = waterfallOf([25, 0, 50]);
  expect(steps.map(({ from, size }) => [from, size])).toEqual([
    [0, expect.closeTo(33.33)],
    [expect.closeTo(33.33), 0],
    [expect.closeTo(33.33), expect.closeTo(66.67)],
  ]);
  expect(zero).toBe(0);
  expect(end).toEqual({ from: 0, size: 100, isNegative: false });
});

test("what goes below zero makes room on the left of it", () => {
  const { steps, zero, end } = waterfallOf([5, -10]);
  expect(zero).toBe(50);
  expect(steps).toEqual([
    { from: 50, size: 50, isNegative: false },
    { from: 0, size: 100, isNegative: true },
  ]);
  expect(end).toEqual({ from: 0, size: 50, isNegative: true });
});

test("nothing at all is a picture too", () => {
  expect(waterfallOf([0]).end.size).toBe(0);
  expect(partsOf([0, 0])).toEqual([
    { from: 0, size: 0 },
    { from: 0, size: 0 },
  ]);
});

test("the parts fill the whole, and an empty one takes no room", () => {
  const parts = partsOf([3, 0, 1], 0);
  expect(parts).toEqual([
    { from: 0, size: 75 },
    { from: 75, size: 0 },
    { from: 75, size: 25 },
  ]);
  expect(partsOf([1, 0, 1], 2)).toEqual([
    { from: 0, size: 49 },
    { from: 51, size: 0 },
    { from: 51, size: 49 },
  ]);
});
