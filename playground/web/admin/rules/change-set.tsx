/** One entry of the history. */

import { useState } from "preact/hooks";
import { useAsk } from "../api";
import { graphql, readFragment, type FragmentOf, type ResultOf } from "../../common/graphql";
import { Answer } from "../ui/answer";
import { Pager, usePages } from "../ui/pager";
import { Table } from "../ui/table";
import { instantName, valueName } from "../words";
import { ScopeLink, windowName } from "./scope-link";

const CHANGE = graphql(`
  fragment ChangeParts on RuleChange @_unmask {
    scope {
      type
      source
      sku
    }
    setting
    kind
    before
    after
    activeFrom
    activeUntil
  }
`);

export const CHANGE_SET = graphql(
  `
    fragment ChangeSetParts on ChangeSet {
      revision
      createdAt
      actor
      reason
      changeCount
      changes {
        ...ChangeParts
      }
    }
  `,
  [CHANGE],
);

/** What a change set shows at once is the first part of a large one: this is all of it. */
const CHANGES = graphql(
  `
    query ChangesOf($revision: Int!, $after: String) {
      changeSet(revision: $revision) {
        changesPage(first: 250, after: $after) {
          nodes {
            ...ChangeParts
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [CHANGE],
);

export type ChangeSet = ResultOf<typeof CHANGE_SET>;
export type Labels = Record<string, string>;

/** An import changes thousands of rules: the first few say what it was about. */
const SHOWN_AT_FIRST = 10;

export function ChangeSetSheet({
  of,
  labels,
  onUndo,
}: {
  of: FragmentOf<typeof CHANGE_SET>;
  labels: Labels;
  onUndo: (set: ChangeSet) => void;
}) {
  const set = readFragment(CHANGE_SET, of);
  return (
    <article class="sheet" aria-label={`Revision ${set.revision}`}>
      <header class="row middle change-set">
        <h2>Revision {set.revision}</h2>
        <p>
          <time dateTime={set.createdAt}>{instantName(set.createdAt)}</time> by <strong>{set.actor}</strong>
        </p>
        <button type="button" aria-label={`Undo revision ${set.revision}`} onClick={() => onUndo(set)}>
          Undo
        </button>
      </header>
      {set.reason && <p>“{set.reason}”</p>}
      <Changes of={set} labels={labels} />
    </article>
  );
}

/** What a change set did, row by row. */
export function Changes({ of: { revision, changes, changeCount }, labels }: { of: ChangeSet; labels: Labels }) {
  const [showsAll, setShowsAll] = useState(false);
  if (showsAll && changes.length < changeCount) {
    return <PagesOfChanges revision={revision} total={changeCount} labels={labels} />;
  }
  const shown = showsAll ? changes : changes.slice(0, SHOWN_AT_FIRST);
  return (
    <div class="wide">
      <ChangeTable revision={revision} changes={shown} labels={labels} />
      {shown.length < changeCount && (
        <button type="button" class="quiet" onClick={() => setShowsAll(true)}>
          Show all {changeCount.toLocaleString("en")}
        </button>
      )}
    </div>
  );
}

/** All changes of a large change set, a page at a time. */
function PagesOfChanges({ revision, total, labels }: { revision: number; total: number; labels: Labels }) {
  const pages = usePages();
  const asked = useAsk(CHANGES, { revision, after: pages.after });
  return (
    <Answer of={asked}>
      {({ changeSet }) => (
        <div class="wide">
          <ChangeTable revision={revision} changes={changeSet?.changesPage.nodes ?? []} labels={labels} />
          {changeSet && <Pager pages={pages} info={changeSet.changesPage.pageInfo} total={total} />}
        </div>
      )}
    </Answer>
  );
}

const ChangeTable = ({ revision, changes, labels }: { revision: number; changes: Change[]; labels: Labels }) => (
  <Table
    caption={`Changes of revision ${revision}`}
    columns={["Scope", "Setting", "Before", "After", "Holds"]}
    empty="Nothing."
  >
    {changes.map((change) => (
      <tr key={JSON.stringify([change.scope, change.setting, change.activeFrom, change.activeUntil])}>
        <td>
          <ScopeLink scope={change.scope} />
        </td>
        <td>{labels[change.setting] ?? change.setting}</td>
        <td>{change.kind === "CREATED" ? <None of={change} /> : held(change.before)}</td>
        <td>{change.kind === "REMOVED" ? <None of={change} /> : <strong>{held(change.after)}</strong>}</td>
        <td>{windowName(change.activeFrom, change.activeUntil, instantName)}</td>
      </tr>
    ))}
  </Table>
);

type Change = ChangeSet["changes"][number];

/** There is no such row: what lies further out is inherited, or what stands there without a schedule. */
const None = ({ of: { activeFrom, activeUntil } }: { of: Change }) => (
  <span class="dim">{activeFrom || activeUntil ? "not scheduled" : "no rule"}</span>
);

/** A row of a schedule may hold that there is no rule in its time. */
const held = (value: Change["before"]) => (value === null ? "no rule then" : valueName(value));
