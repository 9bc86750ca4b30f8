/** What an endpoint is told: a box for each event. */

import { useId } from "preact/hooks";
import { ALL } from "./endpoint";
import { EVENTS, type Event } from "./words";

export function EventFields({
  checked,
  error,
  onChecked,
}: {
  checked: Event[];
  error: string | undefined;
  onChecked: (checked: Event[]) => void;
}) {
  const id = useId();
  return (
    <fieldset class="events" aria-describedby={error ? `${id}-help ${id}-error` : `${id}-help`}>
      <legend>Is told of</legend>
      <p class="help" id={`${id}-help`}>
        All of them: also what a later version of the service tells.{" "}
        <button type="button" class="quiet" onClick={() => onChecked(checked.length === ALL.length ? [] : ALL)}>
          {checked.length === ALL.length ? "Clear all" : "Check all"}
        </button>
      </p>
      <div class="boxes">
        {ALL.map((event) => (
          <label key={event}>
            <input
              type="checkbox"
              checked={checked.includes(event)}
              onChange={({ currentTarget }) =>
                onChecked(currentTarget.checked ? [...checked, event] : checked.filter((each) => each !== event))
              }
            />
            {EVENTS[event]}
          </label>
        ))}
      </div>
      {error && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
