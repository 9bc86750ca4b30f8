/** How a call ended that is made once, where it did not end well. */

import type { Problem, UserError } from "../api";
import { Notice, Refusal } from "../ui/notice";

export interface Ended {
  problem?: Problem | undefined;
  errors?: UserError[];
}

/** Why nothing happened; but a key that was used means that the attempt whose answer was lost did something. */
export function Ending({ ended: { problem, errors } }: { ended: Ended }) {
  if (errors?.some((error) => error.code === "IDEMPOTENCY_KEY_REUSED")) {
    return (
      <Notice kind="warning" title="The attempt whose answer was lost took effect, with what stood here then.">
        <p>Look at what it did first: what you send now comes on top.</p>
      </Notice>
    );
  }
  return <Refusal problem={problem} errors={errors} />;
}
