import { expect, test } from "vitest";
import { attemptsName, canRetry, emptyWords, filterOf, isAhead, subjectAddress, subjectName } from "./delivery";

const nothing = { state: "", channel: "", event: "", target: "", subject: "" };

test("an address that gives no such filter gives none", () => {
  const given = { ...nothing, state: "DEAD", channel: "PIGEON", event: "toString", target: "shop" };
  expect(filterOf(given)).toEqual({ state: "DEAD", channel: null, event: null, target: "shop", subject: null });
});

test("an empty list says what that means", () => {
  expect(emptyWords(filterOf(nothing))).toContain("Nothing was sent yet");
  expect(emptyWords(filterOf({ ...nothing, state: "DEAD" }))).toBe("Nothing was given up.");
  expect(emptyWords(filterOf({ ...nothing, state: "DEAD", subject: "TENT" }))).toBe("No delivery fits these filters.");
});

test("what is dead or has failed can be tried again", () => {
  expect(canRetry({ state: "DEAD", attempts: 12, error: "No answer." })).toBe(true);
  expect(canRetry({ state: "PENDING", attempts: 1, error: "No answer." })).toBe(true);
  expect(canRetry({ state: "PENDING", attempts: 0, error: "The endpoint is disabled." })).toBe(true);
  expect(canRetry({ state: "PENDING", attempts: 0, error: null })).toBe(false);
  expect(canRetry({ state: "DELIVERED", attempts: 1, error: null })).toBe(false);
  expect([attemptsName(1), attemptsName(12)]).toEqual(["1 attempt", "12 attempts"]);
});

test("an attempt is ahead until its instant", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  expect(isAhead("2026-03-01T12:00:01Z", now)).toBe(true);
  expect(isAhead("2026-03-01T12:00:00Z", now)).toBe(false);
  expect(isAhead(null, now)).toBe(false);
});

test("a delivery leads to what it is about", () => {
  expect(subjectAddress("ORDER_SHIPPED", "A 1")).toBe("/admin/orders/A%201");
  expect(subjectAddress("LOW_STOCK", "TENT")).toBe("/admin/products/TENT");
  expect(subjectAddress("RULES_CHANGED", "7")).toBe("/admin/history");
  expect([subjectName("RULES_CHANGED", "7"), subjectName("LOW_STOCK", "TENT")]).toEqual(["revision 7", "TENT"]);
});
