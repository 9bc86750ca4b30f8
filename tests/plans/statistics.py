"""What a database believes of the sizes of its tables, without the rows: those of a large shop, of a new one, or nothing."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import asyncpg

ROWS: Mapping[str, int] = {
    "balance": 2_000_000,
    "call": 3_000_000,
    "change_set": 200_000,
    "delivery": 3_000_000,
    "order_line": 3_000_000,
    "outbox": 3_000_000,
    "product": 1_000_000,
    "refund": 200_000,
    "refund_line": 300_000,
    "reservation": 10_000_000,
    "rule_change": 3_000_000,
    "sales_order": 1_000_000,
    "scope_rule": 1_500_000,
    "shipment": 1_000_000,
    "shipment_line": 2_000_000,
    "source_item": 3_000_000,
    "told": 5_000_000,
}
"""The tables that grow with what is sold, in a large shop; the others hold what somebody configured."""
CONFIGURED = 200
YOUNG = 20
DISTINCT: Mapping[str, int] = {
    "source": 20,
    "source_id": 20,
    "stock": 5,
    "stock_id": 5,
    "is_open": 2,
    "is_dispatched": 2,
    "state": 3,
    "channel": 3,
    "kind": 2,
    "mutation": 5,
    "setting": 11,
    "scope_type": 4,
    "sales_channel": 10,
    "active_from": 2_000,
    "active_until": 2_000,
    "enabled": 2,
}
"""How many values these columns have; of others each value stands in few rows."""
ROWS_OF_A_KEY = 3
PARTIAL = 30
"""Of so many rows a partial index has one: what is open, or was never shipped."""


def rows_of(table: str, *, is_large: bool = True) -> int:
    """How many rows a table is believed to have."""
    return ROWS.get(table, CONFIGURED) if is_large else YOUNG


def believe_on_sqlite(file: Path, *, is_large: bool) -> None:
    """Write what ANALYZE would have found; connections that are opened later read it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("ANALYZE")
        connection.execute("DELETE FROM sqlite_stat1")
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = rows_of(table, is_large=is_large)
            for _, index, is_unique, _, is_partial in connection.execute(f"PRAGMA index_list({table})").fetchall():
                columns = [name for _, _, name in connection.execute(f"PRAGMA index_info({index})")]
                there = max(rows // PARTIAL, 1) if is_partial else rows
                stat = " ".join(map(str, [there, *rows_of_prefixes(there, columns, is_unique=bool(is_unique))]))
                connection.execute("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, index, stat))


def rows_of_prefixes(rows: int, columns: list[str], *, is_unique: bool) -> list[int]:
    """How many rows have one value of the first column, of the first two, and so on."""
    found, left = list[int](), float(rows)
    for place, column in enumerate(columns, start=1):
        left = left / DISTINCT[column] if column in DISTINCT else min(left, ROWS_OF_A_KEY)
        is_whole_key = is_unique and place == len(columns)
        found.append(1 if is_whole_key else max(round(left), 1))
    return found


async def believe_on_postgresql(connection: asyncpg.Connection) -> None:
    """Restore statistics as an upgrade of the server does: of the tables, and of each of their columns."""
    await connection.execute("ANALYZE")  # what was written just now is seen, before it is overwritten
    for (table,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        await connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")  # it would look for itself
    columns = await connection.fetch(
        "SELECT c.relname AS table, c.relpages AS pages, a.attname AS column FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    )
    for row in columns:
        table, column, rows = row["table"], row["column"], rows_of(row["table"])
        await connection.execute(
            "SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', $1::text, 'relpages', $2::integer,"
            " 'reltuples', $3::real)",
            table,
            max(row["pages"], 1),
            float(rows),
        )
        distinct = DISTINCT.get(column, max(rows // ROWS_OF_A_KEY, 1))
        await connection.execute(
            "SELECT pg_restore_attribute_stats('schemaname', 'public', 'relname', $1::text, 'attname', $2::text,"
            " 'inherited', false, 'null_frac', 0.0::real, 'avg_width', 16, 'n_distinct', $3::real)",
            table,
            column,
            float(min(distinct, rows)),
        )
