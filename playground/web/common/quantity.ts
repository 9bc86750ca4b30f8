/** Quantities on the screen and from the keyboard. No sums of them are made in the browser: the service makes them. */

const shown = new Intl.NumberFormat("en", { maximumFractionDigits: 4 });
const signed = new Intl.NumberFormat("en", { maximumFractionDigits: 4, signDisplay: "always" });
const QUANTITY = /^[+-]?\d{1,11}(\.\d{1,4})?$/;

/** 1234.5 as "1,234.5". */
export const show = (quantity: number): string => shown.format(quantity);

/** 50 as "+50"; 0 as "+0". */
export const showSigned = (quantity: number): string => signed.format(quantity);

/** What was typed as a quantity, or null where it is none: the service would refuse it. */
export function parseQuantity(text: string): number | null {
  const trimmed = text.trim().replace("−", "-");
  return QUANTITY.test(trimmed) ? Number(trimmed) : null;
}
