import { expect, test } from "vitest";
import { rowErrors } from "./row-errors";

test("an error stands at its input, and one that has none is not lost", () => {
  const named = { code: "INVALID_TEXT", message: "Too long.", field: ["stocks", "0", "name"] };
  const place = ["stocks", "0", "sources", "1", "source"];
  const linked = { code: "UNKNOWN_SOURCE", message: "No such source.", field: place };
  const twice = { code: "DUPLICATE_ROW", message: "Twice.", field: ["stocks", "0"] };
  const other = { code: "INTERNAL", message: "Why?" };
  const shown = (path: string) => path === "name" || /^sources\.\d+\.source$/.test(path);
  expect(rowErrors([named, linked, twice, other], shown)).toEqual({
    at: { name: "Too long.", "sources.1.source": "No such source." },
    rest: [twice, other],
  });
});
