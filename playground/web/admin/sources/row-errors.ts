/** The errors of a call that writes one row: at its inputs, and the rest. */

import type { UserError } from "../api";

export interface RowErrors {
  /** By the path within the row: "name", "sources.1.priority". */
  at: Record<string, string>;
  rest: UserError[];
}

export const NO_ERRORS: RowErrors = { at: {}, rest: [] };

/** `shown`: whether there is an input of this path. */
export function rowErrors(errors: UserError[], shown: (path: string) => boolean): RowErrors {
  const found: RowErrors = { at: {}, rest: [] };
  for (const error of errors) {
    const path = (error.field ?? []).slice(2).join(".");
    if (path && shown(path)) {
      found.at[path] = [found.at[path], error.message].filter(Boolean).join(" ");
    } else {
      found.rest.push(error);
    }
  }
  return found;
}
