/** Where a product lies: quantities and statuses are changed in place, and saved together. */

import { useState } from "preact/hooks";
import { useChange, type Problem, type UserError } from "../api";
import { Dialog } from "../ui/dialog";
import { useKept } from "../ui/kept";
import { Notice, Refusal } from "../ui/notice";
import { Table } from "../ui/table";
import { SettingsForm } from "../rules/settings-form";
import { AssignSource } from "./assign-source";
import { giveUp, inputsOf, isOvertaken, isUnreadable, keep, type, withSaved, type Drafts, type ItemInput } from "./drafts";
import { SET_ITEMS, type Item } from "./product-queries";
import type { Source } from "./queries";
import { SourceRow } from "./source-row";
import { Unassign } from "./unassign";

interface Given {
  sku: string;
  items: Item[];
  sources: Source[];
  /** How often something on the page was changed. */
  changes: number;
  onChanged: () => void;
}

interface Result {
  problem?: Problem | undefined;
  errors?: UserError[] | undefined;
  done?: string | undefined;
  warnings?: { message: string }[] | undefined;
}

const isBlank = (drafts: Drafts): boolean => Object.keys(drafts).length === 0;

export function SourceItems({ sku, items: read, sources, changes, onChanged }: Given) {
  const [drafts, setDrafts] = useKept<Drafts>(`items of ${sku}`, () => ({}), isBlank);
  const [result, setResult] = useState<Result>();
  const [dialog, setDialog] = useState<{ what: "rules" | "unassign"; item: Item }>();
  const [saved, setSaved] = useState<{ inputs: ItemInput[]; over: Item[] }>();
  const { change, isBusy } = useChange(SET_ITEMS);

  const items = saved?.over === read ? withSaved(read, saved.inputs) : read;
  const inputs = inputsOf(sku, drafts, items);
  const overtaken = items.filter((item) => isOvertaken(drafts[item.source.code], item));
  const isReady = inputs.length > 0 && !overtaken.length && !Object.values(drafts).some(isUnreadable);

  const save = async () => {
    const { data, problem } = await change({ items: inputs });
    const { userErrors: errors = [], warnings } = data?.setSourceItems ?? {};
    const isDone = data !== undefined && !errors.length;
    setResult({
      problem,
      errors: errors.filter(({ code }) => code !== "STALE_QUANTITY"), // its row says both numbers
      done: isDone ? "Saved." : undefined,
      warnings: isDone ? warnings : undefined,
    });
    if (isDone) {
      setSaved({ inputs, over: read });
      setDrafts((typed) => inputs.reduce((left, { source }) => giveUp(left, source), typed));
    }
    if (isDone || errors.length) {
      onChanged();
    }
  };

  return (
    <>
      <Refusal problem={result?.problem} errors={result?.errors} />
      {result?.done && !inputs.length && (
        <Notice kind={result.warnings?.length ? "warning" : "success"} title={result.done}>
          {result.warnings?.map(({ message }) => (
            <p key={message}>{message}</p>
          ))}
        </Notice>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !isBusy) {
            void save();
          }
        }}
      >
        <Table
          caption="Source items"
          columns={["Source", "Quantity", "Status", "Notify for Quantity Below", ""]}
          empty="This product lies at no source: assign one to sell it."
        >
          {items.map((item) => (
            <SourceRow
              key={item.source.code}
              sku={sku}
              item={item}
              draft={drafts[item.source.code]}
              changes={changes}
              onType={(typed) => setDrafts((drafts) => type(drafts, item, typed))}
              onKeep={() => setDrafts((drafts) => keep(drafts, item))}
              onGiveUp={() => setDrafts((drafts) => giveUp(drafts, item.source.code))}
              onRules={() => setDialog({ what: "rules", item })}
              onUnassign={() => setDialog({ what: "unassign", item })}
            />
          ))}
        </Table>
        {items.length > 0 && (
          <div class="row middle saving">
            <button type="submit" class="primary" disabled={!isReady || isBusy}>
              {isBusy ? "Saving…" : "Save quantities"}
            </button>
            {inputs.length > 0 && (
              <button type="button" disabled={isBusy} onClick={() => setDrafts(() => ({}))}>
                Undo what was typed
              </button>
            )}
            {overtaken.length > 0 && <span class="small">Choose one of the two quantities first.</span>}
          </div>
        )}
      </form>
      <AssignSource sku={sku} items={items} sources={sources} onAssigned={onChanged} />
      {dialog?.what === "rules" && (
        <Dialog isKept title={`${sku} at ${dialog.item.source.name}`} onClose={() => setDialog(undefined)}>
          <p class="dim">Rules for this product at this source alone; they go before all others.</p>
          <SettingsForm scope={{ type: "PRODUCT_SOURCE", sku, source: dialog.item.source.code }} onSaved={onChanged} />
        </Dialog>
      )}
      {dialog?.what === "unassign" && (
        <Unassign
          sku={sku}
          item={dialog.item}
          onClose={() => setDialog(undefined)}
          onRemoved={(warnings) => {
            setResult({ done: `Unassigned from ${dialog.item.source.name}.`, warnings });
            onChanged();
          }}
        />
      )}
    </>
  );
}
