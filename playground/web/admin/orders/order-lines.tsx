/** The lines of an order, in numbers. */

import { Table } from "../ui/table";
import { show } from "../../common/quantity";
import type { OrderLine } from "./order-query";
import { Sku } from "./sku";

const COLUMNS = [
  { title: "Ordered", of: "orderedQty" },
  { title: "Open", of: "openQty" },
  { title: "May ship now", of: "shippableQty" },
  { title: "Waits now", of: "backorderedQty" },
  { title: "Shipped", of: "shippedQty" },
  { title: "Canceled", of: "canceledQty" },
  { title: "Refunded", of: "refundedQty" },
] as const;

export function OrderLines({ lines }: { lines: OrderLine[] }) {
  return (
    <section>
      <h2>Lines</h2>
      <Table
        caption="Lines of the order"
        columns={["SKU", ...COLUMNS.map(({ title }) => ({ title, isNumber: true }))]}
        empty="There are no lines."
      >
        {lines.map((line) => (
          <tr key={line.id}>
            <th scope="row">
              <Sku sku={line.sku} />
            </th>
            {COLUMNS.map(({ of }) => (
              <td key={of} class={line[of] === 0 ? "number none" : "number"}>
                {show(line[of])}
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}
