/** What a question shows while it is loading, when it failed, and when it was answered. */

import type { ComponentChildren } from "preact";
import type { Asked } from "../api";
import { Notice } from "./notice";

export function Answer<Data>({
  of,
  children,
}: {
  of: Asked<Data>;
  children: (data: Data) => ComponentChildren;
}) {
  return (
    <div aria-busy={of.isLoading}>
      {of.problem && (
        <Notice kind="error" title={of.problem.message}>
          <button type="button" onClick={of.again}>
            Try again
          </button>
        </Notice>
      )}
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
