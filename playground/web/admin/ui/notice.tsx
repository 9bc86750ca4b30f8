/** Something to know: errors and successes are read out by screen readers as they appear. */

import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import type { Problem, UserError } from "../api";
import { problem as problemOfCode } from "../../common/problem";
import { InDialog, SignInEnd } from "./sign-in-end";

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

/** Why a request was not answered, and the way on. */
export function ProblemNotice({ problem, again }: { problem: Problem; again?: () => void }) {
  const { isOver } = useContext(SignInEnd);
  const isInDialog = useContext(InDialog);
  if (isOver || problem.code === "UNAUTHENTICATED") {
    return isInDialog ? <SignInAgain /> : null; // else the page says it at its top
  }
  return (
    <Notice kind="error" title={problem.message}>
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </Notice>
  );
}

/** The token is no more: whatever else is said is because of it. */
export function SignInAgain() {
  const { signInAgain } = useContext(SignInEnd);
  return (
    <Notice kind="error" title={problemOfCode("UNAUTHENTICATED").message}>
      <p>What you typed is still here.</p>
      <button type="button" onClick={signInAgain}>
        Sign in again
      </button>
    </Notice>
  );
}

/** What kept a change from being made, if anything did. */
export function Refusal({ problem, errors }: { problem?: Problem | undefined; errors?: UserError[] | undefined }) {
  if (problem) {
    return <ProblemNotice problem={problem} />;
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
