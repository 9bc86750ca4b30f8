/** Refunding units that were shipped, back to a source or nowhere. */

import { usePlaces } from "../sources/places";
import { Dialog } from "../ui/dialog";
import { graphql } from "../../common/graphql";
import { show } from "../../common/quantity";
import { draftOf } from "./lines";
import { MoveForm } from "./move-form";
import { moved } from "./moved";
import { useOnce } from "./once";
import type { ActionProps } from "./order-actions";
import { isRefundable } from "./refundable";

const REFUND = graphql(`
  mutation Refund($number: String!, $lines: [RefundLineInput!]!, $idempotencyKey: String!) {
    refundOrder(number: $number, lines: $lines, idempotencyKey: $idempotencyKey) {
      refund {
        lines {
          sku
          quantity
          returnedToSource
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export function Refund({ order, onDone, onClose }: ActionProps) {
  const { sources } = usePlaces();
  const { send, isBusy } = useOnce(REFUND);
  const refundable = order.lines.filter(isRefundable);
  return (
    <Dialog title={`Refund order ${order.number}`} onClose={onClose}>
      <MoveForm
        initial={refundable.map(({ sku }) => draftOf(sku))}
        verb="Refund"
        source={{
          label: "Back to source",
          options: sources,
          none: "Not back to stock",
        }}
        noteOf={(sku) =>
          refundable
            .filter((line) => line.sku === sku)
            .map((line) => `${show(line.shippedQty)} shipped, ${show(line.refundedQty)} refunded`)
        }
        isBusy={isBusy}
        send={async (given) => {
          const lines = given.map(({ sku, quantity, source }) => ({ sku, quantity, returnToSource: source }));
          const { data, problem } = await send({ number: order.number, lines });
          if (data?.refundOrder.refund) {
            const where = (line: { returnedToSource: string | null }) =>
              line.returnedToSource ? `back to ${line.returnedToSource}` : "";
            onDone(moved("Refunded", data.refundOrder.refund.lines, where));
          }
          return { problem, errors: data?.refundOrder.userErrors ?? [] };
        }}
      >
        <p class="dim">
          Of what was shipped. Goods that come back raise the quantity at the source that is named
          {sources ? "" : " (its code; empty where none come back)"}, and free orders that wait for them.
        </p>
      </MoveForm>
    </Dialog>
  );
}
