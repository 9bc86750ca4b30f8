/** Asks before something is done that cannot be taken back. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Outcome, UserError } from "../api";
import { Dialog } from "../ui/dialog";
import { Refusal } from "../ui/notice";

export function Question<Data>({
  title,
  verb,
  isBusy,
  ask,
  errorsOf,
  onDone,
  onClose,
  children,
}: {
  title: string;
  verb: string;
  isBusy: boolean;
  /** Do it. */
  ask: () => Promise<Outcome<Data>>;
  errorsOf: (data: Data) => UserError[];
  onDone: (data: Data) => void;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const [outcome, setOutcome] = useState<Outcome<Data>>();
  const act = async () => {
    const answered = await ask();
    if (answered.data && !errorsOf(answered.data).length) {
      onDone(answered.data);
    } else {
      setOutcome(answered);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <Refusal problem={outcome?.problem} errors={outcome?.data && errorsOf(outcome.data)} />
      {children}
      <p class="actions">
        <button type="button" class="primary" aria-disabled={isBusy} onClick={() => isBusy || void act()}>
          {verb}
        </button>
        <button type="button" onClick={(event) => event.currentTarget.closest("dialog")?.close()}>
          Cancel
        </button>
      </p>
    </Dialog>
  );
}
