/** One setting of a scope: its value, or the one that it inherits, and what else bears on it. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { BACKORDERS, instantName, valueName, type ScopeLike } from "../words";
import { shownIn, type Draft, type Line } from "./draft";
import { ScopeLink, windowName } from "./scope-link";

export function SettingLine({
  line,
  scope,
  draft,
  isChanged,
  error,
  warnings,
  onInput,
  children,
}: {
  line: Line;
  scope: ScopeLike;
  draft: Draft;
  isChanged: boolean;
  error: string | undefined;
  warnings: string[];
  onInput: (input: { isInherited: boolean; text: string }) => void;
  /** A conflict to settle, where there is one. */
  children?: ComponentChildren;
}) {
  const id = useId();
  const { definition, inheritedValue, inheritedFrom } = line;
  const { isInherited, text } = shownIn(line, draft);
  const system = scope.type === "GLOBAL" ? "Use system value" : "Use Config Setting";
  const described = [`${id}-from`, `${id}-help`, error && `${id}-error`, warnings.length > 0 && `${id}-warning`];
  return (
    <div class={`setting ${isChanged ? "changed" : ""}`} role="group" aria-label={definition.label}>
      <label class="setting-label" for={id}>
        {definition.label}
        {isChanged && <span class="badge info">changed</span>}
      </label>
      <div class="setting-value">
        <div class="row middle">
          <ValueInput
            id={id}
            type={definition.type}
            text={text}
            isDisabled={isInherited}
            hasError={Boolean(error)}
            described={described.filter(Boolean).join(" ")}
            onText={(typed) => onInput({ isInherited: false, text: typed })}
          />
          <label class="check">
            <input
              type="checkbox"
              checked={isInherited}
              onChange={(event) => onInput({ isInherited: event.currentTarget.checked, text })}
            />
            {system}
          </label>
          {isInherited && (
            <span class="from" id={`${id}-from`}>
              from <ScopeLink scope={inheritedFrom} />
            </span>
          )}
        </div>
        {error && (
          <p class="field-error" id={`${id}-error`}>
            {error}
          </p>
        )}
        {!isInherited && (
          <p class="from" id={`${id}-from`}>
            Without it: {valueName(inheritedValue)}, from <ScopeLink scope={inheritedFrom} />
          </p>
        )}
        <Others line={line} isInherited={isInherited} />
        {warnings.length > 0 && (
          <div class="setting-warning" id={`${id}-warning`}>
            {warnings.map((warning) => (
              <p key={warning}>{warning}</p>
            ))}
          </div>
        )}
        {children}
        <p class="help" id={`${id}-help`}>
          {definition.help}
        </p>
      </div>
    </div>
  );
}

const YES_NO = { true: "Yes", false: "No" };

function ValueInput({
  id,
  type,
  text,
  isDisabled,
  hasError,
  described,
  onText,
}: {
  id: string;
  type: Line["definition"]["type"];
  text: string;
  isDisabled: boolean;
  hasError: boolean;
  described: string;
  onText: (text: string) => void;
}) {
  const common = { id, value: text, disabled: isDisabled, "aria-describedby": described };
  if (type === "QUANTITY") {
    return (
      <input
        {...common}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        class="narrow"
        aria-invalid={hasError || undefined}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    );
  }
  return (
    <select {...common} onChange={(event) => onText(event.currentTarget.value)}>
      {Object.entries(type === "BOOLEAN" ? YES_NO : BACKORDERS).map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** Sources that say otherwise, and what is scheduled over the value. */
function Others({ line, isInherited }: { line: Line; isInherited: boolean }) {
  if (!line.inheritedBySource.length && !line.windows.length) {
    return null;
  }
  return (
    <ul class="others">
      {line.inheritedBySource.map(({ source, value, from }) => (
        <li key={source}>
          <ScopeLink scope={from} /> says <strong>{valueName(value)}</strong>
          {!isInherited && ", which this hides"}
        </li>
      ))}
      {line.windows.map(({ id, value, activeFrom, activeUntil, isRuling }) => (
        <li key={id}>
          <a href="/admin/schedules">Scheduled</a>:{" "}
          <strong>{value === null ? "no rule" : valueName(value)}</strong>{" "}
          {windowName(activeFrom, activeUntil, instantName)}
          {isRuling && <span class="badge warn">holds now</span>}
        </li>
      ))}
    </ul>
  );
}
