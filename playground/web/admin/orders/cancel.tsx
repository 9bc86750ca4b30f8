/** Canceling units that are open: all of them, unless some are taken out. */

import { Dialog } from "../ui/dialog";
import { graphql } from "../../common/graphql";
import { show } from "../../common/quantity";
import { draftOf } from "./lines";
import { MoveForm } from "./move-form";
import { moved } from "./moved";
import { useOnce } from "./once";
import type { ActionProps } from "./order-actions";

const CANCEL = graphql(`
  mutation Cancel($number: String!, $lines: [OrderLineInput!]!, $idempotencyKey: String!) {
    cancelOrder(number: $number, lines: $lines, idempotencyKey: $idempotencyKey) {
      order {
        number
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export function Cancel({ order, onDone, onClose }: ActionProps) {
  const { send, isBusy } = useOnce(CANCEL);
  const open = order.lines.filter((line) => line.openQty > 0);
  return (
    <Dialog title={`Cancel units of order ${order.number}`} onClose={onClose}>
      <MoveForm
        initial={open.map(({ sku, openQty }) => draftOf(sku, openQty))}
        verb="Cancel these units"
        noteOf={(sku) => open.filter((line) => line.sku === sku).map((line) => `${show(line.openQty)} open`)}
        isBusy={isBusy}
        send={async (given) => {
          const lines = given.map(({ sku, quantity }) => ({ sku, quantity }));
          const { data, problem } = await send({ number: order.number, lines });
          if (data?.cancelOrder.order) {
            onDone(moved("Canceled", lines));
          }
          return { problem, errors: data?.cancelOrder.userErrors ?? [] };
        }}
      >
        <p class="dim">
          Canceled units are paid back and no longer reserved; orders behind this one move up. All that is open stands
          here: lower what the customer still wants.
        </p>
      </MoveForm>
    </Dialog>
  );
}
