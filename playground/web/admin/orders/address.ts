/** Addresses of pages, with their filters. */

/** A path with what is given; empty values are left out. */
export function addressOf(path: string, values: Record<string, string>): string {
  const given = Object.entries(values)
    .map(([name, value]) => [name, value.trim()])
    .filter(([, value]) => value);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

export const orderAddress = (number: string): string => `/admin/orders/${encodeURIComponent(number)}`;

export const productAddress = (sku: string): string => `/admin/products/${encodeURIComponent(sku)}`;

/** What a field for a local date and time holds, as an instant; null where it holds none. */
export function instantOf(local: string): string | null {
  const instant = new Date(local);
  return Number.isNaN(instant.getTime()) ? null : instant.toISOString();
}
