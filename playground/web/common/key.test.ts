import { expect, test } from "vitest";
import { typedKey } from "./key";

test("what was typed has one form and no blanks at its ends", () => {
  for (const text of ["Café", " Café\t", "Cafe\u0301", "\u00a0Café\ufeff"]) {
    expect(typedKey(text)).toBe("Café");
  }
  expect(typedKey("two words")).toBe("two words");
});

test("a key that is known goes as it is", () => {
  expect(typedKey("TENT ", ["TENT "])).toBe("TENT ");
  expect(typedKey("TENT ", ["TENT"])).toBe("TENT");
});
