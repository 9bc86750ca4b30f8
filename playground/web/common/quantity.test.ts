import { expect, test } from "vitest";
import { parseQuantity, show, showSigned } from "./quantity";

test("a quantity shows all of its four places and no more", () => {
  expect(show(1234.5)).toBe("1,234.5");
  expect(show(99999999999.9999)).toBe("99,999,999,999.9999");
  expect(showSigned(50)).toBe("+50");
  expect(showSigned(-0.25)).toBe("-0.25");
});

test("what is typed is a quantity or nothing", () => {
  expect(parseQuantity(" -50 ")).toBe(-50);
  expect(parseQuantity("−50")).toBe(-50);
  expect(parseQuantity("99999999999.9999")).toBe(99999999999.9999);
  for (const text of ["", "1.23456", "1e3", "NaN", "1,5", "0x10", "123456789012", "one"]) {
    expect(parseQuantity(text)).toBeNull();
  }
});
