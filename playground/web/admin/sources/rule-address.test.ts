import { expect, test } from "vitest";
import { ruleAddress } from "./rule-address";

test("every rule has the page of its scope, the shipped defaults have none", () => {
  expect(ruleAddress({ type: "DEFAULT" })).toBeNull();
  expect(ruleAddress({ type: "GLOBAL" })).toBe("/admin/configuration");
  expect(ruleAddress({ type: "SOURCE", source: "a/b" })).toBe("/admin/configuration/a%2Fb");
  expect(ruleAddress({ type: "PRODUCT_SOURCE", source: "berlin", sku: "TENT 2" })).toBe("/admin/products/TENT%202");
});
