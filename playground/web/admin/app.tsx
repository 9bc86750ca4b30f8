/** The frame: what there is on the left (above, on a phone), a page on the right. */

import { LocationProvider, Route, Router, useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { SignedIn, useSession } from "./session";
import { SignInAgain } from "./ui/notice";
import { page } from "./ui/page";

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

const Products = page(() => import("./products/products"));
const Product = page(() => import("./products/product"));
const Configuration = page(() => import("./rules/configuration"));
const Schedules = page(() => import("./rules/schedules"));
const History = page(() => import("./rules/history"));
const Orders = page(() => import("./orders/orders"));
const Order = page(() => import("./orders/order"));
const Backorders = page(() => import("./orders/backorders"));
const Receive = page(() => import("./orders/receive"));
const LowStock = page(() => import("./sources/low-stock"));
const Sources = page(() => import("./sources/sources"));
const Recipients = page(() => import("./notifications/recipients"));
const Endpoints = page(() => import("./notifications/endpoints"));
const Deliveries = page(() => import("./notifications/deliveries"));

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
  const { viewer, isOver, signOut } = useSession();
  const { path } = useLocation();
  const offered = PAGES.filter(({ role }) => viewer.role === "ADMIN" || role === "ORDERS");
  const isAt = (each: (typeof PAGES)[number]) => path === each.path || path.startsWith(`${each.path}/`);
  const current = path === "/admin" ? offered[0] : offered.find(isAt);
  useEffect(() => {
    document.title = current ? `${current.title} · salable` : "salable";
  }, [current]);
  return (
    <div class="frame">
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="side">
        <strong class="brand">salable</strong>
        <nav aria-label="Pages">
          {offered.map((each) => (
            <a key={each.path} href={each.path} aria-current={each === current ? "page" : undefined}>
              {each.title}
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
        {isOver && (
          <div class="over">
            <SignInAgain />
          </div>
        )}
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
          <Route path="/admin" component={viewer.role === "ADMIN" ? Products : Orders} />
          <Route default component={NoPage} />
        </Router>
      </main>
    </div>
  );
}

function NoPage() {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <a href="/admin">To the first page</a>
      </p>
    </>
  );
}
