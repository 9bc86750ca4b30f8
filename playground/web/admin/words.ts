/** What the codes of the API are called on the screen. */

import type { SettingValue } from "../common/graphql";
import { show } from "../common/quantity";

export const AVAILABILITY = {
  IN_STOCK: "In stock",
  LIMITED_AVAILABILITY: "Few left",
  BACK_ORDER: "Backorder",
  OUT_OF_STOCK: "Out of stock",
} as const;

export const BACKORDERS = {
  NO_BACKORDERS: "No Backorders",
  ALLOW: "Allow Qty Below 0",
  ALLOW_AND_NOTIFY: "Allow Qty Below 0 and Notify Customer",
} as const;

export interface ScopeLike {
  type: "DEFAULT" | "GLOBAL" | "SOURCE" | "PRODUCT" | "PRODUCT_SOURCE";
  source?: string | null;
  sku?: string | null;
}

/** A scope in words: "source berlin". */
export function scopeName({ type, source, sku }: ScopeLike): string {
  switch (type) {
    case "DEFAULT":
      return "shipped default";
    case "GLOBAL":
      return "global configuration";
    case "SOURCE":
      return `source ${source}`;
    case "PRODUCT":
      return `product ${sku}`;
    case "PRODUCT_SOURCE":
      return `product ${sku} at source ${source}`;
  }
}

/** A value of a setting in words. */
export function valueName(value: SettingValue | null | undefined): string {
  if (value === null || value === undefined) {
    return "none";
  }
  if (typeof value === "boolean") {
    return value ? "Yes" : "No";
  }
  return typeof value === "number" ? show(value) : (BACKORDERS[value as keyof typeof BACKORDERS] ?? value);
}

/** An instant for people, in their own zone. */
export const instantName = (instant: string): string =>
  new Date(instant).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
