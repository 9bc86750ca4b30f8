/** The deliveries, newest first, and trying one again. */

import { useAsk, useChange } from "../api";
import { Answer } from "../ui/answer";
import { Pager, usePages } from "../ui/pager";
import { Table } from "../ui/table";
import { instantName } from "../words";
import { graphql, type ResultOf } from "../../shared/graphql";
import { attemptsName, canRetry, type DeliveryFilter, emptyWords, isAhead, subjectAddress, subjectName } from "./delivery";
import type { News } from "./news";
import { CHANNELS, EVENTS, STATES } from "./words";

const DELIVERIES = graphql(`
  query Deliveries($filter: DeliveryFilter, $after: String) {
    deliveries(filter: $filter, first: 50, after: $after) {
      nodes {
        id
        event
        subject
        channel
        target
        state
        attempts
        createdAt
        nextAttemptAt
        deliveredAt
        error
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const RETRY = graphql(`
  mutation RetryDelivery($id: ID!) {
    retryDelivery(id: $id) {
      userErrors {
        code
        message
        field
      }
    }
  }
`);

type Delivery = ResultOf<typeof DELIVERIES>["deliveries"]["nodes"][number];

export function DeliveryList({
  filter,
  tell,
  onChanged,
}: {
  filter: DeliveryFilter;
  tell: (news: News) => void;
  onChanged: () => void;
}) {
  const pages = usePages();
  const asked = useAsk(DELIVERIES, { filter, after: pages.after });
  const { change, isBusy } = useChange(RETRY);
  const refresh = () => {
    asked.again();
    onChanged();
  };
  const retry = async ({ id, target }: Delivery) => {
    const { data, problem } = await change({ id });
    const refused = problem ?? data.retryDelivery.userErrors[0];
    tell(
      refused
        ? { kind: "error", title: refused.message }
        : { kind: "success", title: `The delivery to ${target} is due at once; its attempts count anew.` },
    );
    if (!problem) {
      refresh();
    }
  };
  return (
    <Answer of={asked}>
      {({ deliveries: { nodes, pageInfo } }) => (
        <>
          <Table
            caption="Deliveries"
            columns={["Delivery", "How it goes"]}
            empty={pages.number > 1 ? "The list ends here." : emptyWords(filter)}
          >
            {nodes.map((delivery) => (
              <Row key={delivery.id} delivery={delivery} isBusy={isBusy} onRetry={() => void retry(delivery)} />
            ))}
          </Table>
          <div class="row middle">
            <Pager pages={pages} info={pageInfo} />
            <button type="button" onClick={refresh}>
              Look again
            </button>
          </div>
        </>
      )}
    </Answer>
  );
}

function Row({ delivery, isBusy, onRetry }: { delivery: Delivery; isBusy: boolean; onRetry: () => void }) {
  const { event, subject, channel, target, createdAt, error } = delivery;
  return (
    <tr class="delivery">
      <th scope="row">
        {EVENTS[event]}{" "}
        <a class="whole" href={subjectAddress(event, subject)}>
          {subjectName(event, subject)}
        </a>
        <p class="note">to {target}</p>
        <p class="dim small note">
          {CHANNELS[channel]}, {instantName(createdAt)}
        </p>
      </th>
      <td>
        <StateOf delivery={delivery} />
        {error !== null && <p class="note">{error}</p>}
        {canRetry(delivery) && (
          <p class="buttons">
            <button
              type="button"
              class="quiet"
              aria-label={`Retry ${EVENTS[event]} ${subjectName(event, subject)} to ${target}`}
              aria-disabled={isBusy}
              onClick={() => isBusy || onRetry()}
            >
              Retry
            </button>
          </p>
        )}
      </td>
    </tr>
  );
}

const BADGES = { PENDING: "info", DELIVERED: "good", DEAD: "bad" } as const;

function StateOf({ delivery: { state, attempts, nextAttemptAt, deliveredAt } }: { delivery: Delivery }) {
  const isWaiting = isAhead(nextAttemptAt, Date.now());
  return (
    <>
      <span class={`badge ${BADGES[state]}`}>{STATES[state]}</span>
      {deliveredAt && <p class="small note">{instantName(deliveredAt)}</p>}
      {attempts > 0 && <p class="small note">{attemptsName(attempts)}</p>}
      {nextAttemptAt && (
        <p class="small note">{isWaiting ? `Next attempt ${instantName(nextAttemptAt)}` : "Due now"}</p>
      )}
    </>
  );
}
