/** What is changed, why and when; previewing and saving it. */

import { TextField } from "../ui/field";
import { Notice } from "../ui/notice";
import { scopeName, valueName, type ScopeLike } from "../words";
import type { Change, Draft } from "./draft";
import { Preview } from "./preview";
import type { Saving } from "./use-saving";

export function SavePane({
  scope,
  draft,
  onDraft,
  changes,
  saving,
  onDiscard,
}: {
  scope: ScopeLike;
  draft: Draft;
  onDraft: (next: (so: Draft) => Draft) => void;
  changes: Change[];
  saving: Saving;
  onDiscard: () => void;
}) {
  const { said, previewed, errors, warningCount, warningsElsewhere } = saving;
  return (
    <section class="sheet save-pane" aria-label={`Your changes to the ${scopeName(scope)}`} tabIndex={-1}>
      <p class="pane-title">Your changes</p>
      <ChangeList changes={changes} inherited={scope.type === "GLOBAL" ? "Use system value" : "Use Config Setting"} />
      <Schedule draft={draft} onDraft={onDraft} errors={errors} />
      <TextField
        label="Reason (optional)"
        value={draft.reason}
        error={errors["reason"]?.join(" ")}
        onValue={(reason) => onDraft((so) => ({ ...so, reason }))}
      />
      {/* Buttons that wait keep the focus, which a disabled one would lose. */}
      <div class="row middle">
        <button type="submit" aria-disabled={saving.isBusy}>
          Preview
        </button>
        <button type="button" class="primary" aria-disabled={saving.isBusy} onClick={() => void saving.save()}>
          Save Config
        </button>
        {Object.keys(draft.typed).length > 0 && (
          <button
            type="button"
            class="quiet"
            aria-disabled={saving.isBusy}
            onClick={(event) => {
              if (saving.isBusy) {
                return;
              }
              event.currentTarget.closest("section")?.focus();
              saving.forget();
              saving.forgetStale();
              onDiscard();
            }}
          >
            Discard
          </button>
        )}
      </div>
      <div class="outcome">
        {said && (
          <Notice kind={said.kind} title={said.text}>
            {said.kind === "success" && (
              <p>
                <a href="/admin/history">See the history</a>, or undo it there.
              </p>
            )}
          </Notice>
        )}
        {warningCount > 0 && (
          <Notice
            kind="warning"
            title={
              warningsElsewhere.length
                ? "What may not be meant:"
                : warningCount === 1
                  ? "One warning, beside its setting."
                  : `${warningCount} warnings, beside their settings.`
            }
          >
            {warningsElsewhere.map(({ message }) => (
              <p key={message}>{message}</p>
            ))}
          </Notice>
        )}
        {previewed && <Preview {...previewed} />}
      </div>
    </section>
  );
}

function ChangeList({ changes, inherited }: { changes: Change[]; inherited: string }) {
  if (!changes.length) {
    return <p class="dim">None yet. Clear “{inherited}” beside a setting to give it a value here.</p>;
  }
  const name = (value: Change["value"]) => (value === null ? inherited : valueName(value));
  return (
    <ul class="change-list">
      {changes.map(({ line, value }) => (
        <li key={line.definition.key}>
          {line.definition.label}: <span class="dim">{name(line.own)}</span> → <strong>{name(value)}</strong>
        </li>
      ))}
    </ul>
  );
}

function Schedule({
  draft,
  onDraft,
  errors,
}: {
  draft: Draft;
  onDraft: (next: (so: Draft) => Draft) => void;
  errors: Saving["errors"];
}) {
  const isScheduled = Boolean(draft.from || draft.until);
  return (
    <details class="schedule" open={isScheduled || undefined}>
      <summary>Schedule{isScheduled && <span class="badge info">these changes only</span>}</summary>
      <p class="help">
        Without dates the changes hold always, from now on. With dates they hold in that time only, and then what stands
        here returns. Times are those of {Intl.DateTimeFormat().resolvedOptions().timeZone}.
      </p>
      <TextField
        label="From"
        type="datetime-local"
        value={draft.from}
        error={errors["activeFrom"]?.join(" ")}
        onValue={(from) => onDraft((so) => ({ ...so, from }))}
      />
      <TextField
        label="Until"
        type="datetime-local"
        value={draft.until}
        error={errors["activeUntil"]?.join(" ")}
        onValue={(until) => onDraft((so) => ({ ...so, until }))}
      />
    </details>
  );
}
