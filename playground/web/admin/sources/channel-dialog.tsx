/** Adding a sales channel, or letting one sell from another stock. */

import { useState } from "preact/hooks";
import { useChange } from "../api";
import { Dialog } from "../ui/dialog";
import { TextField } from "../ui/field";
import { graphql } from "../../common/graphql";
import { CodeField } from "./code-field";
import { EditForm } from "./edit-form";
import { codeError, useSave } from "./save";
import type { Channel, EditProps } from "./sources";

const SAVE = graphql(`
  mutation SaveChannel($salesChannels: [SalesChannelInput!]!) {
    upsertSalesChannels(salesChannels: $salesChannels) {
      warnings {
        code
        message
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const INPUTS = ["code", "name", "stock"];

export function ChannelDialog({ channel, places, onSaved, onClose }: EditProps & { channel: Channel | null }) {
  const [code, setCode] = useState(channel?.code ?? "");
  const [name, setName] = useState(channel?.name ?? "");
  const [stock, setStock] = useState(channel?.stock.code ?? "");
  const { stocks, salesChannels } = places;
  const { change, isBusy } = useChange(SAVE);
  const { problem, errors, refuse, finish } = useSave((path) => INPUTS.includes(path), onSaved);
  const submit = async () => {
    const wanted = code.trim();
    const wrong: Record<string, string> = {};
    const ofCode = channel ? undefined : codeError(wanted, "sales channel", salesChannels);
    if (ofCode) {
      wrong["code"] = ofCode;
    }
    if (!stock.trim()) {
      wrong["stock"] = "It sells from exactly one stock.";
    }
    if (Object.keys(wrong).length) {
      refuse(wrong);
      return;
    }
    const row = { code: wanted, name: name.trim() || (channel ? "" : null), stock: stock.trim() };
    const outcome = await change({ salesChannels: [row] });
    finish(outcome, (data) => data.upsertSalesChannels, `Sales channel ${wanted} is saved.`);
  };
  return (
    <Dialog title={channel ? `Sales channel ${channel.code}` : "A new sales channel"} onClose={onClose}>
      <EditForm verb="Save" isBusy={isBusy} problem={problem} errors={errors.rest} onSubmit={submit}>
        {!channel && (
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
          label="Name"
          help={channel ? undefined : "Left out: its code."}
          autoComplete="off"
          value={name}
          error={errors.at["name"]}
          onValue={setName}
        />
        <CodeField
          label="Sells from stock"
          options={stocks}
          none="Choose a stock"
          help={channel ? "Orders that were placed keep the stock that they had." : undefined}
          value={stock}
          error={errors.at["stock"]}
          onValue={setStock}
        />
      </EditForm>
    </Dialog>
  );
}
