/** Before an endpoint gets another secret, or goes. */

import { useChange } from "../api";
import { graphql } from "../../common/graphql";
import { SAVE } from "./endpoint-dialog";
import type { DoneProps } from "./endpoints";
import { Question } from "./question";

const REMOVE = graphql(`
  mutation RemoveWebhookEndpoint($code: String!) {
    removeWebhookEndpoints(codes: [$code]) {
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export function Rotation({ code, onDone, onClose }: DoneProps & { code: string }) {
  const { change, isBusy } = useChange(SAVE);
  return (
    <Question
      title={`A new secret for endpoint ${code}?`}
      verb="Make a new secret"
      isBusy={isBusy}
      ask={() => change({ endpoints: [{ code, rotateSecret: true }] })}
      errorsOf={(data) => data.upsertWebhookEndpoints.userErrors}
      onDone={(data) => onDone(`Endpoint ${code} has a new secret.`, data.upsertWebhookEndpoints.secrets)}
      onClose={onClose}
    >
      <p>
        For 24 hours the present secret signs too: give the new one to the endpoint by then. Another new one within that
        time ends the present one at once.
      </p>
    </Question>
  );
}

export function Removal({ code, onDone, onClose }: DoneProps & { code: string }) {
  const { change, isBusy } = useChange(REMOVE);
  return (
    <Question
      title={`Remove endpoint ${code}?`}
      verb="Remove"
      isBusy={isBusy}
      ask={() => change({ code })}
      errorsOf={(data) => data.removeWebhookEndpoints.userErrors}
      onDone={() => onDone(`Endpoint ${code} is removed.`)}
      onClose={onClose}
    >
      <p>What is on its way to it goes with it, and so does its secret. To stop for a while, disable it instead.</p>
    </Question>
  );
}
