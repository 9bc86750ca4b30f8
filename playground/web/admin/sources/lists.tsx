/** The three tables of the page of sources. */

import type { ComponentChildren } from "preact";
import { Pager, type usePages } from "../ui/pager";
import { type Column, Table } from "../ui/table";
import { configurationAddress } from "./rule-address";
import type { Channel, Source, Stock } from "./sources";

interface Listed<Row> {
  nodes: Row[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  pages: ReturnType<typeof usePages>;
  /** null adds one. */
  onEdit: (row: Row | null) => void;
}

export function SourceList(listed: Listed<Source>) {
  return (
    <List title="Sources" noun="source" columns={["Code", "Name", "Enabled", "Rules", "Change"]} {...listed}>
      {(source) => (
        <>
          <td>{source.name}</td>
          <td>{source.enabled ? <span class="badge good">Enabled</span> : <span class="badge warn">Disabled</span>}</td>
          <td>
            <a href={configurationAddress(source.code)} aria-label={`Rules of source ${source.code}`}>
              Rules
            </a>
          </td>
        </>
      )}
    </List>
  );
}

export function StockList(listed: Listed<Stock>) {
  return (
    <List title="Stocks" noun="stock" columns={["Code", "Name", "Sources", "Sells through", "Change"]} {...listed}>
      {(stock) => (
        <>
          <td>{stock.name}</td>
          <td>
            {stock.sources.length === 0 && <span class="dim">None: nothing sells</span>}
            <ul class="plain">
              {stock.sources.map(({ source, priority }) => (
                <li key={source.code}>
                  {source.code} <span class="dim small">priority {priority}</span>{" "}
                  {!source.enabled && <span class="badge warn">Disabled</span>}
                </li>
              ))}
            </ul>
          </td>
          <td>{stock.salesChannels.map(({ code }) => code).join(", ") || <span class="dim">None</span>}</td>
        </>
      )}
    </List>
  );
}

export function ChannelList(listed: Listed<Channel>) {
  return (
    <List title="Sales channels" noun="sales channel" columns={["Code", "Name", "Sells from", "Change"]} {...listed}>
      {(channel) => (
        <>
          <td>{channel.name}</td>
          <td>
            {channel.stock.name} ({channel.stock.code})
          </td>
        </>
      )}
    </List>
  );
}

function List<Row extends { code: string }>({
  title,
  noun,
  columns,
  nodes,
  pageInfo,
  pages,
  onEdit,
  children,
}: Listed<Row> & {
  title: string;
  noun: string;
  columns: (Column | string)[];
  /** The cells between the code and the button. */
  children: (row: Row) => ComponentChildren;
}) {
  return (
    <section class="sheet listed" aria-label={title}>
      <div class="head">
        <h2>{title}</h2>
        <button type="button" class="end" onClick={() => onEdit(null)}>
          Add a {noun}
        </button>
      </div>
      <Table caption={title} columns={columns} empty={pages.number > 1 ? "The list ends here." : "There are none."}>
        {nodes.map((row) => (
          <tr key={row.code}>
            <th scope="row">{row.code}</th>
            {children(row)}
            <td>
              <button type="button" class="quiet" aria-label={`Edit ${noun} ${row.code}`} onClick={() => onEdit(row)}>
                Edit
              </button>
            </td>
          </tr>
        ))}
      </Table>
      {(pages.number > 1 || pageInfo.hasNextPage) && <Pager pages={pages} info={pageInfo} />}
    </section>
  );
}
