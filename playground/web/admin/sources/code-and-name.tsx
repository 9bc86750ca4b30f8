/** What every row of the page of sources begins with: a code, which stays as it is, and a name. */

import { useState } from "preact/hooks";
import { typedKey } from "../../common/key";
import { TextField } from "../ui/field";
import type { RowErrors } from "./row-errors";

interface Row {
  code: string;
  name: string;
}

/** What is typed of a row that is there already, or of a new one, and as the API takes it. */
export function useCodeAndName(row: Row | null) {
  const [code, setCode] = useState(row?.code ?? "");
  const [name, setName] = useState(row?.name ?? "");
  return {
    isNew: row === null,
    code,
    setCode,
    name,
    setName,
    // A name that is left out is the code; an emptied one is refused by the service.
    input: { code: row?.code ?? typedKey(code), name: name.trim() || (row ? "" : null) },
  };
}

export function CodeAndName({ of, errors }: { of: ReturnType<typeof useCodeAndName>; errors: RowErrors["at"] }) {
  return (
    <>
      {of.isNew && (
        <TextField
          label="Code"
          help="1 to 64 characters; it stays as it is."
          autoComplete="off"
          value={of.code}
          error={errors["code"]}
          onValue={of.setCode}
        />
      )}
      <TextField
        label="Name"
        help={of.isNew ? "Left out: its code." : undefined}
        autoComplete="off"
        value={of.name}
        error={errors["name"]}
        onValue={of.setName}
      />
    </>
  );
}
