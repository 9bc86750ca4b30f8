/** The lines of a receipt, made for a keyboard or a scanner: Enter goes on to the next field, and to a new line. */

import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { TextField } from "../ui/field";
import { type Draft, draftOf, type LineErrors } from "./lines";

export function ReceiptLines({
  drafts,
  wrong,
  onDrafts,
  onWrong,
}: {
  drafts: Draft[];
  wrong: Map<number, LineErrors>;
  onDrafts: (drafts: Draft[]) => void;
  onWrong: (wrong: Map<number, LineErrors>) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  /** The place of the line to go on at, once it is there: before the next key, a scanner is fast. */
  const [next, goOnAt] = useState<number>();
  const help = useId();
  useLayoutEffect(() => {
    if (next !== undefined) {
      list.current?.querySelectorAll(".line")[next]?.querySelector("input")?.focus();
      goOnAt(undefined);
    }
  }, [next]);

  const change = (changed: Draft) => {
    onDrafts(drafts.map((draft) => (draft.id === changed.id ? changed : draft)));
    onWrong(new Map([...wrong].filter(([id]) => id !== changed.id)));
  };
  const add = () => {
    onDrafts([...drafts, draftOf("")]);
    goOnAt(drafts.length);
  };
  const remove = (place: number) => {
    onDrafts(drafts.length === 1 ? [draftOf("")] : drafts.filter((_, index) => index !== place));
    goOnAt(Math.max(place - 1, 0));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) {
      return;
    }
    event.preventDefault();
    const inputs = [...(list.current?.querySelectorAll("input") ?? [])];
    const after = inputs[inputs.indexOf(event.target) + 1];
    if (after) {
      after.focus();
    } else {
      add();
    }
  };

  return (
    <>
      <div class="lines" ref={list} role="group" aria-label="What has arrived" aria-describedby={help}>
        {drafts.map((draft, place) => (
          <div class="line receipt" key={draft.id} role="group" aria-label={`Line ${place + 1}`} onKeyDown={onKeyDown}>
            <TextField
              label="SKU"
              autoComplete="off"
              value={draft.sku}
              error={wrong.get(draft.id)?.sku}
              onValue={(sku) => change({ ...draft, sku })}
            />
            <TextField
              label="Quantity"
              inputMode="decimal"
              autoComplete="off"
              value={draft.quantity}
              error={wrong.get(draft.id)?.quantity}
              onValue={(quantity) => change({ ...draft, quantity })}
            />
            <button type="button" class="quiet" aria-label={`Remove line ${place + 1}`} onClick={() => remove(place)}>
              Remove
            </button>
          </div>
        ))}
      </div>
      <p class="actions">
        <button type="button" onClick={add}>
          Add a line
        </button>
        <span class="dim small" id={help}>
          Enter goes to the next field, and from the last one to a new line.
        </span>
      </p>
    </>
  );
}
