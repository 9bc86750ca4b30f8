/** What the other sales channels say of the products of a page: one question for each, all at once. */

import { useClient } from "@urql/preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import type { ResultOf } from "../../common/graphql";
import { IN_CHANNEL } from "./queries";

export type InChannel = NonNullable<ResultOf<typeof IN_CHANNEL>["productsBySku"][number]>;

export interface OtherChannels {
  /** By sales channel, then by SKU; a channel that has not answered yet is missing. */
  answers: ReadonlyMap<string, ReadonlyMap<string, InChannel>>;
  /** The channels that could not be asked. */
  failed: readonly string[];
  again: () => void;
}

export function useOtherChannels(skus: readonly string[], channels: readonly string[]): OtherChannels {
  const client = useClient();
  const [answers, setAnswers] = useState<OtherChannels["answers"]>(new Map());
  const [failed, setFailed] = useState<readonly string[]>([]);
  const [attempt, setAttempt] = useState(0);
  const question = JSON.stringify([skus, channels]);
  useEffect(() => {
    const [skus, channels] = JSON.parse(question) as [string[], string[]];
    let isCurrent = true;
    setAnswers(new Map());
    setFailed([]);
    for (const channel of skus.length ? channels : []) {
      client
        .query(IN_CHANNEL, { skus, channel })
        .toPromise()
        .then(({ data, error }) => {
          if (!isCurrent) {
            return;
          }
          if (!data || error) {
            setFailed((failed) => [...failed, channel]);
            return;
          }
          const found = data.productsBySku.filter((product) => product !== null);
          setAnswers((answers) => new Map(answers).set(channel, new Map(found.map((each) => [each.sku, each]))));
        });
    }
    return () => {
      isCurrent = false;
    };
  }, [client, question, attempt]);
  return { answers, failed, again: useCallback(() => setAttempt((attempt) => attempt + 1), []) };
}
