/** What is on its way to whom, and what became of it. */

import "../orders/orders.css";
import { useAsk } from "../api";
import { FilterForm, useFilters } from "../orders/filters";
import { SelectField, TextField } from "../ui/field";
import { graphql } from "../../common/graphql";
import { filterOf, NAMES } from "./delivery";
import { DeliveryList } from "./delivery-list";
import { StateChoice } from "./delivery-states";
import { useNews } from "./news";
import { Head } from "./parts";
import { CHANNELS, EVENTS, optionsOf } from "./words";

const COUNTS = graphql(`
  query DeliveryCounts($pending: DeliveryFilter, $delivered: DeliveryFilter, $dead: DeliveryFilter) {
    pending: deliveries(filter: $pending, first: 1) {
      totalCount
    }
    delivered: deliveries(filter: $delivered, first: 1) {
      totalCount
    }
    dead: deliveries(filter: $dead, first: 1) {
      totalCount
    }
  }
`);

export default function Page() {
  const filters = useFilters(...NAMES);
  const filter = filterOf(filters.given);
  const { data, again } = useAsk(COUNTS, {
    pending: { ...filter, state: "PENDING" },
    delivered: { ...filter, state: "DELIVERED" },
    dead: { ...filter, state: "DEAD" },
  });
  const { tell, shown } = useNews();
  const counts = data && {
    PENDING: data.pending.totalCount,
    DELIVERED: data.delivered.totalCount,
    DEAD: data.dead.totalCount,
  };
  return (
    <>
      <Head />
      <p class="dim">
        Each event goes to each recipient and endpoint that is to be told. What fails is tried again, less and less
        often; in the end it is given up, and stays here as dead until somebody retries it.
      </p>
      <FilterForm filters={filters}>
        {(typed, chosen) => (
          <>
            <StateChoice counts={counts} {...chosen("state")} />
            <SelectField label="By" options={optionsOf(CHANNELS)} {...chosen("channel")} />
            <SelectField label="Event" options={optionsOf(EVENTS)} {...chosen("event")} />
            <TextField label="To" type="search" placeholder="Address or endpoint" {...typed("target")} />
            <TextField label="About" type="search" placeholder="SKU, order" {...typed("subject")} />
          </>
        )}
      </FilterForm>
      {shown}
      <DeliveryList key={filters.key} filter={filter} tell={tell} onChanged={again} />
    </>
  );
}
