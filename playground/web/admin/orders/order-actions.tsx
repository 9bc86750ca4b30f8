/** What can be done with an order: the buttons, and the dialog that one of them opens. */

import { useState } from "preact/hooks";
import { Cancel } from "./cancel";
import type { Order } from "./order-query";
import { Refund } from "./refund";
import { isRefundable } from "./refundable";
import { Ship } from "./ship";

export interface ActionProps {
  order: Order;
  /** It took effect; what it did, as a sentence. */
  onDone: (what: string) => void;
  onClose: () => void;
}

const ACTIONS = { ship: Ship, cancel: Cancel, refund: Refund };

export function OrderActions({
  order,
  isOld,
  onDone,
  onGivenUp,
}: Pick<ActionProps, "order" | "onDone"> & {
  /** It is being asked for again: what was done last is not in it yet. */
  isOld: boolean;
  /** Closed without an answer: what was sent may have taken effect all the same. */
  onGivenUp: () => void;
}) {
  const [chosen, choose] = useState<keyof typeof ACTIONS>();
  const Action = chosen && ACTIONS[chosen];
  const isOpen = order.lines.some((line) => line.openQty > 0);
  const mayShip = order.lines.some((line) => line.shippableQty > 0);
  return (
    <>
      <p class="actions">
        {mayShip && (
          <button type="button" class="primary" disabled={isOld} onClick={() => choose("ship")}>
            Ship…
          </button>
        )}
        {isOpen && (
          <button type="button" disabled={isOld} onClick={() => choose("cancel")}>
            Cancel units…
          </button>
        )}
        {order.lines.some(isRefundable) && (
          <button type="button" disabled={isOld} onClick={() => choose("refund")}>
            Refund…
          </button>
        )}
        {isOpen && !mayShip && <span class="dim">Nothing may ship before stock arrives.</span>}
      </p>
      {Action && (
        <Action
          order={order}
          onClose={() => {
            choose(undefined);
            onGivenUp();
          }}
          onDone={(what) => {
            choose(undefined);
            onDone(what);
          }}
        />
      )}
    </>
  );
}
