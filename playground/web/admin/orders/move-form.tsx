/** Lines of an order and how many of each: what shipping, canceling and refunding ask for. */

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { CodeField } from "../sources/code-field";
import type { Options } from "../sources/places";
import { TextField } from "../ui/field";
import { Notice } from "../ui/notice";
import { type Ended, Ending } from "./ending";
import { type Draft, draftOf, errorsByLine, isNone, type Line, type LineErrors, readLines } from "./lines";

/** The input that names a source. */
export interface SourceInput {
  label: string;
  options: Options;
  none: string;
  help?: string;
}

export function MoveForm({
  initial,
  verb,
  source,
  noteOf,
  send,
  isBusy,
  children,
}: {
  initial: Draft[];
  /** On the button: "Ship". */
  verb: string;
  source?: SourceInput;
  /** What to know of the line of a SKU. */
  noteOf: (sku: string) => ComponentChildren;
  send: (lines: Line[]) => Promise<Ended>;
  isBusy: boolean;
  children?: ComponentChildren;
}) {
  const [drafts, setDrafts] = useState(initial);
  const [ended, setEnded] = useState<Ended>({});
  const [wrong, setWrong] = useState(new Map<number, LineErrors>());
  const shown = source ? ["source", "quantity"] : ["quantity"];

  const submit = async () => {
    const known = [...initial.map(({ sku }) => sku), ...(source?.options ?? []).map(({ value }) => value)];
    const { lines, ids, errors } = readLines(drafts, isNone, known);
    setEnded({});
    setWrong(errors);
    if (isBusy || errors.size) {
      return;
    }
    if (!lines.length) {
      setEnded({ errors: [{ code: "EMPTY_ORDER", message: "There is a quantity at no line." }] });
      return;
    }
    const answer = await send(lines);
    const given = errorsByLine(answer.errors ?? [], ids, shown);
    setWrong(given.errors);
    setEnded({ problem: answer.problem, errors: given.rest });
  };
  const replace = (next: Draft) => {
    setDrafts(drafts.map((draft) => (draft.id === next.id ? next : draft)));
    setWrong(new Map([...wrong].filter(([id]) => id !== next.id)));
  };
  const split = (draft: Draft) =>
    setDrafts(drafts.flatMap((each) => (each.id === draft.id ? [each, draftOf(draft.sku)] : [each])));

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {children}
      <Ending ended={ended} />
      {wrong.size > 0 && <Notice kind="error" title="Nothing was changed: see the lines below." />}
      <div class="lines">
        {drafts.map((draft) => (
          <MoveLine
            key={draft.id}
            draft={draft}
            note={noteOf(draft.sku)}
            source={source}
            errors={wrong.get(draft.id) ?? {}}
            onChange={replace}
            onSplit={() => split(draft)}
          />
        ))}
      </div>
      <p class="actions">
        <button type="submit" class="primary" aria-disabled={isBusy}>
          {verb}
        </button>
        <span class="dim small" role="status">
          {isBusy ? "Sending…" : "Lines without a quantity are left out."}
        </span>
      </p>
    </form>
  );
}

function MoveLine({
  draft,
  note,
  source,
  errors,
  onChange,
  onSplit,
}: {
  draft: Draft;
  note: ComponentChildren;
  source: SourceInput | undefined;
  errors: LineErrors;
  onChange: (draft: Draft) => void;
  onSplit: () => void;
}) {
  const id = useId();
  return (
    <div class={source ? "line" : "line short"} role="group" aria-labelledby={id}>
      <p class="about">
        <strong id={id}>{draft.sku}</strong>
        <br />
        <span class="dim small">{note}</span>
      </p>
      {source && (
        <CodeField
          label={source.label}
          options={source.options}
          none={source.none}
          help={source.help}
          value={draft.source}
          error={errors.source}
          onValue={(value) => onChange({ ...draft, source: value })}
        />
      )}
      <TextField
        label="Quantity"
        inputMode="decimal"
        autoComplete="off"
        value={draft.quantity}
        error={errors.quantity}
        onValue={(quantity) => onChange({ ...draft, quantity })}
      />
      {source && (
        <button type="button" class="quiet" onClick={onSplit} aria-label={`Split ${draft.sku} over one more source`}>
          Split
        </button>
      )}
    </div>
  );
}
