/** What the page of the catalogue asks, and what there is to choose from. */

import { graphql, type ResultOf } from "../../common/graphql";

/** What the filters and the boxes offer to choose from. */
export const CHOICES = graphql(`
  query Choices {
    sources(first: 250) {
      nodes {
        code
        name
        enabled
      }
    }
    salesChannels(first: 250) {
      nodes {
        code
        name
        stock {
          code
          name
        }
      }
    }
  }
`);

export type Source = ResultOf<typeof CHOICES>["sources"]["nodes"][number];
export type Channel = ResultOf<typeof CHOICES>["salesChannels"]["nodes"][number];

export const PAGE = graphql(`
  query Products($filter: ProductFilter, $after: String, $channel: String, $counted: Boolean!) {
    products(filter: $filter, first: 50, after: $after, salesChannel: $channel) {
      nodes {
        sku
        name
        salesChannel
        salableQty
        availability
        effectiveBackorderConfig {
          backorderLimit {
            kind
          }
        }
        sourceItems {
          source {
            code
            name
            enabled
          }
          quantity
          status
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      totalCount @include(if: $counted)
    }
  }
`);

export type ProductPage = ResultOf<typeof PAGE>["products"];
export type ProductRow = ProductPage["nodes"][number];

/** What other sales channels say of the products of a page. */
export const IN_CHANNEL = graphql(`
  query InChannel($skus: [String!]!, $channel: String!) {
    productsBySku(skus: $skus, salesChannel: $channel) {
      sku
      salableQty
      availability
      effectiveBackorderConfig {
        backorderLimit {
          kind
        }
      }
    }
  }
`);

export const TOTAL = graphql(`
  query Total {
    products(first: 1) {
      totalCount
    }
  }
`);

export const BY_AVAILABILITY = graphql(`
  query ByAvailability($channel: String) {
    IN_STOCK: products(filter: { availability: [IN_STOCK] }, first: 1, salesChannel: $channel) {
      totalCount
    }
    LIMITED_AVAILABILITY: products(filter: { availability: [LIMITED_AVAILABILITY] }, first: 1, salesChannel: $channel) {
      totalCount
    }
    BACK_ORDER: products(filter: { availability: [BACK_ORDER] }, first: 1, salesChannel: $channel) {
      totalCount
    }
    OUT_OF_STOCK: products(filter: { availability: [OUT_OF_STOCK] }, first: 1, salesChannel: $channel) {
      totalCount
    }
  }
`);
