/** The thanks for the order that was placed last. */

import { show } from "../common/quantity";
import { useTitle } from "./live";
import { Notice } from "./parts";
import { useStore } from "./store";

export function OrderPage() {
  const { placed } = useStore();
  useTitle("Your order");
  if (!placed) {
    return (
      <>
        <h1>Your order</h1>
        <p>
          You have placed none here. <a href="/shop">Look at the products</a>
        </p>
      </>
    );
  }
  return (
    <>
      <h1>Thank you</h1>
      <Notice kind="good" title={`Your order ${placed.number} is placed.`} />
      <ul class="lines">
        {placed.lines.map(({ sku, name, quantity }) => (
          <li key={sku}>
            <strong>
              {show(quantity)} × {name}
            </strong>
            {placed.notices
              .filter((notice) => notice.sku === sku)
              .map(({ message }) => (
                <p key={message} class="late">
                  {message}
                </p>
              ))}
          </li>
        ))}
      </ul>
      <p>
        <a href="/shop">All products</a>
      </p>
    </>
  );
}
