/** The head that the three pages of notifications share. */

import { useLocation } from "preact-iso";
import "./notifications.css";

const PARTS = [
  { path: "/admin/notifications", title: "Recipients" },
  { path: "/admin/notifications/endpoints", title: "Webhook endpoints" },
  { path: "/admin/notifications/deliveries", title: "Deliveries" },
];

export function Head() {
  const { path } = useLocation();
  return (
    <>
      <h1>Notifications</h1>
      <nav class="parts" aria-label="Notifications">
        {PARTS.map((part) => (
          <a key={part.path} href={part.path} aria-current={part.path === path ? "page" : undefined}>
            {part.title}
          </a>
        ))}
      </nav>
    </>
  );
}
