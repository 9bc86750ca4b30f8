/** One source item as it can be changed in place. */

import { useId } from "preact/hooks";
import { parseQuantity, show } from "../../common/quantity";
import { valueName } from "../words";
import { Answer } from "../ui/answer";
import { useAskSince } from "./ask-since";
import { isOvertaken, isUnreadable, type Draft } from "./drafts";
import { AT_SOURCE, type Item } from "./product-queries";
import { origin } from "./words";

export function SourceRow({
  sku,
  item,
  draft,
  changes,
  onType,
  onKeep,
  onGiveUp,
  onRules,
  onUnassign,
}: {
  sku: string;
  item: Item;
  draft: Draft | undefined;
  changes: number;
  onType: (typed: Partial<Pick<Draft, "quantity" | "status">>) => void;
  onKeep: () => void;
  onGiveUp: () => void;
  onRules: () => void;
  onUnassign: () => void;
}) {
  const { source, quantity, status } = item;
  const id = useId();
  const isWrong = isUnreadable(draft);
  return (
    <tr class={draft ? "drafted" : undefined}>
      <th scope="row">
        {source.name} <span class="small dim">{source.code}</span>
        {!source.enabled && <span class="badge disabled">Disabled</span>}
      </th>
      <td>
        <input
          class="quantity"
          type="text"
          inputMode="decimal"
          autoComplete="off"
          aria-label={`Quantity at ${source.name}`}
          aria-invalid={isWrong || isOvertaken(draft, item) || undefined}
          aria-describedby={`${id}-said`}
          value={draft?.quantity ?? String(quantity)}
          onInput={(event) => onType({ quantity: event.currentTarget.value })}
        />
        <div id={`${id}-said`}>
          {isWrong && <p class="field-error">A number with at most four decimal places.</p>}
          {draft && isOvertaken(draft, item) && (
            <div role="alert" class="overtaken">
              <p>
                It was {show(draft.read)} when you typed; somebody has made it {show(quantity)} since.
              </p>
              <button type="button" class="quiet" disabled={isWrong} onClick={onKeep}>
                Keep my {wordOf(draft)}
              </button>{" "}
              <button type="button" class="quiet" onClick={onGiveUp}>
                Take {show(quantity)}
              </button>
            </div>
          )}
        </div>
      </td>
      <td>
        <select
          class="status"
          aria-label={`Status at ${source.name}`}
          value={draft?.status ?? status}
          onChange={(event) => onType({ status: event.currentTarget.value as Item["status"] })}
        >
          <option value="IN_STOCK">In stock</option>
          <option value="OUT_OF_STOCK">Out of stock</option>
        </select>
      </td>
      <td>
        <Notify sku={sku} source={source.code} changes={changes} />
        <button type="button" class="quiet" onClick={onRules}>
          Change<span class="unseen"> the rules at {source.name}</span>
        </button>
      </td>
      <td>
        <button type="button" class="quiet" onClick={onUnassign}>
          Unassign<span class="unseen"> {source.name}</span>
        </button>
      </td>
    </tr>
  );
}

/** The notify quantity that holds at the source, and where it comes from. */
function Notify({ sku, source, changes }: { sku: string; source: string; changes: number }) {
  const asked = useAskSince(changes, AT_SOURCE, { sku, source });
  return (
    <Answer of={asked}>
      {({ scopeSettings }) => {
        const found = scopeSettings?.settings.find(({ definition }) => definition.key === "NOTIFY_FOR_QUANTITY_BELOW");
        return (
          found && (
            <p class="notify">
              {valueName(found.effectiveValue)}
              <span class="small dim by">by {origin(found.rule?.scope ?? found.inheritedFrom)}</span>
            </p>
          )
        );
      }}
    </Answer>
  );
}

function wordOf({ quantity }: Draft): string {
  const parsed = parseQuantity(quantity ?? "");
  return parsed === null ? "quantity" : show(parsed);
}
