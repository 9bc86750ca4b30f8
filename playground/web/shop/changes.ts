/** Products as they change, pushed by the service over one WebSocket that all parts of the shop share. */

import { stringifyDocument, type TypedDocumentNode } from "@urql/core";
import { createClient } from "graphql-ws";
import { useEffect, useState } from "preact/hooks";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const SILENCE_MS = 10_000;

/** Connects when something is followed for the first time, and again, ever more slowly, when the connection is lost. */
const client = createClient({
  url: () => `${location.protocol.replace("http", "ws")}//${location.host}/graphql`,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: (retries) => {
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** retries, LONGEST_PAUSE_MS);
    return new Promise((go) => setTimeout(go, pause * (0.5 + Math.random()))); // not everybody at the same moment
  },
  lazyCloseTimeout: 3_000, // from one page to the next it stays open
  keepAlive: SILENCE_MS,
});

// A network that is gone closes nothing: a ping without an answer says it.
let hangUp: ReturnType<typeof setTimeout> | undefined;
client.on("ping", (isReceived) => {
  if (!isReceived) {
    hangUp = setTimeout(() => client.terminate(), SILENCE_MS);
  }
});
client.on("pong", () => clearTimeout(hangUp));
client.on("closed", () => clearTimeout(hangUp));

interface Followed {
  sku: string;
}

/**
 * The latest state of each of these products by SKU, as far as the service has told it. It is empty while there is no
 * connection: then what a page asks by itself is newer. Told again is only what has changed.
 */
export function useChanges<Product extends Followed, Variables extends { skus: string[] }>(
  document: TypedDocumentNode<{ stockChanged: Product }, Variables>,
  variables: Variables,
): ReadonlyMap<string, Product> {
  const [states, setStates] = useState<ReadonlyMap<string, Product>>(new Map());
  const asked = JSON.stringify(variables);
  useEffect(() => {
    if (variables.skus.length === 0) {
      return undefined;
    }
    const silent = () => undefined; // refused or ended: the page goes on by asking
    return client.subscribe<{ stockChanged: Product }>(
      { query: stringifyDocument(document), variables: { ...variables } },
      {
        next: ({ data }) => data && setStates((all) => new Map(all).set(data.stockChanged.sku, data.stockChanged)),
        error: silent,
        complete: silent,
      },
    );
  }, [document, asked]);
  useEffect(() => client.on("closed", () => setStates(new Map())), []);
  return states;
}
