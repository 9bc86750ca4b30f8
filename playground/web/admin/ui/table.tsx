/** A table that scrolls by itself on a narrow screen, by keyboard too. */

import type { ComponentChildren } from "preact";

export interface Column {
  title: string;
  /** Quantities stand at the right. */
  isNumber?: boolean;
}

export function Table({
  caption,
  columns,
  empty,
  children,
}: {
  /** What it shows, for those who cannot see it. */
  caption: string;
  columns: (Column | string)[];
  /** Said instead of rows, where there are none. */
  empty: ComponentChildren;
  /** `<tr>` elements. */
  children: ComponentChildren[];
}) {
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const { title, isNumber } = typeof column === "string" ? { title: column, isNumber: false } : column;
              return (
                <th key={title} scope="col" class={isNumber ? "number" : undefined}>
                  {title}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {children.length ? (
            children
          ) : (
            <tr>
              <td colSpan={columns.length} class="empty">
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
