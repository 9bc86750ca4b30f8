/** The rules that have windows: now and later. */

import { graphql, type ResultOf } from "../../common/graphql";

export const SCHEDULED = graphql(`
  query ScheduledRules($after: String) {
    scopeRules(filter: { scheduled: true }, first: 250, after: $after) {
      totalCount
      nodes {
        id
        scope {
          type
          source
          sku
        }
        setting
        value
        revision
        activeFrom
        activeUntil
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    settingDefinitions {
      key
      label
    }
  }
`);

export type ScheduledRule = ResultOf<typeof SCHEDULED>["scopeRules"]["nodes"][number];
