/** What is scheduled: rules that hold for a time, now or later. */

import { useAsk } from "../api";
import { Answer } from "../ui/answer";
import { Pager, usePages } from "../ui/pager";
import { Table } from "../ui/table";
import { instantName, valueName, type ScopeLike } from "../words";
import { ScopeLink } from "./scope-link";
import { SCHEDULED, type ScheduledRule } from "./schedules-query";
import { Timeline } from "./timeline-picture";
import "./rules.css";

export default function Schedules() {
  const pages = usePages();
  const asked = useAsk(SCHEDULED, { after: pages.after });
  return (
    <>
      <h1>Schedules</h1>
      <Answer of={asked}>
        {({ scopeRules: { nodes, pageInfo, totalCount }, settingDefinitions }) =>
          nodes.length || pages.after ? (
            <>
              <p class="dim">
                While a rule holds for a time, it stands before the plain rule of the same scope; when it ends, that
                returns. The history undoes a schedule, as it does any other change.
              </p>
              <Windows
                rules={nodes}
                labels={Object.fromEntries(settingDefinitions.map(({ key, label }) => [key, label]))}
              />
              {totalCount > nodes.length && <Pager pages={pages} info={pageInfo} total={totalCount} />}
            </>
          ) : (
            <Nothing />
          )
        }
      </Answer>
    </>
  );
}

function Nothing() {
  return (
    <div class="sheet">
      <h2>Nothing is scheduled</h2>
      <p>
        To let a change hold for a time only, such as backorders for the days of a sale: change it in the{" "}
        <a href="/admin/configuration">configuration</a> or at a <a href="/admin/products">product</a>, open “Schedule”
        beside it, and say from when until when. Starts and ends need nobody to be awake.
      </p>
    </div>
  );
}

function Windows({ rules, labels }: { rules: ScheduledRule[]; labels: Record<string, string> }) {
  return (
    <>
      <div class="sheet">
        <Timeline rules={rules} labels={labels} />
      </div>
      <div class="wide">
        <ScheduleTable rules={rules} labels={labels} />
      </div>
    </>
  );
}

function ScheduleTable({ rules, labels }: { rules: ScheduledRule[]; labels: Record<string, string> }) {
  return (
    <Table
      caption="What is scheduled"
      columns={["Scope", "Setting", "Value", "From", "Until", "Set by"]}
      empty="The list ends here."
    >
      {rules.map(({ id, scope, setting, value, revision, activeFrom, activeUntil }) => (
        <tr key={id}>
          <td class="part">
            <ScopeLink scope={scope} />
          </td>
          <td>{labels[setting] ?? setting}</td>
          <td>
            <strong>{value === null ? "no rule then" : valueName(value)}</strong>
          </td>
          <td>{activeFrom ? instantName(activeFrom) : "always"}</td>
          <td>{activeUntil ? instantName(activeUntil) : "until changed"}</td>
          <td class="part">
            <a href={historyOf(scope)}>Revision {revision}</a>
          </td>
        </tr>
      ))}
    </Table>
  );
}

function historyOf({ type, source, sku }: ScopeLike): string {
  return `/admin/history?${new URLSearchParams({ type, ...(source && { source }), ...(sku && { sku }) })}`;
}
