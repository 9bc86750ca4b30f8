/** Something to know: errors and successes are read out by screen readers as they appear. */

import type { ComponentChildren } from "preact";
import type { Problem, UserError } from "../api";

export function Notice({
  kind,
  title,
  children,
}: {
  kind: "error" | "warning" | "success" | "info";
  title: ComponentChildren;
  children?: ComponentChildren;
}) {
  return (
    <div class={`notice ${kind}`} role={kind === "error" ? "alert" : "status"}>
      <p class="notice-title">{title}</p>
      {children}
    </div>
  );
}

/** What kept a change from being made, if anything did. */
export function Refusal({ problem, errors }: { problem?: Problem | undefined; errors?: UserError[] | undefined }) {
  if (problem) {
    return <Notice kind="error" title={problem.message} />;
  }
  if (!errors?.length) {
    return null;
  }
  return (
    <Notice kind="error" title={errors.length === 1 ? errors[0]!.message : "Nothing was changed:"}>
      {errors.length > 1 && (
        <ul>
          {errors.map((each) => (
            <li key={each.message}>{each.message}</li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
