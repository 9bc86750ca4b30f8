/** Asks before a change set is undone, and says why one cannot be. */

import { useRef, useState } from "preact/hooks";
import { useChange, type Problem, type UserError } from "../api";
import { graphql, type ResultOf } from "../../common/graphql";
import { Dialog } from "../ui/dialog";
import { TextField } from "../ui/field";
import { Refusal } from "../ui/notice";
import { Changes, type ChangeSet, type Labels } from "./change-set";

const REVERT = graphql(`
  mutation RevertChangeSet($revision: Int!, $reason: String) {
    revertChangeSet(revision: $revision, reason: $reason) {
      changeSet {
        revision
      }
      warnings {
        code
        message
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export interface Undone {
  revision: number;
  /** The revision that undid it. */
  wrote: number | undefined;
  warnings: ResultOf<typeof REVERT>["revertChangeSet"]["warnings"];
}

export function Undo({
  set,
  labels,
  onUndone,
  onClose,
}: {
  set: ChangeSet;
  labels: Labels;
  onUndone: (undone: Undone) => void;
  onClose: () => void;
}) {
  const { revision } = set;
  const [reason, setReason] = useState("");
  const [refusal, setRefusal] = useState<{ problem?: Problem; errors?: UserError[] }>({});
  const { change, isBusy } = useChange(REVERT);
  const button = useRef<HTMLButtonElement>(null);

  const undo = async () => {
    const { data, problem } = await change({ revision, reason: reason.trim() || null });
    if (problem) {
      return setRefusal({ problem });
    }
    const { changeSet, warnings, userErrors } = data.revertChangeSet;
    if (userErrors.length) {
      return setRefusal({ errors: userErrors });
    }
    onUndone({ revision, wrote: changeSet?.revision, warnings });
  };

  const atReason = (error: UserError) => error.field?.at(-1) === "reason";
  return (
    <Dialog title={`Undo revision ${revision}?`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          button.current?.focus(); // Enter in the reason undoes nothing yet
        }}
      >
        <p>Each value goes back from “After” to “Before”, as a new revision that can be undone too.</p>
        <Changes of={set} labels={labels} />
        <Refusal problem={refusal.problem} errors={refusal.errors?.filter((error) => !atReason(error))} />
        <TextField
          label="Reason (optional)"
          value={reason}
          error={refusal.errors?.find(atReason)?.message}
          onValue={setReason}
        />
        <div class="row middle">
          <button ref={button} type="button" class="primary" disabled={isBusy} onClick={() => void undo()}>
            Undo revision {revision}
          </button>
          <button type="button" onClick={(event) => event.currentTarget.closest("dialog")?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
