/** Shipping what may ship, from where the service proposes. */

import { useAsk } from "../api";
import { usePlaces } from "../sources/places";
import { Answer } from "../ui/answer";
import { Dialog } from "../ui/dialog";
import { Notice } from "../ui/notice";
import { graphql, type ResultOf } from "../../common/graphql";
import { show } from "../../common/quantity";
import { draftOf } from "./lines";
import { MoveForm } from "./move-form";
import type { ActionProps } from "./order-actions";
import { useOnce } from "./once";
import type { Order } from "./order-query";
import { moved } from "./moved";

const SELECTION = graphql(`
  query ShipFrom($number: String!) {
    sourceSelection(orderNumber: $number) {
      shippable
      items {
        sku
        source
        quantity
      }
    }
  }
`);

const SHIP = graphql(`
  mutation Ship($number: String!, $lines: [ShipmentLineInput!]!, $idempotencyKey: String!) {
    shipOrder(number: $number, lines: $lines, idempotencyKey: $idempotencyKey) {
      shipment {
        lines {
          sku
          quantity
          source
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

type Selection = ResultOf<typeof SELECTION>["sourceSelection"];

export function Ship({ order, onDone, onClose }: ActionProps) {
  const proposal = useAsk(SELECTION, { number: order.number });
  const { sourcesOf } = usePlaces();
  const { send, isBusy } = useOnce(SHIP);
  return (
    <Dialog title={`Ship order ${order.number}`} onClose={onClose}>
      <Answer of={proposal}>
        {({ sourceSelection }) => (
          <MoveForm
            initial={proposed(order, sourceSelection)}
            verb="Ship"
            source={{
              label: "From source",
              options: sourcesOf(order.stock),
              none: "No source",
            }}
            noteOf={(sku) => noteOf(order, sku)}
            isBusy={isBusy}
            send={async (lines) => {
              const { data, problem } = await send({ number: order.number, lines });
              if (data?.shipOrder.shipment) {
                const { lines: left } = data.shipOrder.shipment;
                onDone(moved("Shipped", left, ({ source }) => (source ? `from ${source}` : "")));
              }
              return { problem, errors: data?.shipOrder.userErrors ?? [] };
            }}
          >
            {sourceSelection.shippable ? (
              <p class="dim">This is what may ship now, drawn from the sources of stock {order.stock} by priority.</p>
            ) : (
              <Notice kind="warning" title="Not all that may ship lies at an enabled source of the stock." />
            )}
          </MoveForm>
        )}
      </Answer>
    </Dialog>
  );
}

/** What is proposed, and what may ship without: goods whose stock is not managed leave from no source. */
function proposed(order: Order, { items }: Selection) {
  const sources = new Set(items.map(({ sku }) => sku));
  const without = order.lines.filter((line) => line.shippableQty > 0 && !sources.has(line.sku));
  return [
    ...items.map(({ sku, source, quantity }) => draftOf(sku, quantity, source)),
    ...without.map(({ sku, shippableQty }) => draftOf(sku, shippableQty)),
  ];
}

function noteOf(order: Order, sku: string) {
  const line = order.lines.find((each) => each.sku === sku);
  return line && `${show(line.shippableQty)} of ${show(line.openQty)} open may ship`;
}
