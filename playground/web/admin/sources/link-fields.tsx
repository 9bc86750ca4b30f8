/** The sources of a stock with their priorities. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { TextField } from "../ui/field";
import { CodeField } from "./code-field";
import { type Link, linkOf, nextPriority } from "./links";
import type { Options } from "./places";

export function LinkFields({
  links,
  options,
  wrong,
  onLinks,
}: {
  links: Link[];
  options: Options;
  /** By path: "sources.0.priority". */
  wrong: Record<string, string>;
  onLinks: (links: Link[]) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  /** The place of the link to go on at, once it is there. */
  const [next, goOnAt] = useState<number>();
  useLayoutEffect(() => {
    if (next !== undefined) {
      const line = list.current?.querySelectorAll(".line")[next] ?? list.current;
      line?.querySelector<HTMLElement>("select, input, button")?.focus();
      goOnAt(undefined);
    }
  }, [next]);
  const change = (changed: Link) => onLinks(links.map((link) => (link.id === changed.id ? changed : link)));
  return (
    <div ref={list} role="group" aria-label="Sources">
      <h3>Sources</h3>
      <p class="dim small">Lower priorities are drawn on first. A stock without sources sells nothing.</p>
      <div class="lines">
        {links.map((link, place) => (
          <div class="line receipt" key={link.id} role="group" aria-label={`Source ${place + 1}`}>
            <CodeField
              label="Source"
              options={options}
              none="Choose a source"
              value={link.source}
              error={wrong[`sources.${place}`] ?? wrong[`sources.${place}.source`]}
              onValue={(source) => change({ ...link, source })}
            />
            <TextField
              label="Priority"
              autoComplete="off"
              value={link.priority}
              error={wrong[`sources.${place}.priority`]}
              onValue={(priority) => change({ ...link, priority })}
            />
            <button
              type="button"
              class="quiet"
              aria-label={`Remove source ${place + 1}`}
              onClick={() => {
                onLinks(links.filter((each) => each !== link));
                goOnAt(Math.max(place - 1, 0));
              }}
            >
              Remove
            </button>
          </div>
        ))}
      </div>
      <p class="actions">
        <button
          type="button"
          onClick={() => {
            onLinks([...links, linkOf("", nextPriority(links))]);
            goOnAt(links.length);
          }}
        >
          Link a source
        </button>
      </p>
    </div>
  );
}
