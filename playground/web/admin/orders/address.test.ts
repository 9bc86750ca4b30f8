import { expect, test } from "vitest";
import { addressOf, instantOf, orderAddress } from "./address";

test("an address carries what is given and nothing else", () => {
  expect(addressOf("/admin/orders", { sku: " A&B ", status: "" })).toBe("/admin/orders?sku=A%26B");
  expect(addressOf("/admin/orders", { sku: " " })).toBe("/admin/orders");
  expect(orderAddress("2026/7 #1")).toBe("/admin/orders/2026%2F7%20%231");
});

test("a local time is an instant, and what is no time is none", () => {
  expect(instantOf("2026-03-01T12:30")).toBe(new Date(2026, 2, 1, 12, 30).toISOString());
  expect(instantOf("")).toBeNull();
  expect(instantOf("soon")).toBeNull();
});
