/** Previewing and saving what is typed, and what came of it. */

import { useClient } from "@urql/preact";
import { useState } from "preact/hooks";
import { useChange, type Problem, type UserError } from "../api";
import type { VariablesOf } from "../../common/graphql";
import { problemOf } from "../../common/problem";
import type { ScopeLike } from "../words";
import { byField, instantOf, scopeInput, settingsOf, windowError, type Change, type Draft } from "./draft";
import { PREVIEW, SAVE, type RulesPreview } from "./questions";

type Input = VariablesOf<typeof SAVE>["input"];
type Warnings = RulesPreview["warnings"];

interface Outcome {
  problem?: Problem | undefined;
  errors?: UserError[];
  warnings?: Warnings;
  /** Something to say that is no error of the service. */
  said?: { kind: "success" | "info" | "error"; text: string };
}

export function useSaving({
  scope,
  draft,
  changes,
  revision,
  hasErrors,
  hasConflicts,
  isWaiting,
  onStale,
  onSaved,
}: {
  scope: ScopeLike;
  draft: Draft;
  changes: Change[];
  revision: number;
  hasErrors: boolean;
  hasConflicts: boolean;
  /** What was saved last is not read again yet. */
  isWaiting: boolean;
  onStale: () => void;
  /** With the revision that was made, if anything was changed. */
  onSaved: (made: number | undefined) => void;
}) {
  const saver = useChange(SAVE);
  const previewer = usePreviewer();
  const [outcome, setOutcome] = useState<Outcome>({});
  const [staleSince, setStaleSince] = useState<number>();
  const [previewed, setPreviewed] = useState<{ preview: RulesPreview; of: string }>();

  // What a preview was made of, but for the reason, which changes nothing of it.
  const input = inputOf(scope, draft, changes, revision);
  const fingerprint = JSON.stringify({ ...input, reason: null, expectedRevision: null });

  const outOfTime = windowError(draft, Date.now());

  /** What keeps the draft from being sent, said; or nothing. */
  const obstacle = (): Outcome["said"] => {
    if (hasErrors || outOfTime) {
      return { kind: "error", text: "Correct what is marked first." };
    }
    if (hasConflicts) {
      return { kind: "error", text: "Choose between the two versions first." };
    }
    return changes.length ? undefined : { kind: "info", text: "Nothing is changed yet." };
  };

  const refused = (errors: UserError[]) => {
    const isStale = errors.some((error) => error.code === "STALE_REVISION");
    setOutcome({ errors: errors.filter((error) => error.code !== "STALE_REVISION") });
    if (isStale) {
      setStaleSince(revision);
      onStale();
    }
  };

  const isBusy = saver.isBusy || previewer.isBusy || isWaiting;

  const preview = async () => {
    if (isBusy) {
      return;
    }
    const said = obstacle();
    if (said) {
      return setOutcome({ said });
    }
    const { data, problem } = await previewer.ask(input);
    const found = data?.previewScopeRules;
    if (!found || found.userErrors.length) {
      setPreviewed(undefined);
      return problem ? setOutcome({ problem }) : refused(found?.userErrors ?? []);
    }
    setPreviewed({ preview: found, of: fingerprint });
    setOutcome({ warnings: found.warnings });
  };

  const save = async () => {
    if (isBusy) {
      return;
    }
    const said = obstacle();
    if (said) {
      return setOutcome({ said });
    }
    const { data, problem } = await saver.change({ input });
    if (problem) {
      return setOutcome({ problem });
    }
    const { changeSet, userErrors, warnings } = data.setScopeRules;
    if (userErrors.length) {
      return refused(userErrors);
    }
    setStaleSince(undefined);
    setPreviewed(undefined);
    const text = changeSet ? `Saved as revision ${changeSet.revision}.` : "It was so already: nothing was changed.";
    setOutcome({ warnings, said: { kind: "success", text } });
    onSaved(changeSet?.revision);
  };

  const inTime = outOfTime ? { activeUntil: [outOfTime] } : {};
  const warnings = outcome.warnings ?? [];
  const settings = new Set(Object.keys(settingsOf(changes)));
  const isAtField = ({ field }: { field?: string[] | null }) =>
    settings.has(field?.at(-1) ?? "") || ["reason", "activeFrom", "activeUntil"].includes(field?.at(-1) ?? "");
  return {
    preview,
    save,
    isBusy,
    previewed: previewed && { preview: previewed.preview, isOutdated: previewed.of !== fingerprint },
    problem: outcome.problem,
    said: outcome.said,
    errors: { ...byField(outcome.errors ?? []), ...inTime } as Record<string, string[]>,
    errorsElsewhere: outcome.errors?.filter((error) => !isAtField(error)),
    warnings: byField(warnings.filter((warning) => warning.field?.includes("settings"))),
    warningsElsewhere: warnings.filter((warning) => !warning.field?.includes("settings")),
    warningCount: warnings.length,
    staleSince,
    /** Typing goes on: what was said of the text before no longer holds. */
    forget: () => setOutcome({}),
    forgetStale: () => setStaleSince(undefined),
  };
}

export type Saving = ReturnType<typeof useSaving>;

function inputOf(scope: ScopeLike, draft: Draft, changes: Change[], revision: number): Input {
  return {
    changes: [{ scope: scopeInput(scope), settings: settingsOf(changes) }],
    expectedRevision: revision,
    reason: draft.reason.trim() || null,
    activeFrom: instantOf(draft.from),
    activeUntil: instantOf(draft.until),
  };
}

/** Asks when a button is pressed, not when something is drawn. */
function usePreviewer() {
  const client = useClient();
  const [isBusy, setBusy] = useState(false);
  const ask = async (input: Input) => {
    setBusy(true);
    const { data, error } = await client.query(PREVIEW, { input }).toPromise();
    setBusy(false);
    return { data, problem: error && problemOf(error) };
  };
  return { ask, isBusy };
}
