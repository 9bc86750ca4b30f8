/** What of an order waits for stock, and its places in the queue. */

import { useAsk } from "../api";
import { graphql } from "../../common/graphql";
import { show } from "../../common/quantity";
import { addressOf } from "./address";
import type { Order, OrderLine } from "./order-query";
import { Sku } from "./sku";

const QUEUE = graphql(`
  query Queue($sku: String!, $stock: String!) {
    backorders(filter: { sku: $sku, stock: $stock }, first: 250) {
      nodes {
        orderNumber
        position
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export function Waiting({ order }: { order: Order }) {
  return (
    <section class="notice warning">
      <h2>Waits for stock</h2>
      <ul class="plain">
        {order.lines
          .filter((line) => line.backorderedQty > 0)
          .map((line) => (
            <li key={line.id}>
              <WaitingLine order={order} line={line} />
            </li>
          ))}
      </ul>
    </section>
  );
}

function WaitingLine({ order, line }: { order: Order; line: OrderLine }) {
  const { data } = useAsk(QUEUE, { sku: line.sku, stock: order.stock });
  const place = data?.backorders.nodes.find(({ orderNumber }) => orderNumber === order.number);
  const isFarBehind = data?.backorders.pageInfo.hasNextPage && !place;
  const queue = addressOf("/admin/backorders", { sku: line.sku, stock: order.stock });
  return (
    <>
      <Sku sku={line.sku} />: {show(line.backorderedQty)} of {show(line.orderedQty)} wait for stock
      {place && <>, position {place.position}</>}
      {isFarBehind && <>, behind more than 250 others</>}
      {(place || isFarBehind) && (
        <>
          {" "}
          in <a href={queue}>the queue</a>
        </>
      )}
      .
    </>
  );
}
