/** Adding a source, or changing one. */

import { useState } from "preact/hooks";
import { useChange } from "../api";
import { Dialog } from "../ui/dialog";
import { graphql } from "../../common/graphql";
import { CodeAndName, useCodeAndName } from "./code-and-name";
import { EditForm } from "./edit-form";
import { codeError, useSave } from "./save";
import type { EditProps, Source } from "./sources";

const SAVE = graphql(`
  mutation SaveSource($sources: [SourceInput!]!) {
    upsertSources(sources: $sources) {
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

const INPUTS = ["code", "name"];

export function SourceDialog({ source, places, onSaved, onClose }: EditProps & { source: Source | null }) {
  const row = useCodeAndName(source);
  const [enabled, setEnabled] = useState(source?.enabled ?? true);
  const { sources } = places;
  const { change, isBusy } = useChange(SAVE);
  const { problem, errors, refuse, finish } = useSave((path) => INPUTS.includes(path), onSaved);
  const submit = async () => {
    const { code } = row.input;
    const wrong = source ? undefined : codeError(code, "source", sources);
    if (wrong) {
      refuse({ code: wrong });
      return;
    }
    const outcome = await change({ sources: [{ ...row.input, enabled }] });
    finish(outcome, (data) => data.upsertSources, `Source ${code} is saved.`);
  };
  return (
    <Dialog title={source ? `Source ${source.code}` : "A new source"} onClose={onClose}>
      <EditForm verb="Save" isBusy={isBusy} problem={problem} errors={errors.rest} onSubmit={submit}>
        <CodeAndName of={row} errors={errors.at} />
        <label class="switch">
          <input
            type="checkbox"
            role="switch"
            checked={enabled}
            onChange={(event) => setEnabled(event.currentTarget.checked)}
          />
          Enabled
        </label>
        <p class="help">While it is not, nothing that lies there counts: it is neither sold nor shipped.</p>
      </EditForm>
    </Dialog>
  );
}
