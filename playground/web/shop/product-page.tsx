/** One product: what it is, whether it can be had, and how many of it. */

import { useRef, useState } from "preact/hooks";
import type { ResultOf } from "../common/graphql";
import { parseQuantity, show } from "../common/quantity";
import { withLine } from "./cart";
import { useChanges } from "./changes";
import { PRODUCT, PRODUCT_CHANGES } from "./documents";
import { useLive, useSettled, useTitle } from "./live";
import { Labels, Notice, QuantityField, Trouble, Verdict } from "./parts";
import { useStore } from "./store";
import { insteadOf } from "./wording";

type Product = NonNullable<ResultOf<typeof PRODUCT>["product"]>;

export function ProductPage({ sku }: { sku: string }) {
  return <Page key={sku} sku={sku} />; // another product starts with another quantity
}

function Page({ sku }: { sku: string }) {
  const { cart } = useStore();
  const inCart = cart.lines.find((line) => line.sku === sku)?.quantity;
  const [text, setText] = useState(String(inCart ?? 1));
  const wanted = parseQuantity(text);
  const settled = useSettled(wanted) ?? 1;
  const { data, error, isAsking, again } = useLive(PRODUCT, { sku, quantity: settled });
  // Followed once it is shown: what is told of it then is newer than the answer.
  const changes = useChanges(PRODUCT_CHANGES, { skus: data?.product ? [sku] : [], quantity: settled });
  const product = withVerdictOn(wanted, changes.get(sku), data?.product);
  // A form that was there stays: it is not taken from under the hands of who types when the last one is sold.
  const isForSale = useRef(false);
  isForSale.current ||= product !== undefined && product.availability !== "OUT_OF_STOCK";
  useTitle(product?.name ?? sku);
  return (
    <>
      <p>
        <a href="/shop">All products</a>
      </p>
      {!product && !isAsking && <h1>{data ? `There is no product ${sku}` : sku}</h1>}
      {error && <Trouble error={error} again={again} />}
      {product && (
        <div class="sheet" aria-busy={isAsking}>
          <h1>{product.name}</h1>
          <p class="dim">SKU {product.sku}</p>
          <p aria-live="polite">
            <Labels of={product} />
          </p>
          {product.availability === "OUT_OF_STOCK" && <p>It cannot be ordered at the moment.</p>}
          {isForSale.current && <QuantityForm product={product} inCart={inCart} text={text} onText={setText} />}
        </div>
      )}
      {!data && isAsking && <p role="status">Looking…</p>}
    </>
  );
}

/** What was told of a product, else what was answered; with the verdict on the quantity that is typed, where one has it. */
function withVerdictOn(
  quantity: number | null,
  told: Product | undefined,
  answered: Product | null | undefined,
): Product | undefined {
  if (!told || !answered) {
    return told ?? answered ?? undefined;
  }
  const isAnswered = told.salability.requestedQty !== quantity && answered.salability.requestedQty === quantity;
  return isAnswered ? { ...told, salability: answered.salability } : told;
}

function QuantityForm({
  product,
  inCart,
  text,
  onText,
}: {
  product: Product;
  inCart: number | undefined;
  text: string;
  onText: (text: string) => void;
}) {
  const { cart, setCart } = useStore();
  const [isAdded, setAdded] = useState(false);
  const wanted = parseQuantity(text);
  // The answer of a moment ago may be about another quantity: then it says nothing of this one.
  const { salability } = product;
  const verdict = salability.requestedQty === wanted ? salability : undefined;
  // Said by the verdict already, where too much is asked for.
  const isMostOfUse = salability.maxSalableQty > 0 && !(verdict && insteadOf(verdict));
  const change = (next: string) => {
    setAdded(false);
    onText(next);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== null && verdict?.isSalable !== false && !cart.isSent) {
          // The cart is judged again as a whole, so an answer that has not come yet need not be waited for.
          setCart(withLine(cart, { sku: product.sku, name: product.name, quantity: wanted }));
          setAdded(true);
        }
      }}
    >
      <div class="buy">
        <QuantityField
          label={inCart === undefined ? "Quantity" : "In your cart"}
          text={text}
          onText={change}
          error={wanted === null ? "Type a number, such as 2 or 2.5." : undefined}
        />
        <button type="submit" class="main" disabled={cart.isSent || wanted === null || verdict?.isSalable === false}>
          {inCart === undefined ? "Add to the cart" : "Change the cart"}
        </button>
      </div>
      <Verdict on={verdict} onTake={(quantity) => change(String(quantity))} />
      {isMostOfUse && <p class="dim">Up to {show(salability.maxSalableQty)} can be bought now.</p>}
      {cart.isSent && (
        <Notice kind="info" title="Your cart has been ordered, and the answer is missing.">
          <p>
            <a href="/shop/my/cart">Ask for it</a> before you go on.
          </p>
        </Notice>
      )}
      <p role="status">
        {isAdded && inCart !== undefined && (
          <>
            {show(inCart)} in your cart. <a href="/shop/my/cart">To the cart</a>
          </>
        )}
      </p>
    </form>
  );
}
