import { productAddress } from "../orders/address";
import type { ScopeLike } from "../words";

/** The page on which the rules of a scope are changed; null for the shipped defaults, which are none. */
export function ruleAddress({ type, source, sku }: ScopeLike): string | null {
  switch (type) {
    case "DEFAULT":
      return null;
    case "GLOBAL":
      return "/admin/configuration";
    case "SOURCE":
      return configurationAddress(source ?? "");
    case "PRODUCT":
    case "PRODUCT_SOURCE":
      return productAddress(sku ?? "");
  }
}

export const configurationAddress = (source: string): string => `/admin/configuration/${encodeURIComponent(source)}`;
