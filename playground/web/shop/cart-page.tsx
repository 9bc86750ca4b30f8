/** The cart: judged as a whole whenever it changes, and ordered once. */

import { useLocation } from "preact-iso";
import { useRef, useState } from "preact/hooks";
import { answerTo, canBeOrdered, newCart, withLine, withoutLine } from "./cart";
import { CartLine } from "./cart-line";
import { order } from "./checkout";
import { CART } from "./documents";
import { useLive, useSettled, useTitle } from "./live";
import { Notice, Trouble } from "./parts";
import { useStore } from "./store";

export function CartPage() {
  const { cart, setCart, setPlaced } = useStore();
  const { route } = useLocation();
  const [isOrdering, setOrdering] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const [reasons, setReasons] = useState<string[]>([]);
  const items = useSettled(cart.lines).map(({ sku, quantity }) => ({ sku, quantity }));
  // A cart that was sent may have been placed: what is left after it says nothing of it.
  const { data, error, isAsking, again } = useLive(CART, { items }, cart.isSent || items.length === 0);
  const answers = data?.salability;
  const verdicts = cart.isSent ? [] : cart.lines.map((line) => answerTo(line, answers));
  useTitle("Cart");

  const place = async () => {
    const unread = list.current?.querySelector<HTMLElement>("[aria-invalid]");
    if (unread) {
      unread.focus(); // what stands there is not what would be ordered
      return;
    }
    const sent = { ...cart, isSent: true };
    setCart(sent); // kept before it is sent: a reload in between does not forget that it was
    setReasons([]);
    setOrdering(true);
    const outcome = await order(sent);
    setOrdering(false);
    if (outcome.kind === "placed") {
      setPlaced(outcome.placed);
      setCart(newCart());
      route("/shop/my/order");
    } else if (outcome.kind === "refused") {
      // Open again, the cart is judged again: by what is left now.
      setCart({ ...sent, isSent: false, key: outcome.isKeySpent ? newCart().key : sent.key });
      setReasons(outcome.reasons);
    }
  };

  return (
    <>
      <h1>Cart</h1>
      {cart.isSent && !isOrdering && (
        <Notice kind="bad" title="Your order was sent, and no answer came.">
          <p>It may have been placed. Ask again: however often you do, it is placed once.</p>
        </Notice>
      )}
      {reasons.length > 0 && (
        <Notice kind="bad" title="Nothing was ordered, and your cart is as it was.">
          <ul>
            {reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </Notice>
      )}
      {error && <Trouble error={error} again={again} />}
      {cart.lines.length === 0 ? (
        <p>
          It is empty. <a href="/shop">Look at the products</a>
        </p>
      ) : (
        <>
          <ul class="lines" ref={list} aria-busy={isAsking}>
            {cart.lines.map((line, place) => (
              <CartLine
                key={line.sku}
                line={line}
                verdict={verdicts[place]}
                isLocked={cart.isSent}
                onQuantity={(quantity) => setCart(withLine(cart, { ...line, quantity }))}
                onRemove={() => setCart(withoutLine(cart, line.sku))}
              />
            ))}
          </ul>
          {verdicts.some((verdict) => verdict?.isSalable === false) && (
            <p>An order is placed whole: change what cannot be bought first.</p>
          )}
          <button
            type="button"
            class="main"
            disabled={isOrdering || (!cart.isSent && !canBeOrdered(cart, answers))}
            onClick={place}
          >
            {isOrdering ? "Placing the order…" : cart.isSent ? "Ask again" : "Place the order"}
          </button>
        </>
      )}
    </>
  );
}
