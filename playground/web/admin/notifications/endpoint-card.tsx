/** One endpoint: how it is, what can be done with it, and how a test of it went. */

import { useState } from "preact/hooks";
import { type Outcome, useChange } from "../api";
import { addressOf } from "../orders/address";
import { Notice, Refusal } from "../ui/notice";
import { instantName } from "../words";
import { graphql, type ResultOf } from "../../common/graphql";
import { eventsName } from "./endpoint";
import type { Endpoint } from "./endpoints";

const TEST = graphql(`
  mutation TestWebhookEndpoint($code: String!) {
    testWebhookEndpoint(code: $code) {
      delivered
      error
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export function EndpointCard({
  endpoint: { code, url, events, enabled, failures, disabledReason, createdAt },
  onEdit,
  onRotate,
  onRemove,
}: {
  endpoint: Endpoint;
  onEdit: () => void;
  onRotate: () => void;
  onRemove: () => void;
}) {
  const { change, isBusy } = useChange(TEST);
  const [tested, setTested] = useState<Outcome<ResultOf<typeof TEST>>>();
  const test = async () => {
    setTested(undefined);
    setTested(await change({ code }));
  };
  return (
    <section class="sheet endpoint" aria-label={`Endpoint ${code}`}>
      <div class="head">
        <h3>{code}</h3>
        {enabled ? <span class="badge good">Enabled</span> : <span class="badge warn">Disabled</span>}
        <span class="buttons end">
          <button type="button" class="quiet" aria-disabled={isBusy} onClick={() => isBusy || void test()}>
            {isBusy ? "Testing…" : "Test"}
          </button>
          <button type="button" class="quiet" onClick={onEdit}>
            Edit
          </button>
          <button type="button" class="quiet" onClick={onRotate}>
            New secret
          </button>
          <button type="button" class="quiet" onClick={onRemove}>
            Remove
          </button>
        </span>
      </div>
      {tested && <Tested outcome={tested} />}
      {disabledReason && <p class="reason">{disabledReason}</p>}
      <dl class="facts">
        <div class="wide">
          <dt>URL</dt>
          <dd>{url}</dd>
        </div>
        <div class="wide">
          <dt>Is told of</dt>
          <dd>{eventsName(events)}</dd>
        </div>
        <div>
          <dt>Failures since the last success</dt>
          <dd>{failures ? <span class="badge bad">{failures}</span> : "None"}</dd>
        </div>
        <div>
          <dt>Added</dt>
          <dd>{instantName(createdAt)}</dd>
        </div>
        <div>
          <dt>Deliveries</dt>
          <dd>
            <a href={addressOf("/admin/notifications/deliveries", { channel: "WEBHOOK", target: code })}>
              Those to {code}
            </a>
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Tested({ outcome: { data, problem } }: { outcome: Outcome<ResultOf<typeof TEST>> }) {
  if (problem || data.testWebhookEndpoint.userErrors.length) {
    return <Refusal problem={problem} errors={data?.testWebhookEndpoint.userErrors} />;
  }
  const { delivered, error } = data.testWebhookEndpoint;
  return delivered ? (
    <Notice kind="success" title="The test was delivered." />
  ) : (
    <Notice kind="error" title={`The test was not delivered. ${error ?? ""}`} />
  );
}
