/** What a change would do to the catalogue: the counts, then the largest changes. */

import { useState } from "preact/hooks";
import { show, showSigned } from "../../common/quantity";
import { AVAILABILITY } from "../words";
import { Table } from "../ui/table";
import type { RulesPreview } from "./questions";

const SHOWN_AT_FIRST = 8;

type Impact = RulesPreview["impacts"][number];

export function Preview({ preview, isOutdated }: { preview: RulesPreview; isOutdated: boolean }) {
  const [showsAll, setShowsAll] = useState(false);
  const { affectedCount, becomeInStockCount, becomeOutOfStockCount, becomeUnlimitedCount, salableQtyDelta, impacts } =
    preview;
  const shown = showsAll ? impacts : impacts.slice(0, SHOWN_AT_FIRST);
  return (
    <section class="preview" aria-label="Preview">
      <p role="status">
        <strong>{isOutdated ? "Before your last edit: " : "Nothing is saved yet. "}</strong>
        {isOutdated ? "preview again for what it would do now." : "Saving would do this:"}
      </p>
      <dl class={`counts ${isOutdated ? "dim" : ""}`}>
        <Count title="products change" value={show(affectedCount)} />
        <Count title="come in stock" value={show(becomeInStockCount)} kind={becomeInStockCount ? "good" : ""} />
        <Count title="go out of stock" value={show(becomeOutOfStockCount)} kind={becomeOutOfStockCount ? "bad" : ""} />
        <Count title="lose their limit" value={show(becomeUnlimitedCount)} kind={becomeUnlimitedCount ? "bad" : ""} />
        <Count title="salable quantity" value={showSigned(salableQtyDelta)} />
      </dl>
      {affectedCount > 0 && (
        <>
          <Table
            caption="The largest changes"
            columns={["Product", { title: "Salable", isNumber: true }]}
            empty="No product changes."
          >
            {shown.map((impact) => (
              <Row key={`${impact.sku} ${impact.salesChannel}`} impact={impact} />
            ))}
          </Table>
          {shown.length < impacts.length && (
            <button type="button" class="quiet" onClick={() => setShowsAll(true)}>
              Show all {impacts.length}
            </button>
          )}
          <p class="help">
            Counted per sales channel, with the quantities of today.
            {impacts.length < affectedCount && ` The ${impacts.length} largest changes are listed.`}
            {becomeUnlimitedCount > 0 && " Those whose orders have no limit any more come first."}
          </p>
        </>
      )}
    </section>
  );
}

function Count({ title, value, kind = "" }: { title: string; value: string; kind?: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd class={kind}>{value}</dd>
    </div>
  );
}

function Row({ impact: { sku, salesChannel, before, after } }: { impact: Impact }) {
  return (
    <tr>
      <td>
        <a href={`/admin/products/${encodeURIComponent(sku)}`}>{sku}</a>
        <span class="dim small"> {salesChannel}</span>
      </td>
      <td class="number">
        <FromTo from={salableName(before)} to={salableName(after)} />
        {before.availability !== after.availability && (
          <span class="small dim">
            <FromTo from={AVAILABILITY[before.availability]} to={AVAILABILITY[after.availability]} />
          </span>
        )}
        {salableName(before) === salableName(after) && limitName(before) !== limitName(after) && (
          <span class="small dim">
            below zero: <FromTo from={limitName(before)} to={limitName(after)} />
          </span>
        )}
      </td>
    </tr>
  );
}

function FromTo({ from, to }: { from: string; to: string }) {
  return from === to ? (
    <span class="part">{from}</span>
  ) : (
    <>
      <span class="part">{from} →</span> <strong class="part">{to}</strong>
    </>
  );
}

function salableName({ salableQty, backorderLimit }: Impact["before"]): string {
  if (salableQty === null) {
    return "not managed";
  }
  return backorderLimit.kind === "UNLIMITED" ? "no limit" : show(salableQty);
}

function limitName({ backorderLimit: { kind, quantity } }: Impact["before"]): string {
  return kind === "UNLIMITED" ? "no limit" : kind === "NONE" ? "none" : show(quantity ?? 0);
}
