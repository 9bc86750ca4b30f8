/** The sources of a stock, as they are typed and as the API takes them. */

import { typedKey } from "../../common/key";

export interface Link {
  id: number;
  source: string;
  priority: string;
}

let lastId = 0;

export const linkOf = (source: string, priority: number): Link => ({
  id: ++lastId,
  source,
  priority: String(priority),
});

const PRIORITY = /^-?\d{1,9}$/;

/** Drawn on after all others. */
export const nextPriority = (links: Link[]): number =>
  Math.max(0, ...links.map(({ priority }) => priority.trim()).filter((text) => PRIORITY.test(text)).map(Number)) + 1;

interface Read {
  sources: { source: string; priority: number }[];
  /** By path: "sources.0.priority". */
  wrong: Record<string, string>;
}

/** The links to send, and what is wrong with them. */
export function readLinks(links: Link[], known: string[] = []): Read {
  const wrong: Record<string, string> = {};
  const sources = links.map(({ source, priority }, place) => {
    if (!source.trim()) {
      wrong[`sources.${place}.source`] = "Which source?";
    }
    if (!PRIORITY.test(priority.trim())) {
      wrong[`sources.${place}.priority`] = "A whole number.";
    }
    return { source: typedKey(source, known), priority: Number(priority) };
  });
  return { sources, wrong };
}
