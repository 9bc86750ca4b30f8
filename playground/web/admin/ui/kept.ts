/**
 * What is typed into forms and not sent yet, by the name of the form. It outlives its page and a reload, in this tab; it
 * ends with the sign-in, and is never shown to somebody else. Before the tab closes, the browser asks.
 */

import { useState } from "preact/hooks";
import { guard } from "../../common/leaving";

const DRAFTS = "salable.drafts";

interface Drafts {
  /** Who typed them. */
  by: string;
  typed: Record<string, unknown>;
}

let drafts: Drafts = { by: "", typed: {} };

guard(() => Object.keys(drafts.typed).length > 0, { isKept: true });

function read(): Partial<Drafts> | null {
  try {
    return JSON.parse(sessionStorage.getItem(DRAFTS) ?? "null") as Partial<Drafts> | null;
  } catch {
    return null;
  }
}

function write(): void {
  try {
    sessionStorage.setItem(DRAFTS, JSON.stringify(drafts));
  } catch {
    // A browser that keeps nothing keeps it till the next reload.
  }
}

/** From now on, drafts are this viewer's; those of another one are gone. */
export function keepDraftsOf(name: string): void {
  const kept = drafts.by ? drafts : read();
  drafts = { by: name, typed: (kept?.by === name && kept.typed) || {} };
  write();
}

/** Nobody is signed in any more. */
export function clearDrafts(): void {
  drafts = { by: "", typed: {} };
  sessionStorage.removeItem(DRAFTS);
}

/** The draft of this name, or a fresh one, and how to change it. One that `isBlank` is none. */
export function useKept<Draft>(
  name: string,
  fresh: () => Draft,
  isBlank: (draft: Draft) => boolean,
): [Draft, (change: (so: Draft) => Draft) => void] {
  const [shown, show] = useState<Draft>(() => (drafts.typed[name] as Draft | undefined) ?? fresh());
  const [latest] = useState({ draft: shown, by: drafts.by });
  const change = (next: (so: Draft) => Draft) => {
    latest.draft = next(latest.draft);
    show(latest.draft);
    if (latest.by && latest.by === drafts.by) {
      const { [name]: _, ...others } = drafts.typed;
      drafts = { ...drafts, typed: isBlank(latest.draft) ? others : { ...others, [name]: latest.draft } };
      write();
    } // else its answer came after somebody signed out
  };
  return [shown, change];
}
