/** Two people changed the same settings: who was faster, and which value shall stand. */

import { Notice } from "../ui/notice";
import { valueName, type ScopeLike } from "../words";
import { valueOf, type Draft, type Line } from "./draft";
import type { ChangeSetOfScope } from "./questions";

/** The choice beside one setting. */
export function Conflict({
  line,
  draft,
  by,
  onSettle,
}: {
  line: Line;
  draft: Draft;
  by: ChangeSetOfScope | undefined;
  onSettle: (keep: "mine" | "theirs") => void;
}) {
  const typed = draft.typed[line.definition.key]!;
  const mine = typed.isInherited ? null : valueOf(line.definition, typed.text).value;
  return (
    <div class="conflict" role="group" aria-label={`Two versions of ${line.definition.label}`}>
      <div>
        <p>
          Yours: <strong>{mine === undefined ? typed.text : ruleName(mine)}</strong>
        </p>
        <button type="button" onClick={() => onSettle("mine")}>
          Keep mine
        </button>
      </div>
      <div>
        <p>
          Theirs: <strong>{ruleName(line.own)}</strong>
          {by && `, by ${by.actor} in revision ${by.revision}`}
        </p>
        <button type="button" onClick={() => onSettle("theirs")}>
          Take theirs
        </button>
      </div>
    </div>
  );
}

const ruleName = (value: Line["own"]) => (value === null ? "no rule (inherited)" : valueName(value));

/** Said above the form, once a save was refused. */
export function StaleNotice({ later, conflicts }: { later: ChangeSetOfScope[]; conflicts: number }) {
  const who = later.map(({ actor, revision }) => `${actor} (revision ${revision})`).join(", ");
  return (
    <Notice
      kind="warning"
      title={`Not saved yet: these rules have changed meanwhile${who && `, by ${who}`}. What you typed is still here.`}
    >
      <p>
        {conflicts
          ? `Choose a version of ${conflicts === 1 ? "one setting" : `${conflicts} settings`} below, then save again.`
          : "None of your settings stands against it now. Look through the form, then save again."}
      </p>
    </Notice>
  );
}

/** The change set that gave a setting of this scope the plain value that it has. */
export const lastChangeOf = (line: Line, { type, source, sku }: ScopeLike, sets: ChangeSetOfScope[]) =>
  sets.find(({ changes }) =>
    changes.some(
      (change) =>
        change.setting === line.definition.key &&
        change.scope.type === type &&
        change.scope.source === (source ?? null) &&
        change.scope.sku === (sku ?? null) &&
        !change.activeFrom &&
        !change.activeUntil,
    ),
  );
