/** Adding a stock, or changing the sources that one pools. */

import { useState } from "preact/hooks";
import { useChange } from "../api";
import { Dialog } from "../ui/dialog";
import { graphql } from "../../common/graphql";
import { CodeAndName, useCodeAndName } from "./code-and-name";
import { EditForm } from "./edit-form";
import { LinkFields } from "./link-fields";
import { type Link, linkOf, readLinks } from "./links";
import { codeError, useSave } from "./save";
import type { EditProps, Stock } from "./sources";

const SAVE = graphql(`
  mutation SaveStock($stocks: [StockInput!]!) {
    upsertStocks(stocks: $stocks) {
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

const INPUT = /^(code|name|sources\.\d+(\.(source|priority))?)$/;

export function StockDialog({ stock, places, onSaved, onClose }: EditProps & { stock: Stock | null }) {
  const row = useCodeAndName(stock);
  const [links, setLinks] = useState(() =>
    (stock?.sources ?? []).map(({ source, priority }) => linkOf(source.code, priority)),
  );
  const { stocks, sources } = places;
  const { change, isBusy } = useChange(SAVE);
  const { problem, errors, refuse, finish } = useSave((path) => INPUT.test(path), onSaved);
  const submit = async () => {
    const { code } = row.input;
    const linked = (stock?.sources ?? []).map(({ source }) => source.code);
    const read = readLinks(links, [...linked, ...(sources ?? []).map(({ value }) => value)]);
    const ofCode = stock ? undefined : codeError(code, "stock", stocks);
    const wrong = { ...read.wrong, ...(ofCode ? { code: ofCode } : {}) };
    if (Object.keys(wrong).length) {
      refuse(wrong);
      return;
    }
    const outcome = await change({ stocks: [{ ...row.input, sources: read.sources }] });
    finish(outcome, (data) => data.upsertStocks, `Stock ${code} is saved.`);
  };
  const relink = (next: Link[]) => {
    setLinks(next);
    if (next.length !== links.length) {
      refuse({}); // what was wrong stood at places that are now others
    }
  };
  return (
    <Dialog title={stock ? `Stock ${stock.code}` : "A new stock"} onClose={onClose}>
      <EditForm verb="Save" isBusy={isBusy} problem={problem} errors={errors.rest} onSubmit={submit}>
        <CodeAndName of={row} errors={errors.at} />
        <LinkFields links={links} options={sources} wrong={errors.at} onLinks={relink} />
      </EditForm>
    </Dialog>
  );
}
