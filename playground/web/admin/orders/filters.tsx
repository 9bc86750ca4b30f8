/** The filters of a list live in the address of its page: it can be kept, sent, and gone back to. */

import { useLocation } from "preact-iso";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { addressOf } from "./address";

type Values<Name extends string> = Record<Name, string>;

export interface Filters<Name extends string> {
  given: Values<Name>;
  /** Another one for every set of filters: what is paged starts again with it. */
  key: string;
  apply: (values: Values<Name>) => void;
}

export function useFilters<Name extends string>(...names: Name[]): Filters<Name> {
  const { query, path, route } = useLocation();
  const given = Object.fromEntries(names.map((name) => [name, query[name] ?? ""])) as Values<Name>;
  return {
    given,
    key: addressOf("", given),
    apply: (values) => route(addressOf(path, values)),
  };
}

interface Bound {
  value: string;
  onValue: (value: string) => void;
}

/** What is typed counts with the button or Enter, what is chosen at once. */
export function FilterForm<Name extends string>({
  filters,
  children,
}: {
  filters: Filters<Name>;
  children: (typed: (name: Name) => Bound, chosen: (name: Name) => Bound) => ComponentChildren;
}) {
  const [typed, setTyped] = useState({ key: filters.key, values: filters.given });
  // What is typed goes with another set of filters. Not by an effect: it would come after the first letters.
  const draft = typed.key === filters.key ? typed.values : filters.given;
  const bind = (isAtOnce: boolean) => (name: Name) => ({
    value: draft[name],
    onValue: (value: string) => {
      const next = { ...draft, [name]: value };
      setTyped({ key: filters.key, values: next });
      if (isAtOnce) {
        filters.apply(next);
      }
    },
  });
  const nothing = Object.fromEntries(Object.keys(draft).map((name) => [name, ""])) as Values<Name>;
  return (
    <form
      class="sheet filters"
      role="search"
      aria-label="Filters"
      onSubmit={(event) => {
        event.preventDefault();
        filters.apply(draft);
      }}
    >
      {children(bind(false), bind(true))}
      <button type="submit">Filter</button>
      {filters.key && (
        <button type="button" onClick={() => filters.apply(nothing)}>
          Clear the filters
        </button>
      )}
    </form>
  );
}
