/** The frame: what there is on the left (above, on a phone), a page on the right. */

import { LocationProvider, Route, Router, lazy, useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { SignedIn, useSession } from "./session";

const PAGES = [
  { path: "/admin/products", title: "Products", role: "ADMIN" },
  { path: "/admin/configuration", title: "Configuration", role: "ADMIN" },
  { path: "/admin/schedules", title: "Schedules", role: "ADMIN" },
  { path: "/admin/history", title: "History", role: "ADMIN" },
  { path: "/admin/orders", title: "Orders", role: "ORDERS" },
  { path: "/admin/backorders", title: "Backorders", role: "ORDERS" },
  { path: "/admin/receive", title: "Receive stock", role: "ORDERS" },
  { path: "/admin/low-stock", title: "Low stock", role: "ADMIN" },
  { path: "/admin/sources", title: "Sources and stocks", role: "ADMIN" },
  { path: "/admin/notifications", title: "Notifications", role: "ADMIN" },
] as const;

const Products = lazy(() => import("./products/products"));
const Product = lazy(() => import("./products/product"));
const Configuration = lazy(() => import("./rules/configuration"));
const Schedules = lazy(() => import("./rules/schedules"));
const History = lazy(() => import("./rules/history"));
const Orders = lazy(() => import("./orders/orders"));
const Order = lazy(() => import("./orders/order"));
const Backorders = lazy(() => import("./orders/backorders"));
const Receive = lazy(() => import("./orders/receive"));
const LowStock = lazy(() => import("./sources/low-stock"));
const Sources = lazy(() => import("./sources/sources"));
const Recipients = lazy(() => import("./notifications/recipients"));
const Endpoints = lazy(() => import("./notifications/endpoints"));
const Deliveries = lazy(() => import("./notifications/deliveries"));

export function App() {
  return (
    <LocationProvider scope="/admin">
      <SignedIn>
        <Frame />
      </SignedIn>
    </LocationProvider>
  );
}

function Frame() {
  const { viewer, signOut } = useSession();
  const { path } = useLocation();
  const offered = PAGES.filter((page) => viewer.role === "ADMIN" || page.role === "ORDERS");
  const current = offered.find((page) => path === page.path || path.startsWith(`${page.path}/`)) ?? offered[0]!;
  useEffect(() => {
    document.title = `${current.title} · salable`;
  }, [current]);
  return (
    <div class="frame">
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="side">
        <strong class="brand">salable</strong>
        <nav aria-label="Pages">
          {offered.map((page) => (
            <a key={page.path} href={page.path} aria-current={page === current ? "page" : undefined}>
              {page.title}
            </a>
          ))}
        </nav>
        <p class="who">
          {viewer.name} <span>({viewer.role.toLowerCase()})</span>
          <button type="button" class="quiet" onClick={signOut}>
            Sign out
          </button>
        </p>
      </header>
      <main id="main" tabIndex={-1}>
        <Router>
          <Route path="/admin/products" component={Products} />
          <Route path="/admin/products/:sku" component={Product} />
          <Route path="/admin/configuration" component={Configuration} />
          <Route path="/admin/configuration/:source" component={Configuration} />
          <Route path="/admin/schedules" component={Schedules} />
          <Route path="/admin/history" component={History} />
          <Route path="/admin/orders" component={Orders} />
          <Route path="/admin/orders/:number" component={Order} />
          <Route path="/admin/backorders" component={Backorders} />
          <Route path="/admin/receive" component={Receive} />
          <Route path="/admin/low-stock" component={LowStock} />
          <Route path="/admin/sources" component={Sources} />
          <Route path="/admin/notifications" component={Recipients} />
          <Route path="/admin/notifications/endpoints" component={Endpoints} />
          <Route path="/admin/notifications/deliveries" component={Deliveries} />
          <Route default component={viewer.role === "ADMIN" ? Products : Orders} />
        </Router>
      </main>
    </div>
  );
}
