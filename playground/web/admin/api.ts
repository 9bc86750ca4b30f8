/** Talking to the service: one client for a token, one hook to ask and one to change. */

import { Client, fetchExchange, mapExchange, type AnyVariables, type TypedDocumentNode } from "@urql/core";
import { useClient, useQuery } from "@urql/preact";
import { useCallback, useRef, useState } from "preact/hooks";
import { problem, problemOf, type Problem } from "../common/problem";

export { problemOf, type Problem };

/** A client without a cache: what an admin sees is what is so now. `onProblem` hears of all that is not answered. */
export const clientOf = (token: string, onProblem: (problem: Problem) => void = () => undefined): Client =>
  new Client({
    url: "/graphql",
    preferGetMethod: false,
    exchanges: [mapExchange({ onError: (error) => onProblem(problemOf(error)) }), fetchExchange],
    requestPolicy: "network-only",
    fetchOptions: { headers: token ? { Authorization: `Bearer ${token}` } : {} },
  });

/** What a question came to: `data` is what was answered last, kept while it is asked again, even in vain. */
export interface Asked<Data> {
  data: Data | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
  again: () => void;
}

export interface UserError {
  code: string;
  message: string;
  field?: string[] | null;
}

/** Ask, and ask again whenever the variables change. `pause` asks nothing. */
export function useAsk<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  pause = false,
): Asked<Data> {
  const [result, execute] = useQuery({ query, variables, pause });
  const again = useCallback(() => execute({ requestPolicy: "network-only" }), [execute]);
  const question = JSON.stringify(variables);
  const answered = useRef<{ question: string; data: Data }>(undefined);
  if (result.data) {
    answered.current = { question, data: result.data };
  }
  // Asked again in vain, the last answer stays: a form under it would go, and what was typed with it.
  const isOfUse = result.fetching || answered.current?.question === question;
  return {
    data: isOfUse ? answered.current?.data : undefined,
    problem: result.error && problemOf(result.error),
    isLoading: result.fetching || result.stale,
    again,
  };
}

export type Outcome<Data> = { data: Data; problem?: undefined } | { data?: undefined; problem: Problem };

/**
 * Change something. The outcome holds the payloads, whose userErrors are for the caller, or the problem that kept the
 * service from answering. Nothing typed is lost by either.
 */
export function useChange<Data, Variables extends AnyVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
): { change: (variables: Variables) => Promise<Outcome<Data>>; isBusy: boolean } {
  const client = useClient();
  const [isBusy, setBusy] = useState(false);
  const change = useCallback(
    async (variables: Variables): Promise<Outcome<Data>> => {
      setBusy(true);
      const result = await client.mutation(mutation, variables).toPromise();
      setBusy(false);
      return result.data && !result.error
        ? { data: result.data }
        : { problem: result.error ? problemOf(result.error) : problem("INTERNAL_ERROR") };
    },
    [client, mutation],
  );
  return { change, isBusy };
}
