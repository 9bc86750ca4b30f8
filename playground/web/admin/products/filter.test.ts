import { expect, test } from "vitest";
import { addressOf, filterOf, isFiltered, questionOf } from "./filter";

const nothing = filterOf({});

test("an address without filters asks for the whole catalogue, and counts it", () => {
  expect(addressOf(nothing)).toBe("/admin/products");
  expect(isFiltered(nothing)).toBe(false);
  expect(questionOf(nothing)).toEqual({ filter: {}, channel: null, after: null, counted: true });
});

test("a filter survives its address", () => {
  const filter = filterOf({
    search: "50% & more",
    channel: "madrid",
    availability: "BACK_ORDER",
    status: "IN_STOCK",
    source: "berlin",
    assigned: "no",
    page: "WyJBIl0.WyJCIl0",
  });
  const address = new URL(addressOf(filter), "http://localhost");
  expect(filterOf(Object.fromEntries(address.searchParams))).toEqual(filter);
  expect(questionOf(filter)).toEqual({
    filter: {
      search: "50% & more",
      availability: ["BACK_ORDER"],
      stockStatus: "IN_STOCK",
      source: "berlin",
      assigned: false,
    },
    channel: "madrid",
    after: "WyJCIl0",
    counted: false,
  });
});

test("what an address cannot mean is left out", () => {
  expect(filterOf({ availability: "SOLD", status: "toString", assigned: "maybe", other: "1" })).toEqual(nothing);
});

test("a sales channel is a way to look, not a filter", () => {
  expect(isFiltered({ ...nothing, channel: "madrid" })).toBe(false);
  expect(isFiltered({ ...nothing, source: "berlin" })).toBe(true);
});
