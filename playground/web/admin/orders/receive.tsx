/** Goods that arrive at a source, and what they free. */

import { useLocation } from "preact-iso";
import { useEffect, useRef, useState } from "preact/hooks";
import { CodeField } from "../sources/code-field";
import { usePlaces } from "../sources/places";
import { Notice } from "../ui/notice";
import { graphql, type ResultOf } from "../../common/graphql";
import { typedKey } from "../../common/key";
import { errorsByLine, isBlank, type LineErrors, readLines } from "./lines";
import { type Ended, Ending } from "./ending";
import { useOnce } from "./once";
import "./orders.css";
import { beganWith, isUntyped } from "./receipt";
import { ReceiptLines } from "./receipt-lines";
import { Received } from "./received";
import { useReceipt } from "./use-receipt";

const RECEIVE = graphql(`
  mutation Receive($source: String!, $lines: [ReceiptLineInput!]!, $idempotencyKey: String!) {
    receiveStock(source: $source, lines: $lines, idempotencyKey: $idempotencyKey) {
      sourceItems {
        sku
        quantity
        status
      }
      releasedCount
      released {
        orderNumber
        sku
        stock
        releasedQty
        waitingQty
      }
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

export type Receipt = ResultOf<typeof RECEIVE>["receiveStock"];

export default function Page() {
  const { query } = useLocation();
  const { sources } = usePlaces();
  const asked = { source: query["source"] ?? "", sku: query["sku"] ?? "" };
  const { typed, change, isOther, clear } = useReceipt(asked);
  const { source, lines: drafts } = typed;
  const keep = (key: string) => change((so) => ({ ...so, key }));
  const { send, isBusy } = useOnce(RECEIVE, { key: typed.key, keep });
  const [wrong, setWrong] = useState(new Map<number, LineErrors>());
  const [sourceError, setSourceError] = useState<string>();
  const [ended, setEnded] = useState<Ended>({});
  const [received, setReceived] = useState<{ source: string; receipt: Receipt }>();
  const news = useRef<HTMLHeadingElement>(null);
  useEffect(() => news.current?.focus(), [received]);

  const submit = async () => {
    const { lines, ids, errors } = readLines(drafts, isBlank);
    const code = typedKey(source, sources?.map(({ value }) => value));
    setEnded({});
    setWrong(errors);
    setSourceError(code ? undefined : "Where have the goods arrived?");
    if (isBusy || errors.size || !code) {
      return;
    }
    if (!lines.length) {
      setEnded({ errors: [{ code: "EMPTY_ORDER", message: "Say what has arrived." }] });
      return;
    }
    const arrived = lines.map(({ sku, quantity }) => ({ sku, quantity }));
    const { data, problem } = await send({ source: code, lines: arrived });
    if (!data || data.receiveStock.userErrors.length) {
      const given = errorsByLine(data?.receiveStock.userErrors ?? [], ids, ["sku", "quantity"]);
      const ofSource = given.rest.find(({ field }) => field?.join() === "source");
      setWrong(given.errors);
      setSourceError(ofSource?.message);
      setEnded({ problem, errors: given.rest.filter((error) => error !== ofSource) });
      return;
    }
    setReceived({ source: code, receipt: data.receiveStock });
    change(() => beganWith({ source: code, sku: "" }));
  };

  const reset = () => {
    clear();
    setWrong(new Map());
    setSourceError(undefined);
    setEnded({});
  };

  return (
    <>
      <h1>Receive stock</h1>
      <form
        class="sheet"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {isOther && (
          <Notice kind="info" title={`This is the receipt at ${source} that was not sent yet.`}>
            <p>
              Send it, or clear the form, before what arrives at {asked.source}.
            </p>
          </Notice>
        )}
        <Ending ended={ended} />
        {(wrong.size > 0 || sourceError) && <Notice kind="error" title="Nothing was received: see the fields below." />}
        <CodeField
          label="Source"
          options={sources}
          none="Choose a source"
          help={sources ? undefined : "Its code."}
          value={source}
          error={sourceError}
          onValue={(value) => {
            change((so) => ({ ...so, source: value }));
            setSourceError(undefined);
          }}
        />
        <ReceiptLines drafts={drafts} wrong={wrong} onDrafts={(lines) => change((so) => ({ ...so, lines }))} onWrong={setWrong} />
        <p class="actions">
          <button type="submit" class="primary" aria-disabled={isBusy}>
            Receive
          </button>
          {!isUntyped(typed) && (
            <button type="button" aria-disabled={isBusy} onClick={() => isBusy || reset()}>
              Clear the form
            </button>
          )}
          <span class="dim small" role="status">
            {isBusy ? "Sending…" : ""}
          </span>
        </p>
      </form>
      {received && <Received ref={news} {...received} />}
    </>
  );
}
