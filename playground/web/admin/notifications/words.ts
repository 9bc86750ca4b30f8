/** What notifications are called on the screen. */

import type { graphql } from "../../common/graphql";

export type Event = ReturnType<typeof graphql.scalar<"NotificationEvent">>;
export type Channel = ReturnType<typeof graphql.scalar<"DeliveryChannel">>;
export type State = ReturnType<typeof graphql.scalar<"DeliveryState">>;

export const EVENTS: Record<Event, string> = {
  ORDER_BACKORDERED: "Order with late units placed",
  ORDER_SHIPPED: "Units of an order shipped",
  ORDER_CANCELED: "Units of an order canceled",
  ORDER_WAITING: "Units of an order wait again",
  BACKORDER_FREED: "Backordered units covered",
  LOW_STOCK: "Item low in stock",
  OUT_OF_STOCK: "Product out of stock",
  BACK_IN_STOCK: "Product back in stock",
  RULES_CHANGED: "Rules changed",
  WEBHOOK_DISABLED: "Endpoint given up",
};

export const CHANNELS: Record<Channel, string> = {
  MAIL: "Mail to a recipient",
  CUSTOMER: "Mail to a customer",
  WEBHOOK: "Webhook",
};

export const STATES: Record<State, string> = { PENDING: "Pending", DELIVERED: "Delivered", DEAD: "Dead" };

/** What a select offers: anything, or one of these. */
export const optionsOf = (words: Record<string, string>): { value: string; label: string }[] => [
  { value: "", label: "Any" },
  ...Object.entries(words).map(([value, label]) => ({ value, label })),
];
