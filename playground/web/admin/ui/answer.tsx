/** What a question shows while it is loading, when it failed, and when it was answered. */

import type { ComponentChildren } from "preact";
import type { Asked } from "../api";
import { ProblemNotice } from "./notice";

export function Answer<Data>({
  of,
  children,
}: {
  of: Asked<Data>;
  children: (data: Data) => ComponentChildren;
}) {
  return (
    <div aria-busy={of.isLoading}>
      {of.problem && <ProblemNotice problem={of.problem} again={of.again} />}
      {of.data === undefined
        ? of.isLoading && (
            <p class="loading" role="status">
              Loading…
            </p>
          )
        : children(of.data)}
    </div>
  );
}
