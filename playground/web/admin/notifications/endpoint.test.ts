import { expect, test } from "vitest";
import { ALL, changedRow, checkedOf, eventsName, eventsOf, newRow, typedErrors } from "./endpoint";

const url = "https://shop.example/hook";
const stands = { code: "shop", url, events: [], enabled: true };

test("no events means all of them, there and back", () => {
  expect(checkedOf([])).toEqual(ALL);
  expect(eventsOf(ALL)).toEqual([]);
  expect(eventsOf(["OUT_OF_STOCK", "ORDER_SHIPPED"])).toEqual(["ORDER_SHIPPED", "OUT_OF_STOCK"]);
  expect(eventsName([])).toBe("Everything");
  expect(eventsName(["LOW_STOCK", "RULES_CHANGED"])).toBe("Item low in stock, Rules changed");
});

test("an edited endpoint is sent what was changed and no more", () => {
  expect(changedRow(stands, { ...stands, events: ALL })).toEqual({ code: "shop" });
  expect(changedRow(stands, { code: "shop", url: "https://b.example", events: ["LOW_STOCK"], enabled: false })).toEqual({
    code: "shop",
    url: "https://b.example",
    events: ["LOW_STOCK"],
    enabled: false,
  });
});

test("a new endpoint asks for its secret, so that a second attempt shows one too", () => {
  expect(newRow({ ...stands, events: ALL })).toEqual({ ...stands, events: [], rotateSecret: true });
});

test("what is missing is said at its input", () => {
  expect(Object.keys(typedErrors({ code: "", url: "", events: [], enabled: true }, []))).toEqual(["code", "url", "events"]);
  expect(typedErrors({ ...stands, events: ALL }, ["shop"])["code"]).toContain("already");
  expect(typedErrors({ ...stands, events: ALL }, ["till"])).toEqual({});
});
