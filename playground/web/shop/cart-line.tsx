/** One line of the cart, with what the service says of it and the way out where it cannot be had. */

import { useState } from "preact/hooks";
import { parseQuantity, show } from "../common/quantity";
import type { Line } from "./cart";
import type { Salability } from "./documents";
import { QuantityField, Verdict } from "./parts";

export function CartLine({
  line,
  verdict,
  isLocked,
  onQuantity,
  onRemove,
}: {
  line: Line;
  verdict: Salability | undefined;
  isLocked: boolean;
  onQuantity: (quantity: number) => void;
  onRemove: () => void;
}) {
  const [typed, setTyped] = useState({ text: String(line.quantity), quantity: line.quantity });
  // What is typed is left alone, "2.0" and "2," too; a quantity that came another way is shown.
  const text = typed.quantity === line.quantity ? typed.text : String(line.quantity);
  const type = (next: string) => {
    const quantity = parseQuantity(next);
    setTyped({ text: next, quantity: quantity ?? line.quantity });
    if (quantity !== null) {
      onQuantity(quantity);
    }
  };
  return (
    <li class="line">
      <a href={`/shop/${encodeURIComponent(line.sku)}`}>{line.name}</a>
      <QuantityField
        of={line.name}
        text={text}
        onText={type}
        disabled={isLocked}
        error={
          parseQuantity(text) === null
            ? `Type a number, such as 2 or 2.5. The cart holds ${show(line.quantity)} until then.`
            : undefined
        }
      />
      <button type="button" disabled={isLocked} aria-label={`Remove ${line.name}`} onClick={onRemove}>
        Remove
      </button>
      <Verdict on={verdict} onTake={onQuantity} />
    </li>
  );
}
