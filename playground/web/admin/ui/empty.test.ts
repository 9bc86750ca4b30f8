import { expect, test } from "vitest";
import { emptyWords } from "./empty";

const said = (isFiltered: boolean, page = 1, hasNextPage = false) =>
  emptyWords({ isFiltered, page, hasNextPage }, "Nothing waits.", "Nothing fits.");

test("nothing at all is said only where nothing was filtered", () => {
  expect(said(false)).toBe("Nothing waits.");
  expect(said(true)).toBe("Nothing fits.");
});

test("a page that is empty says nothing of the others", () => {
  expect(said(false, 2)).toBe("The list ends here.");
  expect(said(true, 1, true)).toContain("goes on");
});
