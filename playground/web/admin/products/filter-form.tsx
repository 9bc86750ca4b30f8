/** The filters above the catalogue. */

import { useEffect, useRef, useState } from "preact/hooks";
import { AVAILABILITY } from "../words";
import { SelectField, TextField } from "../ui/field";
import { filterOf, isFiltered, type Filter } from "./filter";
import type { Channel, Source } from "./queries";

const PAUSE = 300; // milliseconds without a key before the service is asked

interface Given {
  filter: Filter;
  /** `replace` where the Back button is not to return to what was before. */
  onFilter: (filter: Filter, replace?: boolean) => void;
}

export function FilterForm({ filter, onFilter, sources, channels }: Given & { sources: Source[]; channels: Channel[] }) {
  const set = (change: Partial<Filter>) => onFilter({ ...filter, ...change, cursors: [] });
  const any = (label: string) => ({ value: "", label });
  return (
    <form class="sheet row filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Search filter={filter} onFilter={onFilter} />
      <SelectField
        label="Sales channel"
        value={filter.channel || "default"}
        onValue={(channel) => set({ channel: channel === "default" ? "" : channel })}
        options={channels.map(({ code, name }) => ({ value: code, label: name }))}
      />
      <SelectField
        label="Availability"
        value={filter.availability}
        onValue={(availability) => set({ availability: availability as Filter["availability"] })}
        options={[any("Any"), ...Object.entries(AVAILABILITY).map(([value, label]) => ({ value, label }))]}
      />
      <SelectField
        label="Stock status"
        value={filter.status}
        onValue={(status) => set({ status: status as Filter["status"] })}
        options={[
          any("Any"),
          { value: "IN_STOCK", label: "In stock" },
          { value: "OUT_OF_STOCK", label: "Out of stock" },
        ]}
      />
      <SelectField
        label="Source"
        value={filter.source}
        onValue={(source) => set({ source })}
        options={[any("Any"), ...sources.map(({ code, name }) => ({ value: code, label: name }))]}
      />
      <SelectField
        label="Assigned"
        value={filter.assigned}
        onValue={(assigned) => set({ assigned: assigned as Filter["assigned"] })}
        options={[
          any("Any"),
          { value: "yes", label: "To the channel's stock" },
          { value: "no", label: "Not to it" },
        ]}
      />
      {isFiltered(filter) && (
        <button type="button" onClick={() => onFilter({ ...filterOf({}), channel: filter.channel })}>
          Clear filters
        </button>
      )}
    </form>
  );
}

/** Asks once the typing pauses; follows the address where that changes by itself. */
function Search({ filter, onFilter }: Given) {
  const [typed, setTyped] = useState(filter.search);
  const asked = useRef(filter.search);
  useEffect(() => {
    if (filter.search !== asked.current) {
      asked.current = filter.search;
      setTyped(filter.search);
    }
  }, [filter.search]);
  useEffect(() => {
    const search = typed.trim();
    if (search === asked.current) {
      return;
    }
    const timer = setTimeout(() => {
      asked.current = search;
      onFilter({ ...filter, search, cursors: [] }, true);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [typed, filter, onFilter]);
  return (
    <TextField
      label="Search"
      type="search"
      placeholder="SKU or name"
      autoComplete="off"
      value={typed}
      onValue={setTyped}
    />
  );
}
