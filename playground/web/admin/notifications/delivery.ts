/** What the list of deliveries computes: its filter, and what it says of a delivery. */

import { orderAddress, productAddress } from "../orders/address";
import { CHANNELS, EVENTS, STATES, type Channel, type Event, type State } from "./words";

export const NAMES = ["state", "channel", "event", "target", "subject"] as const;
export type Name = (typeof NAMES)[number];
export type Given = Record<Name, string>;

export interface DeliveryFilter {
  state: State | null;
  channel: Channel | null;
  event: Event | null;
  target: string | null;
  subject: string | null;
}

const oneOf = <Key extends string>(words: Record<Key, string>, value: string): Key | null =>
  Object.hasOwn(words, value) ? (value as Key) : null;

/** The filter of the API; what an address gives that is no such filter is left out. */
export const filterOf = (given: Given): DeliveryFilter => ({
  state: oneOf(STATES, given.state),
  channel: oneOf(CHANNELS, given.channel),
  event: oneOf(EVENTS, given.event),
  target: given.target || null,
  subject: given.subject || null,
});

/** Said where the list is empty. */
export function emptyWords({ state, ...others }: DeliveryFilter): string {
  if (Object.values(others).some((value) => value !== null)) {
    return "No delivery fits these filters.";
  }
  switch (state) {
    case "PENDING":
      return "Nothing is on its way.";
    case "DEAD":
      return "Nothing was given up.";
    case "DELIVERED":
      return "Nothing has arrived yet.";
    case null:
      return "Nothing was sent yet: that takes a recipient or an endpoint, and something to tell.";
  }
}

interface Attempted {
  state: State;
  attempts: number;
  error: string | null;
}

/** Whether trying again would do anything: one that waits for its first attempt is due already. */
export const canRetry = ({ state, attempts, error }: Attempted): boolean =>
  state === "DEAD" || (state === "PENDING" && (attempts > 0 || error !== null));

export const attemptsName = (attempts: number): string =>
  attempts === 1 ? "1 attempt" : `${attempts} attempts`;

/** Whether the next attempt is to come: otherwise it is due. */
export const isAhead = (nextAttemptAt: string | null, now: number): boolean =>
  nextAttemptAt !== null && Date.parse(nextAttemptAt) > now;

/** The page of what a delivery is about. */
export function subjectAddress(event: Event, subject: string): string {
  switch (event) {
    case "ORDER_BACKORDERED":
    case "ORDER_SHIPPED":
    case "ORDER_CANCELED":
    case "ORDER_WAITING":
    case "BACKORDER_FREED":
      return orderAddress(subject);
    case "LOW_STOCK":
    case "OUT_OF_STOCK":
    case "BACK_IN_STOCK":
      return productAddress(subject);
    case "RULES_CHANGED":
      return "/admin/history";
    case "WEBHOOK_DISABLED":
      return "/admin/notifications/endpoints";
  }
}

/** What a delivery is about, in words. */
export const subjectName = (event: Event, subject: string): string =>
  event === "RULES_CHANGED" ? `revision ${subject}` : subject;
