/** A change that takes effect once, however often it is sent. */

import type { TypedDocumentNode } from "@urql/core";
import { useCallback, useRef } from "preact/hooks";
import { type Outcome, useChange } from "../api";

/** 128 random bits; unlike crypto.randomUUID it is there without HTTPS too. */
const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Sends a mutation under an idempotency key. Where no answer comes, nobody knows whether it took effect: the next
 * attempt carries the same key. An answer, a refusal too, ends the attempt, and the next one has a new key. Where the input
 * is kept over a reload, its key is `kept` with it.
 */
export function useOnce<Data, Variables extends { idempotencyKey: string }>(
  mutation: TypedDocumentNode<Data, Variables>,
  kept?: { key: string; keep: (key: string) => void },
): { send: (input: Omit<Variables, "idempotencyKey">) => Promise<Outcome<Data>>; isBusy: boolean } {
  const { change, isBusy } = useChange(mutation);
  const key = useRef(kept?.key ?? "");
  const send = useCallback(
    async (input: Omit<Variables, "idempotencyKey">) => {
      key.current ||= newKey();
      kept?.keep(key.current); // before it is sent: the page may be gone when the answer comes
      const outcome = await change({ ...input, idempotencyKey: key.current } as Variables);
      if (outcome.data) {
        key.current = "";
        kept?.keep("");
      }
      return outcome;
    },
    [change, kept?.keep],
  );
  return { send, isBusy };
}
