/** An order as its page asks for it. */

import { graphql, type ResultOf } from "../../common/graphql";

export const ORDER = graphql(`
  query Order($number: String!) {
    order(number: $number) {
      number
      salesChannel
      stock
      status
      paymentStatus
      shippingHold
      placedAt
      lines {
        id
        sku
        orderedQty
        openQty
        backorderedQtyAtPlacement
        backorderedQty
        shippableQty
        shippedQty
        canceledQty
        refundedQty
      }
      shipments {
        id
        createdAt
        lines {
          sku
          quantity
          source
        }
      }
      refunds {
        id
        createdAt
        lines {
          sku
          quantity
          returnedToSource
        }
      }
    }
  }
`);

export type Order = NonNullable<ResultOf<typeof ORDER>["order"]>;
export type OrderLine = Order["lines"][number];
