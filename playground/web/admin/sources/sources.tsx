/** Sources, the stocks that pool them, and the sales channels that sell from those. */

import { useEffect, useRef, useState } from "preact/hooks";
import "../orders/orders.css";
import { useAsk } from "../api";
import { Answer } from "../ui/answer";
import { Notice } from "../ui/notice";
import { usePages } from "../ui/pager";
import { graphql, type ResultOf } from "../../common/graphql";
import { ChannelDialog } from "./channel-dialog";
import { ChannelList, SourceList, StockList } from "./lists";
import { type Places, usePlaces } from "./places";
import { SourceDialog } from "./source-dialog";
import { StockDialog } from "./stock-dialog";

const SOURCES = graphql(`
  query Sources($sourcesAfter: String, $stocksAfter: String, $channelsAfter: String) {
    sources(first: 50, after: $sourcesAfter) {
      nodes {
        code
        name
        enabled
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    stocks(first: 50, after: $stocksAfter) {
      nodes {
        code
        name
        sources {
          priority
          source {
            code
            name
            enabled
          }
        }
        salesChannels {
          code
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    salesChannels(first: 50, after: $channelsAfter) {
      nodes {
        code
        name
        stock {
          code
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

type Listed = ResultOf<typeof SOURCES>;
export type Source = Listed["sources"]["nodes"][number];
export type Stock = Listed["stocks"]["nodes"][number];
export type Channel = Listed["salesChannels"]["nodes"][number];

/** What is being edited; null adds one. */
type Edited = { source: Source | null } | { stock: Stock | null } | { channel: Channel | null };

export interface Saved {
  title: string;
  warnings: { code: string; message: string }[];
}

export interface EditProps {
  places: Places;
  onSaved: (saved: Saved) => void;
  onClose: () => void;
}

export default function Page() {
  const pages = { sources: usePages(), stocks: usePages(), channels: usePages() };
  const asked = useAsk(SOURCES, {
    sourcesAfter: pages.sources.after,
    stocksAfter: pages.stocks.after,
    channelsAfter: pages.channels.after,
  });
  const [edited, edit] = useState<Edited>();
  const [saved, setSaved] = useState<Saved>();
  const news = useRef<HTMLDivElement>(null);
  useEffect(() => news.current?.focus(), [saved]);
  const places = usePlaces();
  const dialog: EditProps = {
    places,
    onClose: () => edit(undefined),
    onSaved: (what) => {
      edit(undefined);
      setSaved(what);
      asked.again();
      places.again();
    },
  };
  return (
    <>
      <h1>Sources and stocks</h1>
      <p class="dim">
        A source holds goods. A stock pools sources, and draws on them by priority. A sales channel sells from one
        stock.
      </p>
      {saved && (
        <div ref={news} tabIndex={-1}>
          <Notice kind="success" title={saved.title} />
          {saved.warnings.map((warning) => (
            <Notice key={warning.message} kind="warning" title={warning.message} />
          ))}
        </div>
      )}
      <Answer of={places.isLoading ? { ...asked, data: undefined, isLoading: true } : asked}>
        {({ sources, stocks, salesChannels }) => (
          <>
            <SourceList {...sources} pages={pages.sources} onEdit={(source) => edit({ source })} />
            <StockList {...stocks} pages={pages.stocks} onEdit={(stock) => edit({ stock })} />
            <ChannelList {...salesChannels} pages={pages.channels} onEdit={(channel) => edit({ channel })} />
          </>
        )}
      </Answer>
      {edited && "source" in edited && <SourceDialog source={edited.source} {...dialog} />}
      {edited && "stock" in edited && <StockDialog stock={edited.stock} {...dialog} />}
      {edited && "channel" in edited && <ChannelDialog channel={edited.channel} {...dialog} />}
    </>
  );
}
