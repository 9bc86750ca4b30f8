/** Saving one row from a dialog. */

import { useState } from "preact/hooks";
import type { Outcome, Problem, UserError } from "../api";
import { NO_ERRORS, rowErrors, type RowErrors } from "./row-errors";
import type { Saved } from "./sources";

interface Payload {
  warnings: Saved["warnings"];
  userErrors: UserError[];
}

/** What keeps a row from being saved, and `finish`, which tells that from a row that was. */
export function useSave(shown: (path: string) => boolean, onSaved: (saved: Saved) => void) {
  const [problem, setProblem] = useState<Problem>();
  const [errors, setErrors] = useState<RowErrors>(NO_ERRORS);
  return {
    problem,
    errors,
    /** Refuse it here, where asking would be of no use. */
    refuse: (at: RowErrors["at"]) => {
      setProblem(undefined);
      setErrors({ at, rest: [] });
    },
    finish: <Data>(outcome: Outcome<Data>, payloadOf: (data: Data) => Payload, title: string) => {
      const payload = outcome.data && payloadOf(outcome.data);
      setProblem(outcome.problem);
      setErrors(rowErrors(payload?.userErrors ?? [], shown));
      if (payload && !payload.userErrors.length) {
        onSaved({ title, warnings: payload.warnings });
      }
    },
  };
}

/** What keeps a code from being the one of a new row; an upsert would overwrite the old one. */
export function codeError(code: string, noun: string, known: { value: string }[] | null): string | undefined {
  if (!code) {
    return "A code is needed.";
  }
  return known?.some(({ value }) => value === code) ? `There is a ${noun} ${code} already: edit that one.` : undefined;
}
