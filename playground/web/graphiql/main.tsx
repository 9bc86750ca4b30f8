/** @jsxImportSource react */
import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { parse, type DocumentNode } from "graphql";
import { createClient } from "graphql-ws";
import { StrictMode, useEffect, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { sayMissing } from "../common/start";
import { joinTabs, token } from "../common/token";
import { nameEditors } from "./accessible";
import "./page.css";
import { samples } from "./samples";

const WELCOME = `# 25 tents are on hand and orders may go 50 below zero: 75 can be sold.
# Ctrl-Enter runs the query, Ctrl-Space completes it, and the book on the left holds the documentation.
{
  product(sku: "TENT") {
    salableQty
    availability
    salability(quantity: 30) {
      backorderedQty
      notice
    }
  }
}
`;

const asked = new URLSearchParams(location.search);

/** A token that was typed here holds for this tab alone, before the one of the sign-in; emptied, it is a shopper's. */
const TYPED = "salable.graphiql";

// The editors come in parts, some of them later.
addEventListener("vite:preloadError", () => {
  if (!document.querySelector(".missing")) {
    const place = document.createElement("div");
    document.body.prepend(place);
    sayMissing(place);
  }
});

/** What is asked, read when it is asked: GraphiQL's own reading of its editor is a moment behind a sample that was opened. */
function documentOf(query: string): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined; // the service says what is wrong with it
  }
}

const typedOr = (token: string): string => sessionStorage.getItem(TYPED) ?? token;

function Page() {
  const [query, setQuery] = useState(asked.get("query") ?? undefined);
  const [held, setHeld] = useState(() => typedOr(token.read()));
  const editors = useRef<HTMLElement>(null);
  useEffect(() => nameEditors(editors.current!), []);
  useEffect(() => {
    const take = (told: string) => {
      if (!token.read()) {
        token.take(told);
        setHeld(typedOr(told));
      }
    };
    if (!token.read()) {
      token.ask();
    }
    return joinTabs(take, () => setHeld(""));
  }, []);
  const fetcher = useMemo(() => {
    const headers: Record<string, string> = held ? { Authorization: `Bearer ${held}` } : {};
    // Subscriptions come over WebSocket, where a browser can send no headers: the first message carries the token.
    const wsClient = createClient({ url: `${location.origin.replace("http", "ws")}/graphql`, connectionParams: headers });
    const ask = createGraphiQLFetcher({ url: "/graphql", headers, wsClient });
    const fetcher: Fetcher = (params, options) => {
      const documentAST = documentOf(params.query);
      return ask(params, documentAST ? { ...options, documentAST } : options);
    };
    return fetcher;
  }, [held]);

  return (
    <>
      <header className="bar">
        <h1>GraphiQL</h1>
        <label>
          Sample{" "}
          <select
            value=""
            onChange={(event) => setQuery(samples.find((each) => each.name === event.target.value)?.query)}
          >
            <option value="">open a query…</option>
            {samples.map((each) => (
              <option key={each.name} value={each.name} title={each.says}>
                {each.name}: {each.says}
              </option>
            ))}
          </select>
        </label>
        <label>
          Token{" "}
          <input
            type="password"
            autoComplete="off"
            placeholder="none: what a shopper sees"
            value={held}
            onChange={(event) => {
              sessionStorage.setItem(TYPED, event.target.value.trim());
              setHeld(event.target.value.trim());
            }}
          />
        </label>
      </header>
      <main ref={editors}>
        <GraphiQL
          fetcher={fetcher}
          defaultQuery={WELCOME}
          {...(query === undefined ? {} : { query })}
          variables={asked.get("variables") ?? ""}
          defaultEditorToolsVisibility="variables"
          shouldPersistHeaders={false}
        />
      </main>
    </>
  );
}

createRoot(document.getElementById("page")!).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
