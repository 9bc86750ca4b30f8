/** Asking again what a change elsewhere on the page may have changed. */

import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useEffect, useRef } from "preact/hooks";
import { useAsk, type Asked } from "../api";

/** Like useAsk, and again whenever the count of changes is another one. */
export function useAskSince<Data, Variables extends AnyVariables>(
  changes: number,
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Asked<Data> {
  const asked = useAsk(query, variables);
  const seen = useRef(changes);
  const { again } = asked;
  useEffect(() => {
    if (seen.current !== changes) {
      seen.current = changes;
      again();
    }
  }, [changes, again]);
  return asked;
}
