/** The filters of the catalogue: they live in the address of the page, so that a link or the Back button restores them. */

import type { VariablesOf } from "../../common/graphql";
import { AVAILABILITY } from "../words";
import type { PAGE } from "./queries";

export type Availability = keyof typeof AVAILABILITY;

export interface Filter {
  search: string;
  /** In this sales channel's eyes; "" is the default one. */
  channel: string;
  availability: Availability | "";
  status: "IN_STOCK" | "OUT_OF_STOCK" | "";
  source: string;
  assigned: "yes" | "no" | "";
  /** The cursors that led to the page that is shown. */
  cursors: string[];
}

export const LIST = "/admin/products";

/** The filter of an address; what it cannot mean is left out. */
export function filterOf(query: Readonly<Record<string, string>>): Filter {
  const one = <Value extends string>(name: string, values: readonly Value[]): Value | "" =>
    values.find((value) => value === query[name]) ?? "";
  return {
    search: query["search"] ?? "",
    channel: query["channel"] ?? "",
    availability: one("availability", Object.keys(AVAILABILITY) as Availability[]),
    status: one("status", ["IN_STOCK", "OUT_OF_STOCK"]),
    source: query["source"] ?? "",
    assigned: one("assigned", ["yes", "no"]),
    cursors: query["page"]?.split(".") ?? [],
  };
}

/** The address of a filter: only what is set is in it. */
export function addressOf({ cursors, ...filter }: Filter): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
  if (cursors.length) {
    query.set("page", cursors.join("."));
  }
  return query.size ? `${LIST}?${query}` : LIST;
}

/** Whether the calculator has to look at every product: then a page may be short, and counting is dear. */
export const isComputed = ({ availability, status }: Filter): boolean => Boolean(availability || status);

export const isFiltered = ({ search, availability, status, source, assigned }: Filter): boolean =>
  [search, availability, status, source, assigned].some(Boolean);

/** What to ask the service for a filter. */
export function questionOf(filter: Filter): VariablesOf<typeof PAGE> {
  const { search, channel, availability, status, source, assigned, cursors } = filter;
  return {
    filter: {
      ...(search && { search }),
      ...(availability && { availability: [availability] }),
      ...(status && { stockStatus: status }),
      ...(source && { source }),
      ...(assigned && { assigned: assigned === "yes" }),
    },
    channel: channel || null,
    after: cursors.at(-1) ?? null,
    counted: !isComputed(filter),
  };
}
