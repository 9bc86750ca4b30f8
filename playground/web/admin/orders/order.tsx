/** An order: its lines and what waits of them, what has left and come back, and what can be done with it. */

import { useRoute } from "preact-iso";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAsk } from "../api";
import { Answer } from "../ui/answer";
import { Notice } from "../ui/notice";
import { instantName } from "../words";
import { Movements } from "./movements";
import { OrderActions } from "./order-actions";
import { OrderLines } from "./order-lines";
import { ORDER, type Order } from "./order-query";
import "./orders.css";
import { PAYMENT_STATUS, StatusBadge } from "./status";
import { Waiting } from "./waiting";

export default function Page() {
  const number = useRoute().params["number"] ?? "";
  return <OrderPage key={number} number={number} />;
}

function OrderPage({ number }: { number: string }) {
  const asked = useAsk(ORDER, { number });
  const [done, setDone] = useState<{ what: string }>();
  const [looks, setLooks] = useState(0);
  const news = useRef<HTMLDivElement>(null);
  // The button that was pressed may be gone with what it did: go on from what is said of it.
  useEffect(() => news.current?.focus(), [done]);
  const look = () => {
    setLooks((count) => count + 1);
    asked.again();
  };
  return (
    <>
      <p class="small">
        <a href="/admin/orders">All orders</a>
      </p>
      <Answer of={asked}>
        {({ order }) =>
          order ? (
            <>
              <div class="head">
                <h1>Order {order.number}</h1>
                <StatusBadge status={order.status} />
                {order.shippingHold && <span class="badge warn">Waits for stock</span>}
              </div>
              {done && (
                <div ref={news} key={looks} tabIndex={-1}>
                  <Notice kind="success" title={done.what} />
                </div>
              )}
              <section class="sheet">
                <Facts order={order} />
                <OrderActions
                  order={order}
                  isOld={asked.isLoading}
                  onGivenUp={look}
                  onDone={(what) => {
                    setDone({ what });
                    look();
                  }}
                />
              </section>
              {order.shippingHold && <Waiting key={looks} order={order} />}
              <OrderLines lines={order.lines} />
              <Movements order={order} />
            </>
          ) : (
            !asked.problem && (
              <>
                <h1>Order {number}</h1>
                <Notice kind="info" title="There is no order of this number." />
              </>
            )
          )
        }
      </Answer>
    </>
  );
}

function Facts({ order }: { order: Order }) {
  return (
    <dl class="facts">
      <div>
        <dt>Placed</dt>
        <dd>{instantName(order.placedAt)}</dd>
      </div>
      <div>
        <dt>Payment</dt>
        <dd>{PAYMENT_STATUS[order.paymentStatus]}</dd>
      </div>
      <div>
        <dt>Sales channel</dt>
        <dd>{order.salesChannel}</dd>
      </div>
      <div>
        <dt>Stock</dt>
        <dd>{order.stock}</dd>
      </div>
    </dl>
  );
}
