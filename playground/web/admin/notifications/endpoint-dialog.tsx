/** Adding an endpoint, or changing one. */

import { useState } from "preact/hooks";
import { useChange } from "../api";
import { EditForm } from "../sources/edit-form";
import { useSave } from "../sources/save";
import { Dialog } from "../ui/dialog";
import { TextField } from "../ui/field";
import { graphql } from "../../common/graphql";
import { typedKey } from "../../common/key";
import { changedRow, checkedOf, newRow, typedErrors } from "./endpoint";
import type { DoneProps, Endpoint } from "./endpoints";
import { EventFields } from "./event-fields";
import type { Made } from "./secret";

export const SAVE = graphql(`
  mutation SaveWebhookEndpoint($endpoints: [WebhookEndpointInput!]!) {
    upsertWebhookEndpoints(endpoints: $endpoints) {
      secrets {
        code
        secret
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const INPUTS = ["code", "url", "events"];

export function EndpointDialog({
  endpoint,
  taken,
  onDone,
  onClose,
}: DoneProps & { endpoint: Endpoint | null; /** The codes that there are. */ taken: string[] }) {
  const [code, setCode] = useState(endpoint?.code ?? "");
  const [url, setUrl] = useState(endpoint?.url ?? "");
  const [events, setEvents] = useState(() => checkedOf(endpoint?.events ?? []));
  const [enabled, setEnabled] = useState(endpoint?.enabled ?? true);
  const { change, isBusy } = useChange(SAVE);
  let made: Made[] = [];
  const { problem, errors, refuse, finish } = useSave(
    (path) => INPUTS.includes(path),
    ({ title }) => onDone(title, made),
  );
  const submit = async () => {
    const typed = { code: endpoint?.code ?? typedKey(code), url: url.trim(), events, enabled };
    const wrong = typedErrors(typed, endpoint ? [] : taken);
    if (Object.keys(wrong).length) {
      refuse(wrong);
      return;
    }
    const outcome = await change({ endpoints: [endpoint ? changedRow(endpoint, typed) : newRow(typed)] });
    made = outcome.data?.upsertWebhookEndpoints.secrets ?? [];
    finish(
      outcome,
      ({ upsertWebhookEndpoints: { userErrors } }) => ({ warnings: [], userErrors }),
      `Endpoint ${typed.code} is saved.`,
    );
  };
  return (
    <Dialog title={endpoint ? `Endpoint ${endpoint.code}` : "A new webhook endpoint"} onClose={onClose}>
      <EditForm verb="Save" isBusy={isBusy} problem={problem} errors={errors.rest} onSubmit={submit}>
        {!endpoint && (
          <TextField
            label="Code"
            help="1 to 64 characters; it stays as it is."
            autoComplete="off"
            value={code}
            error={errors.at["code"]}
            onValue={setCode}
          />
        )}
        <TextField
          label="URL"
          help="By https or http, at a public address."
          autoComplete="off"
          value={url}
          error={errors.at["url"]}
          onValue={setUrl}
        />
        <EventFields checked={events} error={errors.at["events"]} onChecked={setEvents} />
        <label class="switch">
          <input
            type="checkbox"
            role="switch"
            checked={enabled}
            onChange={(event) => setEnabled(event.currentTarget.checked)}
          />
          Enabled
        </label>
        <p class="help">While it is not, nothing is sent to it. Enabled again, what waited for it goes on at once.</p>
      </EditForm>
    </Dialog>
  );
}
