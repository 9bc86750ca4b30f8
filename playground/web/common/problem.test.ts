import { CombinedError } from "@urql/core";
import { expect, test } from "vitest";
import { problemOf } from "./problem";

const refused = (...errors: { code: string; message?: string; requestId?: string }[]) =>
  new CombinedError({
    graphQLErrors: errors.map(({ message = "$after of totalCount", ...extensions }) => ({ message, extensions })),
  });
const unanswered = (status?: number) =>
  new CombinedError({
    networkError: new Error("Failed to fetch"),
    ...(status && { response: new Response("", { status }) }),
  });

test("nothing of the API's own words is shown, whatever the code", () => {
  for (const code of ["TOO_MANY", "BAD_USER_INPUT", "FORBIDDEN", "GRAPHQL_VALIDATION_FAILED", "A_CODE_TO_COME"]) {
    const problem = problemOf(refused({ code }));
    expect(problem.code).toBe(code);
    expect(problem.message).toMatch(/^[A-Z][a-z].*\.$/);
    expect(problem.message).not.toMatch(/totalCount|\$|[A-Z]{2}|_/);
  }
});

test("a token that is no more is behind whatever else was refused", () => {
  expect(problemOf(refused({ code: "TOO_MANY" }, { code: "UNAUTHENTICATED" })).code).toBe("UNAUTHENTICATED");
});

test("what went wrong in the service can be found in its log", () => {
  expect(problemOf(refused({ code: "INTERNAL_ERROR", requestId: "4f2a" })).message).toContain("4f2a");
});

test("no answer is told from one that is none", () => {
  expect(problemOf(unanswered()).code).toBe("OFFLINE");
  expect(problemOf(unanswered(503)).code).toBe("UNAVAILABLE");
  expect(problemOf(unanswered(413)).code).toBe("TOO_MANY");
  expect(problemOf(unanswered(429)).code).toBe("RATE_LIMITED");
});
