/** The sum that makes a salable quantity: as a picture, in words, and with the rules that were walked for it. */

import { show, showSigned } from "../../common/quantity";
import { valueName } from "../words";
import { Table } from "../ui/table";
import { waterfallOf, type Step } from "./bars";
import type { Explained, Item, Walked } from "./product-queries";
import { explain, hidden, origin } from "./words";

export function Why({ product, stock, items }: { product: Explained; stock: string; items: Item[] }) {
  const { headline, terms, cutFrom, notes } = explain(product, { stock, items });
  const { steps, zero, end } = waterfallOf(terms.map(({ quantity }) => quantity));
  const walks = product.effectiveBackorderConfig.sources ?? [];
  return (
    <div class="why">
      {terms.length > 0 && product.salableQty !== null && (
        <ol class="sum" aria-label="The terms of the sum">
          {terms.map(({ label, detail, quantity }, index) => (
            <li key={`${label} ${index}`}>
              <span class="term">
                {label}
                {detail && <span class="small dim">{detail}</span>}
              </span>
              <Bar step={steps[index]!} zero={zero} />
              <span class="number">{showSigned(quantity)}</span>
            </li>
          ))}
          {cutFrom !== null && (
            <li class="result">
              <span class="term">Together</span>
              <Bar step={end} zero={zero} />
              <span class="number">{show(cutFrom)}</span>
            </li>
          )}
          <li class="result">
            <span class="term">
              Salable quantity
              {cutFrom !== null && <span class="small dim by">Cut off at 0: below zero nothing can be sold.</span>}
            </span>
            <Bar step={cutFrom === null ? end : { from: zero, size: 0, isNegative: false }} zero={zero} />
            <strong class="number">{show(product.salableQty)}</strong>
          </li>
        </ol>
      )}
      <p>
        <strong>{headline}</strong>
      </p>
      {notes.length > 0 && (
        <ul class="notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {walks.length > 0 && (
        <>
          <h4>The rules at each source</h4>
          <Table caption="The rules at each source" columns={["Source", "Backorders", "Out-of-Stock Threshold"]} empty="">
            {walks.map(({ source, counts, backorders, outOfStockThreshold }) => (
              <tr key={source}>
                <th scope="row">
                  {items.find((item) => item.source.code === source)?.source.name ?? source}
                  {!counts && <span class="small dim"> does not count</span>}
                </th>
                <Value of={backorders} />
                <Value of={outOfStockThreshold} />
              </tr>
            ))}
          </Table>
        </>
      )}
    </div>
  );
}

function Value({ of: { value, scope, overridden } }: { of: Walked }) {
  return (
    <td>
      {valueName(value)}
      <span class="small dim by">{[`by ${origin(scope)}`, hidden(overridden)].filter(Boolean).join("; ")}</span>
    </td>
  );
}

/** What a term adds or takes away, beside its number: what takes away is hatched. */
function Bar({ step: { from, size, isNegative }, zero }: { step: Step; zero: number }) {
  return (
    <span class="track" aria-hidden="true">
      <span class={isNegative ? "bar minus" : "bar plus"} style={{ left: `${from}%`, width: `${size}%` }} />
      <span class="zero" style={{ left: `${zero}%` }} />
    </span>
  );
}
