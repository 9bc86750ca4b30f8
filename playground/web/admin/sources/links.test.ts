import { expect, test } from "vitest";
import { linkOf, nextPriority, readLinks } from "./links";

test("a new link is drawn on last", () => {
  expect(nextPriority([])).toBe(1);
  expect(nextPriority([linkOf("berlin", 7), linkOf("madrid", 3)])).toBe(8);
  expect(nextPriority([{ id: 1, source: "berlin", priority: "" }])).toBe(1);
});

test("links are sent in order, and what is wrong says where", () => {
  expect(readLinks([linkOf(" berlin ", 2), linkOf("madrid", -1)])).toEqual({
    sources: [
      { source: "berlin", priority: 2 },
      { source: "madrid", priority: -1 },
    ],
    wrong: {},
  });
  const { wrong } = readLinks([linkOf("", 1), { id: 1, source: "berlin", priority: "1.5" }]);
  expect(Object.keys(wrong)).toEqual(["sources.0.source", "sources.1.priority"]);
});
