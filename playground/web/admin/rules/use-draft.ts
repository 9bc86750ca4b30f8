/** Drafts outlive their page: whoever looks something up and comes back finds what was typed. */

import { useEffect, useState } from "preact/hooks";
import { BLANK, type Draft } from "./draft";

const kept = new Map<string, Draft>();

/** The draft of this name, and how to change it or throw it away; the browser asks before a tab with one closes. */
export function useDraft(name: string) {
  const [draft, show] = useState(kept.get(name) ?? BLANK);
  const change = (next: (so: Draft) => Draft) => {
    const to = next(kept.get(name) ?? BLANK);
    kept.set(name, to);
    show(to);
  };
  const discard = () => {
    kept.delete(name);
    show(BLANK);
  };
  const isBlank = Object.keys(draft.typed).length === 0;
  useEffect(() => {
    if (isBlank) {
      return;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isBlank]);
  return { draft, change, discard };
}
