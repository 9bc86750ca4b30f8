/** What has left for an order, and what was paid back. */

import { show } from "../../common/quantity";
import { instantName } from "../words";
import type { Order } from "./order-query";

interface Moved {
  id: string;
  createdAt: string;
  lines: { sku: string; quantity: number; where: string }[];
}

export function Movements({ order }: { order: Order }) {
  const shipments = order.shipments.map(({ id, createdAt, lines }) => ({
    id,
    createdAt,
    lines: lines.map((line) => ({ ...line, where: line.source ? `from ${line.source}` : "" })),
  }));
  const refunds = order.refunds.map(({ id, createdAt, lines }) => ({
    id,
    createdAt,
    lines: lines.map((line) => ({
      ...line,
      where: line.returnedToSource ? `back to ${line.returnedToSource}` : "not back to stock",
    })),
  }));
  return (
    <div class="columns movements">
      <MovementList title="Shipments" none="Nothing has left yet." list={shipments} />
      <MovementList title="Refunds" none="Nothing was refunded." list={refunds} />
    </div>
  );
}

function MovementList({ title, none, list }: { title: string; none: string; list: Moved[] }) {
  return (
    <section class="sheet" aria-label={title}>
      <h2>{title}</h2>
      {list.length === 0 && <p class="dim">{none}</p>}
      <ol class="plain">
        {list.map(({ id, createdAt, lines }) => (
          <li key={id}>
            <time class="dim small" dateTime={createdAt}>
              {instantName(createdAt)}
            </time>
            <ul class="plain">
              {lines.map((line, place) => (
                <li key={place}>
                  {show(line.quantity)} {line.sku} <span class="dim">{line.where}</span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </section>
  );
}
