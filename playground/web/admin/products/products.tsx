/** The catalogue: a grid of its products, filtered by its address, under a picture of how available they are. */

import { useLocation, useRoute } from "preact-iso";
import { useCallback, useEffect } from "preact/hooks";
import { useAsk } from "../api";
import { Answer } from "../ui/answer";
import { Pager, type usePages } from "../ui/pager";
import { addressOf, filterOf, isComputed, isFiltered, questionOf, type Filter } from "./filter";
import { FilterForm } from "./filter-form";
import { Grid } from "./grid";
import { Picture } from "./picture";
import { CHOICES, PAGE, type Channel, type ProductPage } from "./queries";
import "./catalogue.css";
import { wayBack } from "./way-back";

/** The service looks at so many products for one page of a computed filter, and at most at one page of what it found. */
const LOOKED_AT = "5,000";
const PAGE_SIZE = 50;

export default function Page() {
  const { route } = useLocation();
  const filter = filterOf(useRoute().query); // its own: the location is the next page's while that is loading
  const address = addressOf(filter);
  const onFilter = useCallback((to: Filter, replace = false) => route(addressOf(to), replace), [route]);
  const choices = useAsk(CHOICES, {});
  const page = useAsk(PAGE, questionOf(filter));
  useEffect(() => wayBack.remember(address), [address]);
  return (
    <div class="products">
      <h1>Products</h1>
      <Picture
        channel={filter.channel}
        chosen={filter.availability}
        isAllowed={page.data !== undefined}
        onChoose={(availability) => onFilter({ ...filter, availability, cursors: [] })}
      />
      <Answer of={choices}>
        {({ sources, salesChannels }) => (
          <>
            <FilterForm filter={filter} onFilter={onFilter} sources={sources.nodes} channels={salesChannels.nodes} />
            <Answer of={page}>
              {({ products }) => (
                <Found
                  products={products}
                  isLoading={page.isLoading}
                  filter={filter}
                  onFilter={onFilter}
                  channels={salesChannels.nodes}
                />
              )}
            </Answer>
          </>
        )}
      </Answer>
    </div>
  );
}

/** Pages whose cursors are in the address. */
const pagesOf = (filter: Filter, onFilter: (filter: Filter) => void): ReturnType<typeof usePages> => ({
  after: filter.cursors.at(-1) ?? null,
  number: filter.cursors.length + 1,
  forward: (cursor) => {
    if (cursor !== filter.cursors.at(-1)) {
      onFilter({ ...filter, cursors: [...filter.cursors, cursor] });
    } // else it was clicked twice before the page came
  },
  back: () => onFilter({ ...filter, cursors: filter.cursors.slice(0, -1) }),
  restart: () => onFilter({ ...filter, cursors: [] }),
});

function Found({
  products: { nodes, pageInfo, totalCount },
  isLoading,
  filter,
  onFilter,
  channels,
}: {
  products: ProductPage;
  isLoading: boolean;
  filter: Filter;
  onFilter: (filter: Filter) => void;
  channels: Channel[];
}) {
  const pages = pagesOf(filter, onFilter);
  const { hasNextPage, endCursor } = pageInfo;
  const goesOn = isComputed(filter) && nodes.length < PAGE_SIZE && hasNextPage && endCursor !== null;
  const nothing = isFiltered(filter) ? "No product fits these filters." : "There are no products yet.";
  return (
    <>
      <Grid
        rows={nodes}
        channel={nodes[0]?.salesChannel ?? (filter.channel || "default")} // theirs, also while others are asked for
        channels={channels}
        empty={goesOn ? "None so far." : pages.number > 1 ? "There are no more products." : nothing}
      />
      {goesOn && (
        <div class="row middle goes-on" role="status">
          <span>
            Looked at {LOOKED_AT} products{nodes.length ? ` and found ${nodes.length}` : " and found none"}: there are
            more to look at.
          </span>
          <button type="button" disabled={isLoading} onClick={() => pages.forward(endCursor)}>
            Go on
          </button>
        </div>
      )}
      <Pager pages={pages} info={pageInfo} total={totalCount} />
    </>
  );
}
