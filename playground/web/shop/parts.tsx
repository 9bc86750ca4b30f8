/** The small parts that several pages show. */

import type { CombinedError } from "@urql/core";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { problemOf } from "../common/problem";
import { show } from "../common/quantity";
import type { Salability } from "./documents";
import { insteadOf, labelsOf, type Stand } from "./wording";

/** What can be said of a product at a glance. */
export function Labels({ of }: { of: Stand }) {
  return (
    <span class="labels">
      {labelsOf(of).map(({ text, tone }) => (
        <span key={text} class={`label ${tone}`}>
          {text}
        </span>
      ))}
    </span>
  );
}

export function QuantityField({
  of,
  label = "Quantity",
  text,
  onText,
  error,
  disabled = false,
}: {
  /** The product, where the page has several: said to those who cannot see where the field stands. */
  of?: string;
  label?: string;
  text: string;
  onText: (text: string) => void;
  error?: string | undefined;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div class="quantity">
      <label for={id}>
        {label}
        {of && <span class="unseen"> of {of}</span>}
      </label>
      <input
        id={id}
        type="text" // a number field would drop what it cannot read, and round what it can
        inputMode="decimal"
        autoComplete="off"
        value={text}
        disabled={disabled}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      {error && (
        <p class="wrong" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** What the service says of a quantity, in its own sentences; undefined while it has not said it yet. */
export function Verdict({ on, onTake }: { on: Salability | undefined; onTake: (quantity: number) => void }) {
  const instead = on && insteadOf(on);
  return (
    <div class="verdict" role="status">
      {on?.notice && <p class="late">{on.notice}</p>}
      {on?.errors.map(({ code, message }) => (
        <p key={code} class="wrong">
          {message}
        </p>
      ))}
      {instead && (
        <button type="button" onClick={() => onTake(instead)}>
          Take {show(instead)}
        </button>
      )}
    </div>
  );
}

/** A question that was not answered, with the way to ask it again. */
export function Trouble({ error, again }: { error: CombinedError; again: () => void }) {
  const { code, message: said } = problemOf(error);
  const message = code === "OFFLINE" ? "The shop cannot be reached." : said;
  return (
    <Notice kind="bad" title={message}>
      <button type="button" onClick={again}>
        Try again
      </button>
    </Notice>
  );
}

export function Notice({
  kind,
  title,
  children,
}: {
  kind: "good" | "bad" | "info";
  title: string;
  children?: ComponentChildren;
}) {
  return (
    <div class={`notice ${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  );
}
