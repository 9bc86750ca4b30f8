/** Low stock: the items at or below their notify quantity, and the rule that says so. */

import { useAsk } from "../api";
import { addressOf, productAddress } from "../orders/address";
import { FilterForm, type Filters, useFilters } from "../orders/filters";
import "../orders/orders.css";
import { Answer } from "../ui/answer";
import { emptyWords } from "../ui/empty";
import { TextField } from "../ui/field";
import { Pager, usePages } from "../ui/pager";
import { Table } from "../ui/table";
import { type ScopeLike, scopeName, valueName } from "../words";
import { graphql } from "../../common/graphql";
import { show } from "../../common/quantity";
import { CodeField } from "./code-field";
import { usePlaces } from "./places";
import { ruleAddress } from "./rule-address";

const LOW_STOCK = graphql(`
  query LowStock($filter: LowStockFilter, $after: String) {
    lowStock(filter: $filter, first: 50, after: $after) {
      nodes {
        sku
        source
        quantity
        notifyForQuantityBelow {
          value
          scope {
            type
            source
            sku
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export default function Page() {
  const filters = useFilters("source", "sku");
  const { sources } = usePlaces();
  return (
    <>
      <h1>Low stock</h1>
      <p class="dim">
        What lies at a source in a quantity at or below its “Notify for Quantity Below”. It says when to order more;
        what can be sold does not depend on it.
      </p>
      <FilterForm filters={filters}>
        {(typed, chosen) => (
          <>
            <CodeField label="Source" options={sources} none="All" {...(sources ? chosen : typed)("source")} />
            <TextField label="SKU" type="search" {...typed("sku")} />
          </>
        )}
      </FilterForm>
      <LowItems key={filters.key} filters={filters} />
    </>
  );
}

function LowItems({ filters: { given, key } }: { filters: Filters<"source" | "sku"> }) {
  const pages = usePages();
  const asked = useAsk(LOW_STOCK, {
    filter: { source: given.source || null, sku: given.sku || null },
    after: pages.after,
  });
  return (
    <Answer of={asked}>
      {({ lowStock: { nodes, pageInfo } }) => (
        <>
          <Table
            caption="Items at or below their notify quantity"
            columns={[
              "SKU",
              "Source",
              { title: "Quantity", isNumber: true },
              { title: "Notify at", isNumber: true },
              "Set by",
              "Action",
            ]}
            empty={emptyWords(
              { isFiltered: key !== "", page: pages.number, hasNextPage: pageInfo.hasNextPage },
              "Nothing is low.",
              "Nothing that fits these filters is low.",
            )}
          >
            {nodes.map((item) => (
              <tr key={`${item.sku} ${item.source}`}>
                <th scope="row">
                  <a href={productAddress(item.sku)}>{item.sku}</a>
                </th>
                <td>{item.source}</td>
                <td class="number">{show(item.quantity)}</td>
                <td class="number">{valueName(item.notifyForQuantityBelow.value)}</td>
                <td>
                  <SetBy scope={item.notifyForQuantityBelow.scope} />
                </td>
                <td>
                  <a
                    href={addressOf("/admin/receive", { source: item.source, sku: item.sku })}
                    aria-label={`Receive ${item.sku} at ${item.source}`}
                  >
                    Receive
                  </a>
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

function SetBy({ scope }: { scope: ScopeLike }) {
  const address = ruleAddress(scope);
  return address ? <a href={address}>{scopeName(scope)}</a> : <>{scopeName(scope)}</>;
}
