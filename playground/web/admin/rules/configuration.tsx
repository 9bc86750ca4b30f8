/** The configuration of the whole store, and of each source. */

import { useAsk } from "../api";
import { graphql } from "../../common/graphql";
import { Answer } from "../ui/answer";
import { SettingsForm } from "./settings-form";

const SOURCES = graphql(`
  query ConfigurationSources {
    sources(first: 250) {
      nodes {
        code
        name
        enabled
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export default function Configuration({ source }: { source?: string }) {
  const asked = useAsk(SOURCES, {});
  return (
    <>
      <h1 class="path">
        <span>Catalog</span> &gt; <span>Inventory</span> &gt; Product Stock Options
      </h1>
      <Answer of={asked}>
        {({ sources }) => (
          <nav class="scopes" aria-label="Scope">
            <a href="/admin/configuration" aria-current={source === undefined ? "page" : undefined}>
              Global
            </a>
            {sources.nodes.map(({ code, name, enabled }) => (
              <a
                key={code}
                href={`/admin/configuration/${encodeURIComponent(code)}`}
                aria-current={source === code ? "page" : undefined}
              >
                {name} <span class="code">{code}</span>
                {!enabled && <span class="code">, disabled</span>}
              </a>
            ))}
            {sources.pageInfo.hasNextPage && <span class="dim">Only the first 250 sources are listed.</span>}
          </nav>
        )}
      </Answer>
      <p class="dim">
        {source === undefined
          ? "What holds for the whole store, wherever no source and no product says otherwise."
          : `What holds for goods at ${source}: before the global configuration, behind what a product says itself.`}
      </p>
      <SettingsForm scope={source === undefined ? { type: "GLOBAL" } : { type: "SOURCE", source }} />
    </>
  );
}
