/** Writing the default addresses, or those of one source. */

import { useState } from "preact/hooks";
import { useChange } from "../api";
import { CodeField } from "../sources/code-field";
import { EditForm } from "../sources/edit-form";
import type { Options } from "../sources/places";
import { useSave } from "../sources/save";
import { Dialog } from "../ui/dialog";
import { graphql } from "../../common/graphql";
import { typedKey } from "../../common/key";
import { AddressFields } from "./address-fields";
import { filled, lineOf, type Line, type Recipients, sourceError, wrongLines } from "./addresses";

export const SET = graphql(`
  mutation SetNotificationRecipients($recipients: [NotificationRecipientsInput!]!) {
    setNotificationRecipients(recipients: $recipients) {
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const INPUT = /^(source|emails\.\d+)$/;

export function RecipientsDialog({
  row,
  known,
  sources,
  onSaved,
  onClose,
}: {
  /** null: of a source that is still to be chosen. */
  row: Recipients | null;
  known: Recipients[];
  sources: Options;
  onSaved: (title: string) => void;
  onClose: () => void;
}) {
  const [source, setSource] = useState(row?.source ?? "");
  const [lines, setLines] = useState(() => (row?.emails.length ? row.emails : [""]).map(lineOf));
  const [sent, setSent] = useState<Line[]>([]);
  const { change, isBusy } = useChange(SET);
  const { problem, errors, refuse, finish } = useSave(
    (path) => INPUT.test(path),
    ({ title }) => onSaved(title),
  );
  const isDefault = row !== null && row.source === null;
  const free = sources?.filter(({ value }) => !known.some((each) => each.source === value)) ?? null;
  const submit = async () => {
    const wanted = row?.source ?? typedKey(source, free?.map(({ value }) => value));
    const given = filled(lines);
    const ofSource = row ? undefined : sourceError(wanted, known);
    const wrong = {
      ...(ofSource ? { source: ofSource } : {}),
      ...(given.length ? {} : { "emails.0": "One address at least." }),
    };
    setSent(given.length ? given : lines);
    if (Object.keys(wrong).length) {
      refuse(wrong);
      return;
    }
    const recipients = [{ source: isDefault ? null : wanted, emails: given.map(({ email }) => email) }];
    finish(
      await change({ recipients }),
      ({ setNotificationRecipients: { userErrors } }) => ({ warnings: [], userErrors }),
      isDefault ? "The default addresses are saved." : `The addresses of source ${wanted} are saved.`,
    );
  };
  return (
    <Dialog title={titleOf(row)} onClose={onClose}>
      <EditForm verb="Save" isBusy={isBusy} problem={problem} errors={errors.rest} onSubmit={submit}>
        {!row && (
          <CodeField
            label="Source"
            options={free}
            none="Choose a source"
            help="One that uses the default now; from then on it does not."
            value={source}
            error={errors.at["source"]}
            onValue={setSource}
          />
        )}
        <AddressFields lines={lines} wrong={wrongLines(errors.at, sent)} onLines={setLines} />
      </EditForm>
    </Dialog>
  );
}

function titleOf(row: Recipients | null): string {
  if (!row) {
    return "Addresses of a source";
  }
  return row.source === null ? "The default addresses" : `The addresses of source ${row.source}`;
}
