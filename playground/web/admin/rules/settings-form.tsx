/** The form of one scope: every setting that a rule may give there, and what a change of them would do. */

import { useEffect, useState } from "preact/hooks";
import { useAsk } from "../api";
import { Answer } from "../ui/answer";
import { Notice, Refusal } from "../ui/notice";
import { scopeName, type ScopeLike } from "../words";
import { Conflict, StaleNotice, lastChangeOf } from "./conflict";
import { afterSaving, changesOf, conflictsOf, fieldOf, linesOf, type Line } from "./draft";
import { scopeInput, settled, withTyped, withoutStanding } from "./draft";
import { FORM, LATER } from "./questions";
import { SavePane } from "./save-pane";
import { SettingLine } from "./setting-line";
import { useDraft } from "./use-draft";
import { useSaving } from "./use-saving";
import "./rules.css";

/** Embed it anywhere: it asks for what it shows, and says `onSaved` once rules were changed. */
export function SettingsForm({ scope, onSaved }: { scope: ScopeLike; onSaved?: () => void }) {
  return <FormOfScope key={scopeName(scope)} scope={scope} onSaved={onSaved} />;
}

function FormOfScope({ scope, onSaved }: { scope: ScopeLike; onSaved: (() => void) | undefined }) {
  const input = scopeInput(scope);
  const asked = useAsk(FORM, {
    scope: input,
    rules: { scopeType: scope.type, source: input.source, sku: input.sku },
  });
  return (
    <Answer of={asked}>
      {({ scopeSettings: form, scopeRules }) =>
        form ? (
          <Lines
            scope={scope}
            lines={linesOf(form.settings, scopeRules.nodes)}
            revision={form.revision}
            onReload={asked.again}
            onSaved={onSaved}
          />
        ) : (
          <Notice kind="error" title={`There is no ${scopeName(scope)}.`} />
        )
      }
    </Answer>
  );
}

function Lines({
  scope,
  lines,
  revision,
  onReload,
  onSaved,
}: {
  scope: ScopeLike;
  lines: Line[];
  revision: number;
  onReload: () => void;
  onSaved: (() => void) | undefined;
}) {
  const { draft, change, discard } = useDraft(scopeName(scope));
  const { changes, errors } = changesOf(lines, draft);
  // What was saved is not read again yet: the form shows the draft till then.
  const [savedAs, setSavedAs] = useState(0);
  const isWaiting = revision < savedAs;
  const conflicts = isWaiting ? [] : conflictsOf(lines, draft);
  useEffect(() => change((so) => withoutStanding(so, lines)), [revision]);
  const saving = useSaving({
    scope,
    draft,
    changes,
    revision,
    hasErrors: Object.keys(errors).length > 0,
    hasConflicts: conflicts.length > 0,
    isWaiting,
    onStale: () => {
      onReload();
      later.again();
    },
    onSaved: (made) => {
      if (draft.from || draft.until) {
        discard();
        setSavedAs(made ?? 0);
      } else {
        change((so) => afterSaving(so, changes));
        setSavedAs(made ?? revision + 1); // what changed nothing was written by somebody else, later than this was read
      }
      onReload();
      onSaved?.();
    },
  });
  const isStale = saving.staleSince !== undefined || conflicts.length > 0;
  const later = useAsk(LATER, { scope: scopeInput(scope) }, !isStale);
  const sets = (isStale && later.data?.changeSets.nodes) || [];

  return (
    <form
      class="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void saving.preview(); // Enter changes nothing
      }}
    >
      {isStale && (
        <StaleNotice
          later={sets.filter((set) => saving.staleSince !== undefined && set.revision > saving.staleSince)}
          conflicts={conflicts.length}
        />
      )}
      <Refusal problem={saving.problem} errors={saving.errorsElsewhere} />
      <div class="settings-columns">
        <div class="sheet settings">
          {lines.map((line) => {
            const { key } = line.definition;
            return (
              <SettingLine
                key={key}
                line={line}
                scope={scope}
                draft={draft}
                isChanged={changes.some((each) => each.line === line)}
                error={errors[key] ?? saving.errors[fieldOf(key)]?.join(" ")}
                warnings={saving.warnings[fieldOf(key)] ?? []}
                onInput={(input) => {
                  saving.forget();
                  change((so) => withTyped(so, line, input));
                }}
              >
                {conflicts.includes(line) && (
                  <Conflict
                    line={line}
                    draft={draft}
                    by={lastChangeOf(line, scope, sets)}
                    onSettle={(keep) => change((so) => settled(so, line, keep))}
                  />
                )}
              </SettingLine>
            );
          })}
        </div>
        <SavePane scope={scope} draft={draft} onDraft={change} changes={changes} saving={saving} onDiscard={discard} />
      </div>
    </form>
  );
}
