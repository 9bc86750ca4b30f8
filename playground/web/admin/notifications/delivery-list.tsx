/** The deliveries, newest first. */

import { useAsk, useChange } from "../api";
import { Answer } from "../ui/answer";
import { Pager, usePages } from "../ui/pager";
import { Table } from "../ui/table";
import { graphql, type ResultOf } from "../../common/graphql";
import { type DeliveryFilter, emptyWords } from "./delivery";
import { DeliveryRow } from "./delivery-row";
import type { News } from "./news";

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

const DISMISS = graphql(`
  mutation DismissDelivery($id: ID!) {
    dismissDeliveries(input: { ids: [$id] }) {
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export type Delivery = ResultOf<typeof DELIVERIES>["deliveries"]["nodes"][number];

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
  const dismissal = useChange(DISMISS);
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
  const dismiss = async ({ id, target }: Delivery) => {
    const { data, problem } = await dismissal.change({ id });
    const refused = problem ?? data.dismissDeliveries.userErrors[0];
    tell(
      refused
        ? { kind: "error", title: refused.message }
        : { kind: "success", title: `The delivery to ${target} is dismissed.` },
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
              <DeliveryRow
                key={delivery.id}
                delivery={delivery}
                isBusy={isBusy || dismissal.isBusy}
                onRetry={() => void retry(delivery)}
                onDismiss={() => void dismiss(delivery)}
              />
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
