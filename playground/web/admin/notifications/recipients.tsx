/** Who is told by mail of which source. */

import { useState } from "preact/hooks";
import "../orders/orders.css";
import { useAsk, useChange } from "../api";
import { usePlaces } from "../sources/places";
import { Answer } from "../ui/answer";
import { graphql } from "../../common/graphql";
import { type Recipients, withoutOwn } from "./addresses";
import { useNews } from "./news";
import { Head } from "./parts";
import { Question } from "./question";
import { RecipientsDialog, SET } from "./recipients-dialog";
import { RecipientsTable } from "./recipients-table";

const RECIPIENTS = graphql(`
  query NotificationRecipients {
    notificationRecipients {
      source
      emails
    }
  }
`);

/** What is asked of the admin; a change of null is for a source that is still to be chosen. */
type Asking = { change: Recipients | null } | { remove: Recipients };

export default function Page() {
  const asked = useAsk(RECIPIENTS, {});
  const { sources } = usePlaces();
  const [asking, setAsking] = useState<Asking>();
  const { tell, shown } = useNews();
  const known = asked.data?.notificationRecipients ?? [];
  const close = () => setAsking(undefined);
  const done = (title: string) => {
    close();
    tell({ kind: "success", title });
    asked.again();
  };
  return (
    <>
      <Head />
      <p class="dim">
        Who is told by mail of what becomes of the stock of a source: what runs low or out, what is back, which orders
        wait. A source with addresses of its own does not use the default. Where no mail server is set
        (SALABLE_SMTP_URL), nothing is sent, and mails wait until one is.
      </p>
      {shown}
      <Answer of={asked}>
        {({ notificationRecipients }) => (
          <RecipientsTable
            known={notificationRecipients}
            sources={sources}
            onChange={(change) => setAsking({ change })}
            onRemove={(remove) => setAsking({ remove })}
          />
        )}
      </Answer>
      {asking && "change" in asking && (
        <RecipientsDialog row={asking.change} known={known} sources={sources} onSaved={done} onClose={close} />
      )}
      {asking && "remove" in asking && (
        <Removal row={asking.remove} known={known} onDone={done} onClose={close} />
      )}
    </>
  );
}

function Removal({
  row: { source, emails },
  known,
  onDone,
  onClose,
}: {
  row: Recipients;
  known: Recipients[];
  onDone: (title: string) => void;
  onClose: () => void;
}) {
  const { change, isBusy } = useChange(SET);
  const whose = source === null ? "the default addresses" : `the addresses of source ${source}`;
  return (
    <Question
      title={`Remove ${whose}?`}
      verb="Remove"
      isBusy={isBusy}
      ask={() => change({ recipients: [{ source, emails: [] }] })}
      errorsOf={(data) => data.setNotificationRecipients.userErrors}
      onDone={() => onDone(source === null ? "There are no default addresses." : `Source ${source} uses the default.`)}
      onClose={onClose}
    >
      <p>{emails.join(", ")}</p>
      <p>
        {source === null
          ? "Nobody will be told by mail of sources that have no addresses of their own, nor of what is of no source."
          : withoutOwn(source, known)}
      </p>
    </Question>
  );
}
