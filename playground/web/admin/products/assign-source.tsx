/** A source item where there is none yet. */

import { useState } from "preact/hooks";
import { parseQuantity } from "../../common/quantity";
import { useChange, type Problem, type UserError } from "../api";
import { SelectField, TextField } from "../ui/field";
import { useKept } from "../ui/kept";
import { Notice, Refusal } from "../ui/notice";
import { SET_ITEMS, type Item } from "./product-queries";
import type { Source } from "./queries";

interface Given {
  sku: string;
  items: Item[];
  sources: Source[];
  onAssigned: () => void;
}

interface Draft {
  isOpen: boolean;
  source: string;
  typed: string;
}

const CLOSED: Draft = { isOpen: false, source: "", typed: "0" };

const isBlank = ({ source, typed }: Draft): boolean => !source && typed === CLOSED.typed;

export function AssignSource({ sku, items, sources, onAssigned }: Given) {
  const [{ isOpen, source, typed }, type] = useKept(`assignment of ${sku}`, () => CLOSED, isBlank);
  const [error, setError] = useState<string>();
  const [result, setResult] = useState<{ problem?: Problem | undefined; errors?: UserError[]; done?: string; warnings?: string[] }>();
  const { change, isBusy } = useChange(SET_ITEMS);
  const free = sources.filter(({ code }) => !items.some((item) => item.source.code === code));
  const chosen = free.find(({ code }) => code === source) ?? free[0];

  const assign = async (chosen: Source) => {
    const quantity = parseQuantity(typed);
    setError(quantity === null ? "A number with at most four decimal places." : undefined);
    if (quantity === null) {
      return;
    }
    // A new item has 0: another quantity means that somebody else has assigned it meanwhile.
    const { data, problem } = await change({ items: [{ sku, source: chosen.code, quantity, expectedQuantity: 0 }] });
    const errors = data?.setSourceItems.userErrors ?? [];
    if (!data || errors.length) {
      setResult({ problem, errors });
      return;
    }
    const warnings = data.setSourceItems.warnings.map(({ message }) => message);
    setResult({ done: `Assigned to ${chosen.name}.`, warnings });
    type(() => CLOSED);
    onAssigned();
  };

  return (
    <div class="assign">
      {result?.done && (
        <Notice kind={result.warnings?.length ? "warning" : "success"} title={result.done}>
          {result.warnings?.map((message) => (
            <p key={message}>{message}</p>
          ))}
        </Notice>
      )}
      <Refusal problem={result?.problem} errors={result?.errors} />
      {!free.length ? (
        <p class="small dim">It is assigned to every source.</p>
      ) : !isOpen || !chosen ? (
        <button
          type="button"
          onClick={() => {
            setResult(undefined);
            type((so) => ({ ...so, isOpen: true }));
          }}
        >
          Assign source
        </button>
      ) : (
        <form
          class="row"
          aria-label="Assign source"
          onSubmit={(event) => {
            event.preventDefault();
            void assign(chosen);
          }}
        >
          <SelectField
            label="Source"
            value={chosen.code}
            onValue={(source) => type((so) => ({ ...so, source }))}
            options={free.map(({ code, name }) => ({ value: code, label: name }))}
          />
          <div class="narrow">
            <TextField
              label="Quantity on hand"
              inputMode="decimal"
              autoComplete="off"
              error={error}
              value={typed}
              onValue={(typed) => type((so) => ({ ...so, typed }))}
            />
          </div>
          <button type="submit" class="primary" disabled={isBusy}>
            Assign
          </button>
          <button type="button" disabled={isBusy} onClick={() => type(() => CLOSED)}>
            Cancel
          </button>
        </form>
      )}
    </div>
  );
}
