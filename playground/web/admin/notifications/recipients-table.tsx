/** The default addresses, and those that sources have of their own. */

import type { Options } from "../sources/places";
import { Table } from "../ui/table";
import type { Recipients } from "./addresses";

export function RecipientsTable({
  known,
  sources,
  onChange,
  onRemove,
}: {
  known: Recipients[];
  sources: Options;
  /** null: of a source that is still to be chosen. */
  onChange: (row: Recipients | null) => void;
  onRemove: (row: Recipients) => void;
}) {
  const byDefault = known.find(({ source }) => source === null) ?? { source: null, emails: [] };
  const own = known.filter(({ source }) => source !== null);
  return (
    <section class="sheet listed" aria-label="Recipients">
      <div class="head">
        <h2>Recipients</h2>
        <button type="button" class="end" onClick={() => onChange(null)}>
          Add addresses of a source
        </button>
      </div>
      <Table caption="Recipients" columns={["Of", "Addresses"]} empty="">
        {[byDefault, ...own].map((row) => (
          <tr key={row.source ?? ""}>
            <th scope="row">
              {row.source === null ? "Default" : nameOf(row.source, sources)}
              <p class="dim small note">
                {row.source === null
                  ? "All sources without addresses of their own, and what is of no source"
                  : "Does not use the default"}
              </p>
            </th>
            <td>
              {row.emails.length ? (
                <ul class="plain addresses">
                  {row.emails.map((email) => (
                    <li key={email}>{email}</li>
                  ))}
                </ul>
              ) : (
                <span class="dim">None: nobody is told of these by mail.</span>
              )}
              <RowActions row={row} onChange={onChange} onRemove={onRemove} />
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function RowActions({
  row,
  onChange,
  onRemove,
}: {
  row: Recipients;
  onChange: (row: Recipients) => void;
  onRemove: (row: Recipients) => void;
}) {
  const whose = row.source === null ? "the default addresses" : `the addresses of source ${row.source}`;
  return (
    <p class="buttons">
      <button type="button" class="quiet" aria-label={`Change ${whose}`} onClick={() => onChange(row)}>
        Change
      </button>
      {row.emails.length > 0 && (
        <button type="button" class="quiet" aria-label={`Remove ${whose}`} onClick={() => onRemove(row)}>
          Remove
        </button>
      )}
    </p>
  );
}

const nameOf = (source: string, sources: Options): string =>
  sources?.find(({ value }) => value === source)?.label ?? source;
