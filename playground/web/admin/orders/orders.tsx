/** The orders, newest first. */

import { useAsk } from "../api";
import { CodeField } from "../sources/code-field";
import { usePlaces } from "../sources/places";
import { Answer } from "../ui/answer";
import { emptyWords } from "../ui/empty";
import { SelectField, TextField } from "../ui/field";
import { Pager, usePages } from "../ui/pager";
import { Table } from "../ui/table";
import { instantName } from "../words";
import { graphql, type VariablesOf } from "../../common/graphql";
import { instantOf, orderAddress } from "./address";
import { FilterForm, type Filters, useFilters } from "./filters";
import "./orders.css";
import { HoldBadge, ORDER_STATUS, PAYMENT_STATUS, StatusBadge } from "./status";

const ORDERS = graphql(`
  query Orders($filter: OrderFilter, $after: String) {
    orders(filter: $filter, first: 50, after: $after) {
      nodes {
        number
        placedAt
        salesChannel
        status
        paymentStatus
        shippingHold
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

type Name = "number" | "status" | "hold" | "sku" | "channel" | "from" | "until";

const STATUSES = [
  { value: "", label: "Any" },
  ...Object.entries(ORDER_STATUS).map(([value, label]) => ({ value, label })),
];
const HOLDS = [
  { value: "", label: "All orders" },
  { value: "yes", label: "Orders that wait" },
  { value: "no", label: "Orders that do not wait" },
];

export default function Page() {
  const filters = useFilters("number", "status", "hold", "sku", "channel", "from", "until");
  const { salesChannels } = usePlaces();
  return (
    <>
      <h1>Orders</h1>
      <FilterForm filters={filters}>
        {(typed, chosen) => (
          <>
            <TextField label="Number" type="search" {...typed("number")} />
            <TextField label="SKU" type="search" {...typed("sku")} />
            <SelectField label="Status" options={STATUSES} {...chosen("status")} />
            <SelectField label="Shipping hold" options={HOLDS} {...chosen("hold")} />
            <CodeField
              label="Sales channel"
              options={salesChannels}
              none="Any"
              {...(salesChannels ? chosen : typed)("channel")}
            />
            <TextField label="Placed from" type="datetime-local" {...typed("from")} />
            <TextField label="Placed before" type="datetime-local" {...typed("until")} />
          </>
        )}
      </FilterForm>
      <OrderList key={filters.key} filters={filters} />
    </>
  );
}

function OrderList({ filters }: { filters: Filters<Name> }) {
  const pages = usePages();
  const asked = useAsk(ORDERS, { filter: filterOf(filters.given), after: pages.after });
  return (
    <Answer of={asked}>
      {({ orders: { nodes, pageInfo } }) => (
        <>
          <Table
            caption="Orders"
            columns={["Number", "Placed", "Sales channel", "Status", "Payment", "On hold"]}
            empty={emptyWords(
              { isFiltered: filters.key !== "", page: pages.number, hasNextPage: pageInfo.hasNextPage },
              "There are no orders yet.",
              "No order fits these filters.",
            )}
          >
            {nodes.map((order) => (
              <tr key={order.number}>
                <th scope="row" class="whole">
                  <a href={orderAddress(order.number)}>{order.number}</a>
                </th>
                <td class="whole">{instantName(order.placedAt)}</td>
                <td>{order.salesChannel}</td>
                <td>
                  <StatusBadge status={order.status} />
                </td>
                <td>{PAYMENT_STATUS[order.paymentStatus]}</td>
                <td>
                  <HoldBadge isOnHold={order.shippingHold} />
                </td>
              </tr>
            ))}
          </Table>
          <Pager pages={pages} info={pageInfo} />
        </>
      )}
    </Answer>
  );
}

/** The filter of the API; what an address gives that is no such filter is left out. */
function filterOf(given: Record<Name, string>): NonNullable<VariablesOf<typeof ORDERS>["filter"]> {
  return {
    number: given.number || null,
    sku: given.sku || null,
    salesChannel: given.channel || null,
    status: Object.hasOwn(ORDER_STATUS, given.status) ? (given.status as keyof typeof ORDER_STATUS) : null,
    shippingHold: given.hold === "yes" || (given.hold === "no" ? false : null),
    placedFrom: instantOf(given.from),
    placedUntil: instantOf(given.until),
  };
}
