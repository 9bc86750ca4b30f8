/** Who changed which rules, when and why; and undoing it. */

import { useLocation } from "preact-iso";
import { useRef, useState } from "preact/hooks";
import { useAsk } from "../api";
import { graphql } from "../../common/graphql";
import { Answer } from "../ui/answer";
import { Notice } from "../ui/notice";
import { Pager, usePages } from "../ui/pager";
import { CHANGE_SET, ChangeSetSheet, type ChangeSet, type Labels } from "./change-set";
import { ScopeFilter, scopeOf } from "./scope-filter";
import { Undo, type Undone } from "./undo";
import "./rules.css";

const HISTORY = graphql(
  `
    query History($scope: ScopeInput, $after: String) {
      changeSets(scope: $scope, first: 20, after: $after) {
        nodes {
          revision
          ...ChangeSetParts
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        totalCount
        totalCountIsExact
      }
      settingDefinitions {
        key
        label
      }
    }
  `,
  [CHANGE_SET],
);

export default function History() {
  const { query } = useLocation();
  const scope = scopeOf(query);
  return (
    <>
      <h1>History of the rules</h1>
      <ScopeFilter key={`filter ${JSON.stringify(scope)}`} scope={scope} />
      <Pages key={JSON.stringify(scope)} scope={scope} />
    </>
  );
}

function Pages({ scope }: { scope: ReturnType<typeof scopeOf> }) {
  const pages = usePages();
  const asked = useAsk(HISTORY, { scope, after: pages.after });
  const [undoing, setUndoing] = useState<ChangeSet>();
  const [undone, setUndone] = useState<Undone>();
  const said = useRef<HTMLDivElement>(null);

  return (
    <Answer of={asked}>
      {({ changeSets, settingDefinitions }) => {
        const labels: Labels = Object.fromEntries(settingDefinitions.map(({ key, label }) => [key, label]));
        return (
          <>
            <div ref={said} tabIndex={-1}>
              {undone && <UndoneNotice undone={undone} />}
            </div>
            {changeSets.nodes.length === 0 && (
              <p class="sheet dim">
                {pages.number > 1
                  ? "The list ends here."
                  : scope
                    ? "No rule of this scope was ever changed."
                    : "No rule was ever changed: the shipped defaults hold."}
              </p>
            )}
            {changeSets.nodes.map((set) => (
              <ChangeSetSheet key={set.revision} of={set} labels={labels} onUndo={setUndoing} />
            ))}
            {(changeSets.pageInfo.hasNextPage || pages.number > 1) && (
              <Pager
                pages={pages}
                info={changeSets.pageInfo}
                total={changeSets.totalCount}
                isExact={changeSets.totalCountIsExact}
              />
            )}
            {undoing && (
              <Undo
                set={undoing}
                labels={labels}
                onClose={() => setUndoing(undefined)}
                onUndone={(made) => {
                  setUndoing(undefined);
                  setUndone(made);
                  pages.restart();
                  asked.again();
                  said.current?.focus();
                }}
              />
            )}
          </>
        );
      }}
    </Answer>
  );
}

function UndoneNotice({ undone: { revision, wrote, warnings } }: { undone: Undone }) {
  return (
    <>
      <Notice
        kind="success"
        title={`Revision ${revision} is undone${wrote ? `: revision ${wrote} wrote back what stood before it.` : "."}`}
      />
      {warnings.length > 0 && (
        <Notice kind="warning" title="What may not be meant:">
          {warnings.map(({ message }) => (
            <p key={message}>{message}</p>
          ))}
        </Notice>
      )}
    </>
  );
}
