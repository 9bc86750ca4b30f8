/** All that the shop asks the service. A shopper has no token: these fields are open to everybody. */

import { graphql, type ResultOf } from "../common/graphql";

/** What the service says of one quantity of one product. */
const VERDICT = graphql(`
  fragment Verdict on Salability @_unmask {
    sku
    requestedQty
    isSalable
    maxSalableQty
    notice
    errors {
      code
      message
    }
  }
`);

export type Salability = ResultOf<typeof VERDICT>;

/** The list, page by page: `endCursor` is the next page's `after`. */
export const LIST = graphql(`
  query List($search: String, $after: String) {
    products(first: 12, after: $after, filter: { search: $search, assigned: true }) {
      nodes {
        sku
        name
        availability
        onlyXLeftInStock
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** A product's page, with the verdict on the quantity that stands in its field. */
export const PRODUCT = graphql(
  `
    query Product($sku: String!, $quantity: Quantity!) {
      product(sku: $sku) {
        sku
        name
        availability
        onlyXLeftInStock
        salability(quantity: $quantity) {
          ...Verdict
        }
      }
    }
  `,
  [VERDICT],
);

/** What the list shows of a product, as it changes. */
export const LIST_CHANGES = graphql(`
  subscription ListChanges($skus: [String!]!) {
    stockChanged(skus: $skus) {
      sku
      availability
      onlyXLeftInStock
    }
  }
`);

/** A product's page, as it changes. */
export const PRODUCT_CHANGES = graphql(
  `
    subscription ProductChanges($skus: [String!]!, $quantity: Quantity!) {
      stockChanged(skus: $skus) {
        sku
        name
        availability
        onlyXLeftInStock
        salability(quantity: $quantity) {
          ...Verdict
        }
      }
    }
  `,
  [VERDICT],
);

/** The cart, judged as a whole: one answer for each line, in order. */
export const CART = graphql(
  `
    query Cart($items: [SalabilityRequest!]!) {
      salability(items: $items) {
        ...Verdict
      }
    }
  `,
  [VERDICT],
);
