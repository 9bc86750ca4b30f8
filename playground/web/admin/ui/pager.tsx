/** Pages of a list by their cursors: the way back is the cursors that led here. */

import { useState } from "preact/hooks";

/** The cursor of the page that is shown, and how to turn; `restart` after a filter has changed. */
export function usePages() {
  const [cursors, setCursors] = useState<string[]>([]);
  return {
    after: cursors.at(-1) ?? null,
    number: cursors.length + 1,
    // A second click, before the page has come, asks for the same one.
    forward: (cursor: string) => cursor === cursors.at(-1) || setCursors([...cursors, cursor]),
    back: () => setCursors(cursors.slice(0, -1)),
    restart: () => setCursors([]),
  };
}

export function Pager({
  pages,
  info,
  total,
  isExact = true,
}: {
  pages: ReturnType<typeof usePages>;
  info: { hasNextPage: boolean; endCursor: string | null };
  total?: number | undefined;
  /** False: counting ended before the list did. */
  isExact?: boolean;
}) {
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={pages.number === 1} onClick={pages.back}>
        Previous
      </button>
      <span>
        Page {pages.number}
        {total === undefined ? "" : `, ${isExact ? "" : "at least "}${total.toLocaleString("en")} in all`}
      </span>
      <button
        type="button"
        disabled={!info.hasNextPage || !info.endCursor}
        onClick={() => info.endCursor && pages.forward(info.endCursor)}
      >
        Next
      </button>
    </nav>
  );
}
