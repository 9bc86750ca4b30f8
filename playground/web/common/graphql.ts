/** Documents that are checked and typed by the schema of the service. */

import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./schema.generated";

export type SettingValue = boolean | number | string;

export const graphql = initGraphQLTada<{
  introspection: introspection;
  // A quantity has at most 15 digits: a JavaScript number carries it there and back unchanged.
  scalars: { Quantity: number; DateTime: string; SettingValue: SettingValue };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from "gql.tada";
export { readFragment } from "gql.tada";
