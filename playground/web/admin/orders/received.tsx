/** What a receipt did: the quantities as they are now, and the orders that it freed. */

import type { Ref } from "preact";
import { Notice } from "../ui/notice";
import { Table } from "../ui/table";
import { show } from "../../common/quantity";
import { orderAddress } from "./address";
import type { Receipt } from "./receive";
import { Sku } from "./sku";

export function Received({
  source,
  receipt: { sourceItems, released, releasedCount, warnings },
  ref,
}: {
  source: string;
  receipt: Receipt;
  ref: Ref<HTMLHeadingElement>;
}) {
  return (
    <section class="sheet" aria-label="What was received">
      <h2 ref={ref} tabIndex={-1}>
        Received at {source}
      </h2>
      {warnings.map((warning) => (
        <Notice key={warning.message} kind="warning" title={warning.message} />
      ))}
      <Table
        caption={`Quantities at ${source} now`}
        columns={["SKU", { title: "Quantity now", isNumber: true }, "Status"]}
        empty="Nothing is there."
      >
        {sourceItems.map(({ sku, quantity, status }) => (
          <tr key={sku}>
            <th scope="row">
              <Sku sku={sku} />
            </th>
            <td class="number">{show(quantity)}</td>
            <td>{status === "IN_STOCK" ? "In stock" : <span class="badge warn">Out of stock: not sold</span>}</td>
          </tr>
        ))}
      </Table>
      <h3>What it freed</h3>
      <Table
        caption="Orders that may ship more now"
        columns={["Order", "SKU", { title: "Freed", isNumber: true }, { title: "Still waiting", isNumber: true }]}
        empty="It freed nothing: no order waits for these goods here."
      >
        {released.map((line) => (
          <tr key={`${line.orderNumber} ${line.sku}`}>
            <th scope="row">
              <a href={orderAddress(line.orderNumber)}>{line.orderNumber}</a>
            </th>
            <td>
              <Sku sku={line.sku} />
            </td>
            <td class="number">{show(line.releasedQty)}</td>
            <td class={line.waitingQty === 0 ? "number none" : "number"}>{show(line.waitingQty)}</td>
          </tr>
        ))}
      </Table>
      {released.length < releasedCount && (
        <p class="dim">
          These are the first {released.length.toLocaleString("en")} of {releasedCount.toLocaleString("en")} lines.
        </p>
      )}
    </section>
  );
}
