/** A page of the catalogue: where each product lies, and how many of it every sales channel can sell. */

import type { ComponentChildren } from "preact";
import { show } from "../../common/quantity";
import { Notice } from "../ui/notice";
import { Table } from "../ui/table";
import { AvailabilityBadge, SalableQty } from "./availability";
import { LIST } from "./filter";
import { useOtherChannels } from "./other-channels";
import type { Item } from "./product-queries";
import type { Channel, ProductRow } from "./queries";

/** More columns than these nobody reads; the select above the grid brings each of the others to the front. */
const MOST_CHANNELS = 5;

export const productAddress = (sku: string): string => `${LIST}/${encodeURIComponent(sku)}`;

export function Grid({
  rows,
  channel,
  channels,
  empty,
}: {
  rows: ProductRow[];
  /** The one whose eyes the rows were asked with. */
  channel: string;
  channels: Channel[];
  empty: ComponentChildren;
}) {
  const own = channels.find(({ code }) => code === channel);
  const all = channels.filter(({ code }) => code !== channel);
  const others = all.slice(0, MOST_CHANNELS - 1);
  const { answers, failed, again } = useOtherChannels(
    rows.map(({ sku }) => sku),
    others.map(({ code }) => code),
  );
  const columns = [
    "SKU",
    "Name",
    "On hand",
    { title: `Salable: ${own?.name ?? channel}`, isNumber: true },
    "Availability",
    ...others.map(({ name }) => ({ title: `Salable: ${name}`, isNumber: true })),
  ];
  return (
    <div class="catalogue">
      {failed.length > 0 && (
        <Notice kind="error" title={`These sales channels could not be asked: ${failed.join(", ")}.`}>
          <button type="button" onClick={again}>
            Try again
          </button>
        </Notice>
      )}
      <Table caption="The catalogue" columns={columns} empty={empty}>
        {rows.map((row) => (
          <tr key={row.sku}>
            <th scope="row">
              <a href={productAddress(row.sku)}>{row.sku}</a>
            </th>
            <td class="name">{row.name}</td>
            <td>
              <OnHand items={row.sourceItems ?? []} />
            </td>
            <td class="number">
              <SalableQty of={row} />
            </td>
            <td>
              <AvailabilityBadge of={row.availability} />
            </td>
            {others.map(({ code }) => {
              const answer = answers.get(code)?.get(row.sku);
              return (
                <td key={code} class="number">
                  {answer ? <SalableQty of={answer} /> : <span class="dim">{failed.includes(code) ? "?" : "…"}</span>}
                </td>
              );
            })}
          </tr>
        ))}
      </Table>
      {all.length > others.length && (
        <p class="small dim">{all.length - others.length} more sales channels: choose one above to see its numbers.</p>
      )}
    </div>
  );
}

function OnHand({ items }: { items: Item[] }) {
  if (!items.length) {
    return <span class="dim">at no source</span>;
  }
  return (
    <ul class="on-hand">
      {items.map(({ source, quantity, status }) => (
        <li key={source.code}>
          <span>{source.name}</span> <span class="number">{show(quantity)}</span>{" "}
          {status === "OUT_OF_STOCK" ? (
            <span class="badge bad">Out of stock</span>
          ) : (
            !source.enabled && <span class="badge disabled">Disabled</span>
          )}
        </li>
      ))}
    </ul>
  );
}
