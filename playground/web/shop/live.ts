/** Asking what is so now, and asking again when it may have changed. */

import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useQuery } from "@urql/preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/**
 * Ask whenever the variables change, and when somebody comes back to the tab. `pause` asks nothing. What was answered last
 * stays while it is asked again, and where that fails: a page with a form on it does not vanish with the connection.
 */
export function useLive<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  pause = false,
) {
  const [result, ask] = useQuery({ query, variables, pause });
  const answered = useRef<Data | undefined>(undefined);
  if (result.data !== undefined) {
    answered.current = result.data;
  }
  const again = useCallback(() => ask({ requestPolicy: "network-only" }), [ask]);
  useEffect(() => {
    const onReturn = () => !pause && document.visibilityState === "visible" && again();
    document.addEventListener("visibilitychange", onReturn);
    return () => document.removeEventListener("visibilitychange", onReturn);
  }, [pause, again]);
  return { data: answered.current, error: result.error, isAsking: result.fetching || result.stale, again };
}

/** The value once it has stood still for a moment: nobody waits for an answer to half a number. */
export function useSettled<Value>(value: Value, milliseconds = 250): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Camp shop`;
  }, [title]);
}
