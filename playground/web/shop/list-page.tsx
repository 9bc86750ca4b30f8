/** All products, or those that a search finds; each page of them asks for itself. */

import { useLocation } from "preact-iso";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ResultOf } from "../common/graphql";
import { useChanges } from "./changes";
import { LIST, LIST_CHANGES } from "./documents";
import { useLive, useSettled, useTitle } from "./live";
import { Labels, Trouble } from "./parts";

type Change = ResultOf<typeof LIST_CHANGES>["stockChanged"];

/** As many products as one subscription takes; in a longer list the last ones are followed. */
const MOST_FOLLOWED = 500;

export function ListPage() {
  const { query, route } = useLocation();
  const [text, setText] = useState(query["search"] ?? "");
  const search = useSettled(text.trim());
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  const [shown, setShown] = useState<Readonly<Record<string, string[]>>>({});
  const changes = useChanges(LIST_CHANGES, { skus: Object.values(shown).flat().slice(-MOST_FOLLOWED) });
  useTitle("Products");
  useEffect(() => {
    setCursors([null]);
    setShown({});
    // Kept in the address, so that the way back from a product leads to the same list.
    if (search !== (query["search"] ?? "")) {
      route(search ? `/shop?search=${encodeURIComponent(search)}` : "/shop", true);
    }
  }, [search]);
  return (
    <>
      <h1>Products</h1>
      <search>
        <label for="search">Search</label>
        <input id="search" type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </search>
      {cursors.map((after, index) => (
        <Page
          key={`${search} ${after}`}
          search={search}
          after={after}
          changes={changes}
          onShown={(skus) => setShown((pages) => ({ ...pages, [after ?? ""]: skus }))}
          onMore={index === cursors.length - 1 ? (cursor) => setCursors([...cursors, cursor]) : undefined}
        />
      ))}
    </>
  );
}

function Page({
  search,
  after,
  changes,
  onShown,
  onMore,
}: {
  search: string;
  after: string | null;
  changes: ReadonlyMap<string, Change>;
  onShown: (skus: string[]) => void;
  /** Given to the last page only: it may be followed by another one. */
  onMore: ((cursor: string) => void) | undefined;
}) {
  const { data, error, again } = useLive(LIST, { search: search || null, after });
  const list = useRef<HTMLUListElement>(null);
  const skus = data?.products.nodes.map(({ sku }) => sku);
  useEffect(() => {
    if (skus) {
      onShown(skus);
    }
  }, [skus?.join("\n")]);
  const isFollowing = after !== null && data !== undefined;
  useEffect(() => {
    // "Show more" is gone once it was pressed: the keyboard goes on at the first of what it brought.
    if (isFollowing) {
      list.current?.querySelector("a")?.focus();
    }
  }, [isFollowing]);
  if (error && !data) {
    return <Trouble error={error} again={again} />;
  }
  if (!data) {
    return <p role="status">Looking…</p>;
  }
  const { nodes, pageInfo } = data.products;
  const { hasNextPage, endCursor } = pageInfo;
  return (
    <>
      {error && <Trouble error={error} again={again} />}
      {nodes.length > 0 ? (
        <ul class="products" ref={list}>
          {nodes.map((product) => (
            <li key={product.sku}>
              <a href={`/shop/${encodeURIComponent(product.sku)}`}>{product.name}</a>
              <Labels of={changes.get(product.sku) ?? product} />
            </li>
          ))}
        </ul>
      ) : (
        <p role="status">{search ? `Nothing is called “${search}”.` : "There are no products."}</p>
      )}
      {onMore && hasNextPage && endCursor && (
        <button type="button" onClick={() => onMore(endCursor)}>
          Show more
        </button>
      )}
    </>
  );
}
