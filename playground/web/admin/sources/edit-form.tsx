/** The frame of a form in a dialog: why it was not saved, its inputs, its button. */

import type { ComponentChildren } from "preact";
import type { Problem, UserError } from "../api";
import { Refusal } from "../ui/notice";

export function EditForm({
  verb,
  isBusy,
  problem,
  errors,
  onSubmit,
  children,
}: {
  verb: string;
  isBusy: boolean;
  problem: Problem | undefined;
  /** Those that no input shows. */
  errors: UserError[];
  onSubmit: () => Promise<void>;
  children: ComponentChildren;
}) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) {
          void onSubmit();
        }
      }}
    >
      <Refusal problem={problem} errors={errors} />
      {children}
      <p class="actions">
        <button type="submit" class="primary" aria-disabled={isBusy}>
          {verb}
        </button>
        <span class="dim small" role="status">
          {isBusy ? "Saving…" : ""}
        </span>
      </p>
    </form>
  );
}
