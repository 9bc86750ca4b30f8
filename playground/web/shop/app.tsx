/** The frame of the shop and its four pages. */

import { Client, fetchExchange } from "@urql/core";
import { Provider } from "@urql/preact";
import { LocationProvider, Route, Router, useLocation } from "preact-iso";
import { useEffect, useRef } from "preact/hooks";
import { CartPage } from "./cart-page";
import { ListPage } from "./list-page";
import { OrderPage } from "./order-page";
import { ProductPage } from "./product-page";
import { StoreProvider, useStore } from "./store";

// No token, since what shoppers may see is open; and no cache, since what can be sold changes with every order.
const client = new Client({
  url: "/graphql",
  preferGetMethod: false,
  exchanges: [fetchExchange],
  requestPolicy: "network-only",
});

export function App() {
  return (
    <LocationProvider scope="/shop">
      <Provider value={client}>
        <StoreProvider>
          <Frame />
        </StoreProvider>
      </Provider>
    </LocationProvider>
  );
}

function Frame() {
  const { cart } = useStore();
  const { path } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    // Where a page is swapped for another one, the keyboard and the screen reader go on at its top.
    if (shown.current !== path) {
      shown.current = path;
      main.current?.focus();
    }
  }, [path]);
  return (
    <>
      <header class="top">
        <a class="name" href="/shop">
          Camp shop
        </a>
        <a class="to-cart" href="/shop/my/cart">
          Cart {cart.lines.length > 0 && <span class="count">{cart.lines.length}</span>}
        </a>
      </header>
      <main ref={main} tabIndex={-1}>
        <Router>
          <Route path="/shop" component={ListPage} />
          {/* Two parts each, so that no SKU is taken for them. */}
          <Route path="/shop/my/cart" component={CartPage} />
          <Route path="/shop/my/order" component={OrderPage} />
          <Route path="/shop/:sku" component={ProductPage} />
          <Route default component={NoPage} />
        </Router>
      </main>
      <footer class="foot">A demo: nothing is charged and nothing is sent. What it says of its goods is live.</footer>
    </>
  );
}

function NoPage() {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <a href="/shop">All products</a>
      </p>
    </>
  );
}
