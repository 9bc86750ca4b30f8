/** What forms offer to choose from: the sources, stocks and sales channels that there are. */

import { useAsk } from "../api";
import { useSession } from "../session";
import { graphql } from "../../common/graphql";

const PLACES = graphql(`
  query Places {
    sources(first: 250) {
      nodes {
        code
        name
        enabled
      }
      pageInfo {
        hasNextPage
      }
    }
    stocks(first: 250) {
      nodes {
        code
        name
        sources {
          source {
            code
            name
            enabled
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
    salesChannels(first: 250) {
      nodes {
        code
        name
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export interface Option {
  value: string;
  label: string;
}

/** What can be chosen; null where a code is typed: who may not see the list, or a list too long to choose from. */
export type Options = Option[] | null;

export interface Places {
  sources: Options;
  stocks: Options;
  salesChannels: Options;
  /** The enabled sources of a stock, in the order in which they are drawn on. */
  sourcesOf: (stock: string) => Options;
  isLoading: boolean;
  again: () => void;
}

export function usePlaces(): Places {
  const { viewer } = useSession();
  const mayList = viewer.role === "ADMIN";
  const { data, problem, again } = useAsk(PLACES, {}, !mayList);
  if (!mayList || problem) {
    return { sources: null, stocks: null, salesChannels: null, sourcesOf: () => null, isLoading: false, again };
  }
  return {
    sources: options(data?.sources),
    stocks: options(data?.stocks),
    salesChannels: options(data?.salesChannels),
    sourcesOf: (stock) => {
      const found = data?.stocks.nodes.find(({ code }) => code === stock);
      return data && !found ? null : (found?.sources ?? []).filter(({ source }) => source.enabled).map(toOption);
    },
    isLoading: !data,
    again,
  };
}

interface Place {
  code: string;
  name: string;
  enabled?: boolean;
}

const toOption = ({ source }: { source: Place }): Option => optionOf(source);

const optionOf = ({ code, name, enabled = true }: Place): Option => ({
  value: code,
  label: `${name === code ? code : `${name} (${code})`}${enabled ? "" : ", disabled"}`,
});

/** Empty while it is loading: a list that will be there is not to turn from an input into a choice under one's hand. */
function options(list: { nodes: Place[]; pageInfo: { hasNextPage: boolean } } | undefined): Options {
  return list?.pageInfo.hasNextPage ? null : (list?.nodes ?? []).map(optionOf);
}
