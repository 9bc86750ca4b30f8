/** Drafts outlive their page: whoever looks something up and comes back finds what was typed. */

import { useKept } from "../ui/kept";
import { BLANK, type Draft } from "./draft";

const isBlank = ({ typed, reason, from, until }: Draft): boolean =>
  Object.keys(typed).length === 0 && !reason && !from && !until;

/** The draft of this name, and how to change it or throw it away. */
export function useDraft(name: string) {
  const [draft, change] = useKept(`rules of ${name}`, () => BLANK, isBlank);
  return { draft, change, discard: () => change(() => BLANK) };
}
