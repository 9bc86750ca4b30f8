/** The programs that are told by HTTP. */

import { useState } from "preact/hooks";
import "../orders/orders.css";
import { useAsk } from "../api";
import { Answer } from "../ui/answer";
import { graphql, type ResultOf } from "../../common/graphql";
import { EndpointCard } from "./endpoint-card";
import { EndpointDialog } from "./endpoint-dialog";
import { Removal, Rotation } from "./endpoint-questions";
import { useNews } from "./news";
import { Head } from "./parts";
import { type Made, Secret } from "./secret";

// There are at most 100: they are one page.
const ENDPOINTS = graphql(`
  query WebhookEndpoints {
    webhookEndpoints(first: 100) {
      nodes {
        code
        url
        events
        enabled
        failures
        disabledReason
        createdAt
      }
    }
  }
`);

export type Endpoint = ResultOf<typeof ENDPOINTS>["webhookEndpoints"]["nodes"][number];

/** What is asked of the admin; null adds one. */
type Asking = { edit: Endpoint | null } | { rotate: Endpoint } | { remove: Endpoint };

export interface DoneProps {
  onDone: (title: string, secrets?: Made[]) => void;
  onClose: () => void;
}

export default function Page() {
  const asked = useAsk(ENDPOINTS, {});
  const [asking, setAsking] = useState<Asking>();
  const [secrets, setSecrets] = useState<Made[]>([]);
  const { tell, shown } = useNews();
  const forget = (code: string) => setSecrets((held) => held.filter((each) => each.code !== code));
  const props: DoneProps = {
    onClose: () => setAsking(undefined),
    onDone: (title, made = []) => {
      setAsking(undefined);
      tell({ kind: "success", title });
      setSecrets((held) => [...made, ...held.filter(({ code }) => !made.some((each) => each.code === code))]);
      asked.again();
    },
  };
  const taken = asked.data?.webhookEndpoints.nodes.map(({ code }) => code) ?? [];
  return (
    <>
      <Head />
      <p class="dim">
        A webhook endpoint is a program that is told by HTTP: each event is posted to its URL, signed with its secret as
        Standard Webhooks has it. One that fails for long is disabled until it is enabled here.
      </p>
      {shown}
      {secrets.map((made) => (
        <Secret key={made.secret} made={made} onHide={() => forget(made.code)} />
      ))}
      <Answer of={asked}>
        {({ webhookEndpoints: { nodes } }) => (
          <section aria-label="Webhook endpoints">
            <div class="head">
              <h2>Webhook endpoints</h2>
              <button type="button" class="end" onClick={() => setAsking({ edit: null })}>
                Add an endpoint
              </button>
            </div>
            {!nodes.length && <p class="sheet dim">There are none: no program is told of anything.</p>}
            {nodes.map((endpoint) => (
              <EndpointCard
                key={`${endpoint.code} ${endpoint.url}`}
                endpoint={endpoint}
                onEdit={() => setAsking({ edit: endpoint })}
                onRotate={() => setAsking({ rotate: endpoint })}
                onRemove={() => setAsking({ remove: endpoint })}
              />
            ))}
          </section>
        )}
      </Answer>
      {asking && "edit" in asking && <EndpointDialog endpoint={asking.edit} taken={taken} {...props} />}
      {asking && "rotate" in asking && <Rotation code={asking.rotate.code} {...props} />}
      {asking && "remove" in asking && (
        <Removal
          code={asking.remove.code}
          onClose={props.onClose}
          onDone={(title) => {
            forget(asking.remove.code);
            props.onDone(title);
          }}
        />
      )}
    </>
  );
}
