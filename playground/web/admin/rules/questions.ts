/** What the form of a scope asks and changes. */

import { graphql, type ResultOf } from "../../common/graphql";

export const FORM = graphql(`
  query ScopeForm($scope: ScopeInput!, $rules: ScopeRuleFilter!) {
    scopeSettings(scope: $scope) {
      revision
      settings {
        definition {
          key
          label
          help
          type
          minimum
          exclusiveMinimum
        }
        ownValue
        inheritedValue
        inheritedFrom {
          type
          source
          sku
        }
        inheritedBySource {
          source
          value
          from {
            type
            source
            sku
          }
        }
        rule {
          id
          setting
          value
          activeFrom
          activeUntil
        }
      }
    }
    scopeRules(filter: $rules, first: 250) {
      nodes {
        id
        setting
        value
        activeFrom
        activeUntil
      }
    }
  }
`);

export const PREVIEW = graphql(`
  query PreviewRules($input: SetScopeRulesInput!) {
    previewScopeRules(input: $input) {
      affectedCount
      becomeInStockCount
      becomeOutOfStockCount
      becomeUnlimitedCount
      salableQtyDelta
      impacts {
        sku
        salesChannel
        before {
          salableQty
          availability
          backorderLimit {
            kind
            quantity
          }
        }
        after {
          salableQty
          availability
          backorderLimit {
            kind
            quantity
          }
        }
      }
      warnings {
        code
        message
        field
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const SAVE = graphql(`
  mutation SaveRules($input: SetScopeRulesInput!) {
    setScopeRules(input: $input) {
      changeSet {
        revision
      }
      warnings {
        code
        message
        field
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** The newest changes of a scope: who was faster, where a save is stale. */
export const LATER = graphql(`
  query LaterChanges($scope: ScopeInput!) {
    changeSets(scope: $scope, first: 20) {
      nodes {
        revision
        actor
        changes {
          scope {
            type
            source
            sku
          }
          setting
          before
          after
          activeFrom
          activeUntil
        }
      }
    }
  }
`);

type Form = ResultOf<typeof FORM>;
export type Setting = NonNullable<Form["scopeSettings"]>["settings"][number];
export type SettingKey = Setting["definition"]["key"];
export type StandingRule = Form["scopeRules"]["nodes"][number];
export type RulesPreview = ResultOf<typeof PREVIEW>["previewScopeRules"];
export type ChangeSetOfScope = ResultOf<typeof LATER>["changeSets"]["nodes"][number];
