import { expect, test } from "vitest";
import { filled, lineOf, sourceError, withoutOwn, wrongLines } from "./addresses";

const berlin = { source: "berlin", emails: ["berlin@example.com"] };
const everybody = { source: null, emails: ["stock@example.com", "buyer@example.com"] };

test("empty lines are not sent, and what is wrong stands at the line that was sent", () => {
  const lines = [lineOf(" a@example.com "), lineOf("  "), lineOf("nobody")];
  const sent = filled(lines);
  expect(sent.map(({ email }) => email)).toEqual(["a@example.com", "nobody"]);
  expect(wrongLines({ "emails.1": "A mail address is name@domain.", source: "No." }, sent)).toEqual({
    [lines[2]!.id]: "A mail address is name@domain.",
  });
});

test("a source that has addresses of its own is changed where they stand", () => {
  expect(sourceError("", [berlin])).toBe("Which source?");
  expect(sourceError("berlin", [berlin])).toContain("already");
  expect(sourceError("madrid", [everybody, berlin])).toBeUndefined();
});

test("removing the addresses of a source says who is told instead", () => {
  expect(withoutOwn("berlin", [everybody, berlin])).toContain("default addresses: stock@example.com, buyer@example.com.");
  expect(withoutOwn("berlin", [berlin])).toContain("nobody will be told");
});
