/** A receipt as it is typed: kept over other pages and a reload, with the key under which it was sent. */

import { type Draft, draftOf, isBlank } from "./lines";

export interface Began {
  source: string;
  sku: string;
}

export interface Typed {
  source: string;
  lines: Draft[];
  /** Of an attempt whose answer has not come. */
  key: string;
  /** What the form began with: that alone is nothing typed. */
  began: Began;
}

export const beganWith = ({ source, sku }: Began): Typed => ({
  source,
  lines: [draftOf(sku)],
  key: "",
  began: { source, sku },
});

/** Whether nothing was typed beside what the form began with. */
export const isUntyped = ({ source, lines, key, began }: Typed): boolean =>
  !key &&
  source === began.source &&
  lines.every(({ sku, quantity }) => !quantity.trim() && (!sku.trim() || sku === began.sku));

/** The receipt with what an address asks for; null where that is of another source than what was typed already. */
export function withAsked(typed: Typed, { source, sku }: Began): Typed | null {
  if (source && typed.source && source !== typed.source) {
    return null;
  }
  const isThere = !sku || typed.lines.some((line) => line.sku.trim() === sku);
  return {
    ...typed,
    source: typed.source || source,
    lines: isThere ? typed.lines : [...typed.lines.filter((line) => !isBlank(line)), draftOf(sku)],
    began: { source: typed.began.source, sku },
  };
}
