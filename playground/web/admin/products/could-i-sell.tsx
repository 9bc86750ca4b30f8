/** A small box that asks whether a quantity could be sold, and answers in words. */

import { useEffect, useState } from "preact/hooks";
import { parseQuantity } from "../../common/quantity";
import { useAsk } from "../api";
import { Answer } from "../ui/answer";
import { SelectField, TextField } from "../ui/field";
import { Notice } from "../ui/notice";
import { SALABILITY } from "./product-queries";
import type { Channel } from "./queries";
import { judge } from "./words";

export function CouldISell({ sku, channels, changes }: { sku: string; channels: Channel[]; changes: number }) {
  const [typed, setTyped] = useState("");
  const [channel, setChannel] = useState("default");
  const [error, setError] = useState<string>();
  const [question, setQuestion] = useState<{ quantity: number; channel: string }>();
  const answer = useAsk(
    SALABILITY,
    { items: [{ sku, quantity: question?.quantity ?? 0 }], channel: question?.channel ?? channel },
    question === undefined,
  );
  const { again } = answer;
  useEffect(() => {
    if (question) {
      again(); // the answer of before the change
    }
  }, [changes]);
  const ask = () => {
    const quantity = parseQuantity(typed);
    setError(quantity === null ? "A number with at most four decimal places." : undefined);
    if (quantity !== null) {
      setQuestion({ quantity, channel });
      if (question?.quantity === quantity && question.channel === channel) {
        again();
      }
    }
  };
  return (
    <>
      <form
        class="row question"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <div class="narrow">
          <TextField
            label="Quantity"
            inputMode="decimal"
            autoComplete="off"
            error={error}
            value={typed}
            onValue={setTyped}
          />
        </div>
        <SelectField
          label="Sales channel"
          value={channel}
          onValue={setChannel}
          options={channels.map(({ code, name }) => ({ value: code, label: name }))}
        />
        <button type="submit" disabled={answer.isLoading}>
          Ask
        </button>
      </form>
      {question && (
        <Answer of={answer}>
          {({ salability }) =>
            salability.map((each) => {
              const { title, lines } = judge(each);
              const where = channels.find(({ code }) => code === question.channel)?.name ?? question.channel;
              return (
                <Notice key={each.requestedQty} kind={each.isSalable ? "success" : "warning"} title={title}>
                  {lines.map((line) => (
                    <p key={line}>{line}</p>
                  ))}
                  <p class="small">Asked of {where}.</p>
                </Notice>
              );
            })
          }
        </Answer>
      )}
    </>
  );
}
