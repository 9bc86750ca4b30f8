/** Asks before a source item is removed. */

import { useState } from "preact/hooks";
import { show } from "../../common/quantity";
import { useChange, type Problem, type UserError } from "../api";
import { Dialog } from "../ui/dialog";
import { Refusal } from "../ui/notice";
import { REMOVE_ITEMS, type Item } from "./product-queries";

interface Given {
  sku: string;
  item: Item;
  onClose: () => void;
  onRemoved: (warnings: { message: string }[]) => void;
}

export function Unassign({ sku, item: { source, quantity }, onClose, onRemoved }: Given) {
  const [result, setResult] = useState<{ problem?: Problem | undefined; errors?: UserError[] | undefined }>();
  const { change, isBusy } = useChange(REMOVE_ITEMS);
  const remove = async () => {
    const { data, problem } = await change({ items: [{ sku, source: source.code }] });
    const errors = data?.removeSourceItems.userErrors;
    if (data && !errors?.length) {
      onRemoved(data.removeSourceItems.warnings);
      onClose();
    } else {
      setResult({ problem, errors });
    }
  };
  return (
    <Dialog title={`Unassign ${source.name}?`} onClose={onClose}>
      <Refusal problem={result?.problem} errors={result?.errors} />
      <p>
        {sku} will no longer lie at {source.name}, and the {show(quantity)} that are counted there are forgotten. Rules
        for it at this source stay.
      </p>
      <div class="row">
        <button type="button" class="primary" disabled={isBusy} onClick={() => void remove()}>
          Unassign
        </button>
        <button type="button" onClick={(event) => event.currentTarget.closest("dialog")?.close()}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
