/** Why a request was not answered, in words for people: the API's own words are for programs. */

import type { CombinedError } from "@urql/core";

export interface Problem {
  message: string;
  /** The stable code of the service; OFFLINE where it was not reached, UNAVAILABLE where it is out of order. */
  code: string;
}

const NEW_VERSION = "The page and the service do not understand each other: there may be a new version. Reload the page.";

const SENTENCES: Readonly<Record<string, string>> = {
  OFFLINE: "The service cannot be reached. What you typed is still here; try again.",
  UNAVAILABLE: "The service is out of order at the moment. What you typed is still here; try again in a while.",
  UNAUTHENTICATED: "You are no longer signed in: your token was revoked or has expired.",
  FORBIDDEN: "Your token does not allow this.",
  UNKNOWN_SALES_CHANNEL: "There is no such sales channel.",
  BAD_CURSOR: "This page of the list is not there any more: begin at its first page.",
  BAD_USER_INPUT: "The service cannot use something that was typed here, or that stands in the address of the page.",
  TOO_MANY: "This is more than the service answers at once: ask for less.",
  TOO_COSTLY: "This is more than the service answers at once: ask for less.",
  TIMEOUT_AFTER_WRITE: "This is done, but the service took too long to show it: reload the page.",
  TIMEOUT: "The service took too long. Try again, or ask for less.",
  RATE_LIMITED: "The service was asked too often. Wait a moment, and try again.",
  GRAPHQL_VALIDATION_FAILED: NEW_VERSION,
  GRAPHQL_PARSE_FAILED: NEW_VERSION,
};

const BY_STATUS: Readonly<Record<number, string>> = { 413: "TOO_MANY", 429: "RATE_LIMITED" };

export function problemOf(error: CombinedError): Problem {
  const refused = error.graphQLErrors;
  // Among several, the one that is behind the others.
  const first = refused.find(({ extensions }) => extensions["code"] === "UNAUTHENTICATED") ?? refused[0];
  if (!first) {
    const status = (error.response as Response | undefined)?.status ?? 0;
    return problem(BY_STATUS[status] ?? (status >= 500 ? "UNAVAILABLE" : "OFFLINE"));
  }
  const code = String(first.extensions["code"] ?? "INTERNAL_ERROR");
  return problem(code, first.extensions["requestId"]);
}

/** What went wrong under this code, said. */
export function problem(code: string, requestId?: unknown): Problem {
  const id = requestId ? ` Its log has it under ${String(requestId)}.` : "";
  return { code, message: SENTENCES[code] ?? `Something went wrong in the service: try again.${id}` };
}
