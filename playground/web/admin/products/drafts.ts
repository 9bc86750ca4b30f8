/** What is being typed into the grid of source items: kept beside what was read, until it is saved or given up. */

import type { VariablesOf } from "../../common/graphql";
import { parseQuantity } from "../../common/quantity";
import type { Item, SET_ITEMS } from "./product-queries";

export interface Draft {
  /** As typed; null where it is left as it is. */
  quantity: string | null;
  status: Item["status"] | null;
  /** The quantity on hand when the typing began: what is expected to be there still. */
  read: number;
}

/** By the code of the source. */
export type Drafts = Readonly<Record<string, Draft>>;

/** The drafts with a change of one item; what says only what is there anyway is no draft. */
export function type(drafts: Drafts, item: Item, change: Partial<Pick<Draft, "quantity" | "status">>): Drafts {
  const before = drafts[item.source.code] ?? { quantity: null, status: null, read: item.quantity };
  const draft = { ...before, ...change, read: before.quantity === null ? item.quantity : before.read };
  if (draft.quantity !== null && parseQuantity(draft.quantity) === item.quantity) {
    draft.quantity = null;
  }
  if (draft.status === item.status) {
    draft.status = null;
  }
  const others = giveUp(drafts, item.source.code);
  return draft.quantity === null && draft.status === null ? others : { ...others, [item.source.code]: draft };
}

export function giveUp(drafts: Drafts, source: string): Drafts {
  const { [source]: _, ...others } = drafts;
  return others;
}

/** Whether a quantity was typed and another one has come to be there since: somebody has to choose. */
export const isOvertaken = (draft: Draft | undefined, item: Item): boolean =>
  draft !== undefined && draft.quantity !== null && draft.read !== item.quantity;

/** Keeps what was typed, now knowing what is there. */
export const keep = (drafts: Drafts, item: Item): Drafts => {
  const draft = drafts[item.source.code];
  return draft ? { ...drafts, [item.source.code]: { ...draft, read: item.quantity } } : drafts;
};

export type ItemInput = VariablesOf<typeof SET_ITEMS>["items"][number];

/** Whether something was typed that is no quantity. */
export const isUnreadable = (draft: Draft | undefined): boolean =>
  draft !== undefined && draft.quantity !== null && parseQuantity(draft.quantity) === null;

/** What to send for the drafts: only what was changed, a quantity with the one that was read. */
export function inputsOf(sku: string, drafts: Drafts, items: readonly Item[]): ItemInput[] {
  return items.flatMap(({ source: { code: source } }) => {
    const draft = drafts[source];
    const quantity = draft?.quantity ? parseQuantity(draft.quantity) : null;
    return draft
      ? [
          {
            sku,
            source,
            ...(quantity !== null && { quantity, expectedQuantity: draft.read }),
            ...(draft.status !== null && { status: draft.status }),
          },
        ]
      : [];
  });
}

/** The items as they are after these inputs: shown until they are read again. */
export const withSaved = (items: readonly Item[], inputs: readonly ItemInput[]): Item[] =>
  items.map((item) => {
    const { quantity, status } = inputs.find(({ source }) => source === item.source.code) ?? {};
    return { ...item, quantity: quantity ?? item.quantity, status: status ?? item.status };
  });
