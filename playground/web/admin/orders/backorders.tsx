/** The queue: every line that waits for stock, the oldest placement first. */

import { useAsk } from "../api";
import { CodeField } from "../sources/code-field";
import { usePlaces } from "../sources/places";
import { Answer } from "../ui/answer";
import { emptyWords } from "../ui/empty";
import { TextField } from "../ui/field";
import { Pager, usePages } from "../ui/pager";
import { Table } from "../ui/table";
import { instantName } from "../words";
import { graphql } from "../../common/graphql";
import { show } from "../../common/quantity";
import { orderAddress } from "./address";
import { FilterForm, type Filters, useFilters } from "./filters";
import "./orders.css";
import { Sku } from "./sku";

const BACKORDERS = graphql(`
  query Backorders($filter: BackorderFilter, $after: String) {
    backorders(filter: $filter, first: 50, after: $after) {
      nodes {
        orderNumber
        sku
        stock
        waitingQty
        placedAt
        position
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export default function Page() {
  const filters = useFilters("sku", "stock");
  const { stocks } = usePlaces();
  return (
    <>
      <h1>Backorders</h1>
      <p class="dim">
        What was sold and waits for stock. Stock that arrives goes to the oldest order first; a position counts the
        lines of one SKU and stock.
      </p>
      <FilterForm filters={filters}>
        {(typed, chosen) => (
          <>
            <TextField label="SKU" type="search" {...typed("sku")} />
            <CodeField label="Stock" options={stocks} none="Any" {...(stocks ? chosen : typed)("stock")} />
          </>
        )}
      </FilterForm>
      <Queue key={filters.key} filters={filters} />
    </>
  );
}

function Queue({ filters: { given, key } }: { filters: Filters<"sku" | "stock"> }) {
  const pages = usePages();
  const asked = useAsk(BACKORDERS, {
    filter: { sku: given.sku || null, stock: given.stock || null },
    after: pages.after,
  });
  return (
    <Answer of={asked}>
      {({ backorders: { nodes, pageInfo } }) => (
        <>
          <Table
            caption="Lines that wait for stock"
            columns={[
              "Order",
              "SKU",
              "Stock",
              { title: "Waiting", isNumber: true },
              { title: "Position", isNumber: true },
              "Placed",
            ]}
            empty={emptyWords(
              { isFiltered: key !== "", page: pages.number, hasNextPage: pageInfo.hasNextPage },
              "Nothing waits for stock.",
              "Nothing that fits these filters waits for stock.",
            )}
          >
            {nodes.map((line) => (
              <tr key={`${line.orderNumber} ${line.sku}`}>
                <th scope="row" class="whole">
                  <a href={orderAddress(line.orderNumber)}>{line.orderNumber}</a>
                </th>
                <td>
                  <Sku sku={line.sku} />
                </td>
                <td>{line.stock}</td>
                <td class="number">{show(line.waitingQty)}</td>
                <td class="number">{line.position}</td>
                <td class="whole">{instantName(line.placedAt)}</td>
              </tr>
            ))}
          </Table>
          <Pager pages={pages} info={pageInfo} />
        </>
      )}
    </Answer>
  );
}
