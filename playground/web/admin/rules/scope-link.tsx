/** The name of a scope, with the way to its form. */

import { scopeName, type ScopeLike } from "../words";

export function ScopeLink({ scope }: { scope: ScopeLike }) {
  const address = addressOf(scope);
  return address ? <a href={address}>{scopeName(scope)}</a> : <>{scopeName(scope)}</>;
}

function addressOf({ type, source, sku }: ScopeLike): string | undefined {
  switch (type) {
    case "DEFAULT":
      return undefined;
    case "GLOBAL":
      return "/admin/configuration";
    case "SOURCE":
      return `/admin/configuration/${encodeURIComponent(source ?? "")}`;
    case "PRODUCT":
    case "PRODUCT_SOURCE":
      return `/admin/products/${encodeURIComponent(sku ?? "")}`;
  }
}

/** When a rule holds, in words. */
export const windowName = (from: string | null, until: string | null, name: (instant: string) => string): string =>
  [from && `from ${name(from)}`, until && `until ${name(until)}`].filter(Boolean).join(" ") || "always";
