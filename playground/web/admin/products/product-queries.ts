/** What the page of a product asks and changes. */

import { graphql, type ResultOf } from "../../common/graphql";

/** A product as such, and where it lies. */
export const PRODUCT = graphql(`
  query Product($sku: String!) {
    product(sku: $sku) {
      sku
      name
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
  }
`);

export type Item = NonNullable<NonNullable<ResultOf<typeof PRODUCT>["product"]>["sourceItems"]>[number];

const WALKED = graphql(`
  fragment Walked on EffectiveSetting @_unmask {
    setting
    value
    scope {
      type
      source
      sku
    }
    rule {
      id
      activeUntil
    }
    overridden {
      id
      value
      scope {
        type
        source
        sku
      }
    }
  }
`);

/** All that explains a product's number in a sales channel. */
export const WHY = graphql(
  `
    query Why($sku: String!, $channel: String!) {
      product(sku: $sku, salesChannel: $channel) {
        sku
        salableQty
        stockStatus
        availability
        onlyXLeftInStock
        salableQtyTerms {
          kind
          quantity
          source
          rule {
            id
            value
            activeUntil
            scope {
              type
              source
              sku
            }
          }
        }
        effectiveBackorderConfig {
          manageStock
          backorders
          backorderLimit {
            kind
            quantity
          }
          settings {
            ...Walked
          }
          sources {
            source
            counts
            backorders {
              ...Walked
            }
            outOfStockThreshold {
              ...Walked
            }
          }
        }
      }
    }
  `,
  [WALKED],
);

export type Explained = NonNullable<ResultOf<typeof WHY>["product"]>;
export type Term = NonNullable<Explained["salableQtyTerms"]>[number];
export type SourceWalk = NonNullable<Explained["effectiveBackorderConfig"]["sources"]>[number];
export type Walked = SourceWalk["backorders"];

/** What a rule may say of a product at one source, and what holds there. */
export const AT_SOURCE = graphql(`
  query AtSource($sku: String!, $source: String!) {
    scopeSettings(scope: { type: PRODUCT_SOURCE, sku: $sku, source: $source }) {
      settings {
        definition {
          key
        }
        effectiveValue
        inheritedFrom {
          type
          source
          sku
        }
        rule {
          scope {
            type
            source
            sku
          }
        }
      }
    }
  }
`);

export const SET_ITEMS = graphql(`
  mutation SetItems($items: [SourceItemInput!]!) {
    setSourceItems(items: $items) {
      count
      warnings {
        message
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const REMOVE_ITEMS = graphql(`
  mutation RemoveItems($items: [SourceItemKeyInput!]!) {
    removeSourceItems(items: $items) {
      count
      warnings {
        message
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const SALABILITY = graphql(`
  query Salability($items: [SalabilityRequest!]!, $channel: String!) {
    salability(items: $items, salesChannel: $channel) {
      requestedQty
      isSalable
      backorderedQty
      maxSalableQty
      notice
      errors {
        message
      }
    }
  }
`);

export type Judged = ResultOf<typeof SALABILITY>["salability"][number];
