/** Adding a sales channel, or letting one sell from another stock. */

import { useState } from "preact/hooks";
import { useChange } from "../api";
import { Dialog } from "../ui/dialog";
import { graphql } from "../../common/graphql";
import { typedKey } from "../../common/key";
import { CodeField } from "./code-field";
import { CodeAndName, useCodeAndName } from "./code-and-name";
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
  const row = useCodeAndName(channel);
  const [stock, setStock] = useState(channel?.stock.code ?? "");
  const { stocks, salesChannels } = places;
  const { change, isBusy } = useChange(SAVE);
  const { problem, errors, refuse, finish } = useSave((path) => INPUTS.includes(path), onSaved);
  const submit = async () => {
    const { code } = row.input;
    const wrong: Record<string, string> = {};
    const ofCode = channel ? undefined : codeError(code, "sales channel", salesChannels);
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
    const outcome = await change({ salesChannels: [{ ...row.input, stock: typedKey(stock, stocks?.map(({ value }) => value)) }] });
    finish(outcome, (data) => data.upsertSalesChannels, `Sales channel ${code} is saved.`);
  };
  return (
    <Dialog title={channel ? `Sales channel ${channel.code}` : "A new sales channel"} onClose={onClose}>
      <EditForm verb="Save" isBusy={isBusy} problem={problem} errors={errors.rest} onSubmit={submit}>
        <CodeAndName of={row} errors={errors.at} />
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
