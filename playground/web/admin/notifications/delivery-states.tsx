/** The states of deliveries with how many there are: choosing one shows those. */

import { STATES, type State } from "./words";

export function StateChoice({
  counts,
  value,
  onValue,
}: {
  /** undefined until they are known. */
  counts: Record<State, number> | undefined;
  value: string;
  onValue: (value: string) => void;
}) {
  const all = counts && Object.values(counts).reduce((sum, count) => sum + count, 0);
  const states = Object.entries(STATES).map(([state, label]) => ({ state, label, count: counts?.[state as State] }));
  return (
    <div class="states" role="group" aria-label="State">
      {[{ state: "", label: "All", count: all }, ...states].map(({ state, label, count }) => (
        <button key={state} type="button" aria-pressed={state === value} onClick={() => onValue(state)}>
          {label} {count !== undefined && <span class="count">{count.toLocaleString("en")}</span>}
        </button>
      ))}
    </div>
  );
}
