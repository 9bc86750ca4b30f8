/** Mail addresses, one below the other. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { TextField } from "../ui/field";
import { lineOf, type Line } from "./addresses";

const MOST = 100;

export function AddressFields({
  lines,
  wrong,
  onLines,
}: {
  lines: Line[];
  /** By line. */
  wrong: Record<number, string>;
  onLines: (lines: Line[]) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  /** The place of the line to go on at, once it is there. */
  const [next, goOnAt] = useState<number>();
  useLayoutEffect(() => {
    if (next !== undefined) {
      list.current?.querySelectorAll("input")[next]?.focus();
      goOnAt(undefined);
    }
  }, [next]);
  return (
    <div ref={list} role="group" aria-label="Addresses">
      {lines.map((line, place) => (
        <div class="address" key={line.id}>
          <TextField
            label={`Address ${place + 1}`}
            autoComplete="off"
            value={line.email}
            error={wrong[line.id]}
            onValue={(email) => onLines(lines.map((each) => (each === line ? { ...line, email } : each)))}
          />
          {lines.length > 1 && (
            <button
              type="button"
              class="quiet"
              aria-label={`Remove address ${place + 1}`}
              onClick={() => {
                onLines(lines.filter((each) => each !== line));
                goOnAt(Math.max(place - 1, 0));
              }}
            >
              Remove
            </button>
          )}
        </div>
      ))}
      {lines.length < MOST && (
        <button
          type="button"
          onClick={() => {
            onLines([...lines, lineOf("")]);
            goOnAt(lines.length);
          }}
        >
          Add an address
        </button>
      )}
    </div>
  );
}
