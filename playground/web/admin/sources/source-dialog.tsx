/** Adding a source, or changing one. */

import { useState } from "preact/hooks";
import { useChange } from "../api";
import { Dialog } from "../ui/dialog";
import { TextField } from "../ui/field";
import { graphql } from "../../common/graphql";
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
  const [code, setCode] = useState(source?.code ?? "");
  const [name, setName] = useState(source?.name ?? "");
  const [enabled, setEnabled] = useState(source?.enabled ?? true);
  const { sources } = places;
  const { change, isBusy } = useChange(SAVE);
  const { problem, errors, refuse, finish } = useSave((path) => INPUTS.includes(path), onSaved);
  const submit = async () => {
    const wanted = code.trim();
    const wrong = source ? undefined : codeError(wanted, "source", sources);
    if (wrong) {
      refuse({ code: wrong });
      return;
    }
    const row = { code: wanted, name: name.trim() || (source ? "" : null), enabled };
    finish(await change({ sources: [row] }), (data) => data.upsertSources, `Source ${wanted} is saved.`);
  };
  return (
    <Dialog title={source ? `Source ${source.code}` : "A new source"} onClose={onClose}>
      <EditForm verb="Save" isBusy={isBusy} problem={problem} errors={errors.rest} onSubmit={submit}>
        {!source && (
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
          help={source ? undefined : "Left out: its code."}
          autoComplete="off"
          value={name}
          error={errors.at["name"]}
          onValue={setName}
        />
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
