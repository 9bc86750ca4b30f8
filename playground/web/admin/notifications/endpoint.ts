/** A webhook endpoint, as it is typed and as the API takes it. */

import { EVENTS, type Event } from "./words";

export interface Typed {
  code: string;
  url: string;
  /** Those that are checked. */
  events: Event[];
  enabled: boolean;
}

export interface Row {
  code: string;
  url?: string;
  events?: Event[];
  enabled?: boolean;
  rotateSecret?: boolean;
}

export const ALL = Object.keys(EVENTS) as Event[];

/** The boxes that are checked for what the API says: none means all. */
export const checkedOf = (events: Event[]): Event[] => (events.length ? events : ALL);

/** What the API is told of the boxes: all of them means those of later versions too. */
export const eventsOf = (checked: Event[]): Event[] =>
  ALL.every((event) => checked.includes(event)) ? [] : ALL.filter((event) => checked.includes(event));

/**
 * A new endpoint. It asks for a secret even though a new one gets one anyway: where the answer was lost, the endpoint is
 * there already when this is sent again, and its secret has never been shown.
 */
export const newRow = ({ code, url, events, enabled }: Typed): Row => ({
  code,
  url,
  events: eventsOf(events),
  enabled,
  rotateSecret: true,
});

/** What was changed and no more: an endpoint that was given up meanwhile is not enabled by correcting its URL. */
export function changedRow(stands: Omit<Typed, "code"> & { code: string }, typed: Typed): Row {
  const events = eventsOf(typed.events);
  const before = eventsOf(checkedOf(stands.events));
  return {
    code: stands.code,
    ...(typed.url === stands.url ? {} : { url: typed.url }),
    ...(events.join() === before.join() ? {} : { events }),
    ...(typed.enabled === stands.enabled ? {} : { enabled: typed.enabled }),
  };
}

/** What is wrong before anything is asked, by input. */
export function typedErrors(typed: Typed, taken: string[]): Record<string, string> {
  const wrong: Record<string, string> = {};
  if (!typed.code) {
    wrong["code"] = "A code is needed.";
  } else if (taken.includes(typed.code)) {
    wrong["code"] = `There is an endpoint ${typed.code} already: edit that one.`;
  }
  if (!typed.url) {
    wrong["url"] = "Where are events to be posted?";
  }
  if (!typed.events.length) {
    wrong["events"] = "Choose one at least; to tell it nothing, disable it.";
  }
  return wrong;
}

/** What an endpoint is told, in words. */
export const eventsName = (events: Event[]): string =>
  events.length ? events.map((event) => EVENTS[event]).join(", ") : "Everything";
