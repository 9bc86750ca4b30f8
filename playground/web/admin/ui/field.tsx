/** Labelled inputs: the help and the error of each are read out with it. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Common {
  label: string;
  help?: ComponentChildren;
  error?: string | undefined;
}

function Frame({ label, help, error, id, children }: Common & { id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {help && (
        <p class="help" id={`${id}-help`}>
          {help}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

const described = (id: string, { help, error }: Common) =>
  [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;

export function TextField({
  label,
  help,
  error,
  value,
  onValue,
  type = "text",
  ...rest
}: Common & {
  value: string;
  onValue: (value: string) => void;
  type?: "text" | "search" | "password" | "datetime-local";
  autoComplete?: "off";
  inputMode?: "decimal";
  placeholder?: string;
  required?: boolean;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <Frame label={label} help={help} error={error} id={id}>
      <input
        {...rest}
        type={type as "text"} // what Preact allows beside it depends on it, and we ask for nothing of that kind
        id={id}
        value={value}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, { label, help, error })}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </Frame>
  );
}

export function SelectField({
  label,
  help,
  error,
  value,
  onValue,
  options,
  disabled,
}: Common & {
  value: string;
  onValue: (value: string) => void;
  options: { value: string; label: string }[];
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <Frame label={label} help={help} error={error} id={id}>
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-describedby={described(id, { label, help, error })}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}
