"""How the databases would run a statement, and what of it touches more rows than it should."""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from tests.plans.statistics import ROWS, rows_of, rows_of_prefixes

MOST_ROWS = 10_000
"""A step of a plan may touch so many rows for each row of the step before."""
MOST_COST = 50_000.0
"""What PostgreSQL may believe that a statement costs, in its own unit (a page that is read in order)."""

_NAMED = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)(?:\s+(?:AS\s+)?(?!ON\b|SET\b|WHERE\b|JOIN\b|LEFT\b)(\w+))?", re.IGNORECASE
)
_STEP = re.compile(
    r"^(?P<kind>SCAN|SEARCH) (?P<name>\S+)(?: USING (?P<by>.*?))?(?: \((?P<terms>.*)\))?(?: LEFT-JOIN)?$"
)
_PARAMETER = re.compile(r"\$(\d+)")
_SEEKS = re.compile(r" = | IS NULL")
"""In the condition of a scan of an index on PostgreSQL: a value is sought; else a range is read."""
_INDEX = re.compile(r"(?:(?:AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?)INDEX (\w+)")


class SqlitePlans:
    """Explains on one SQLite file, whose statistics say how large it is believed to be."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._indexes = dict[str, tuple[str, list[str], bool]]()
        tables = [name for (name,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for _, index, is_unique, *_ in self._connection.execute(f"PRAGMA index_list({table})").fetchall():
                columns = [name for _, _, name in self._connection.execute(f"PRAGMA index_info({index})")]
                self._indexes[index] = table, columns, bool(is_unique)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def faults(self, sql: str, values: Sequence[Any]) -> Iterator[str]:
        """The steps that touch too many rows of a table that grows, as SQLite words them."""
        tables: dict[str, set[str]] = {}
        for table, alias in _NAMED.findall(sql):
            tables.setdefault(alias or table, set()).add(table)
            tables.setdefault(table, set()).add(table)
        for *_, detail in self._connection.execute(f"EXPLAIN QUERY PLAN {sql}", values):
            step = _STEP.match(detail)
            if step is not None and self._rows(step, tables) > MOST_ROWS:
                yield detail

    def _rows(self, step: "re.Match[str]", tables: dict[str, set[str]]) -> int:
        by, terms = step["by"] or "", step["terms"] or ""
        found = _INDEX.search(by)
        if found is not None and found[1] in self._indexes:
            table, columns, is_unique = self._indexes[found[1]]
            equal = [term.partition("=")[0] for term in terms.split(" AND ") if term.endswith("=?")]
            if not equal:
                return ROWS.get(table, 0)
            return rows_of_prefixes(
                rows_of(table), columns[: len(equal)], is_unique=is_unique and len(equal) == len(columns)
            )[-1]
        of_table = max((ROWS.get(each, 0) for each in tables.get(step["name"], ())), default=0)
        return 1 if "rowid=?" in terms else of_table


async def postgresql_faults(connection: asyncpg.Connection, sql: str) -> list[str]:
    """The steps that read all of a table that grows, or a range of it, and a cost that is too high; as for any values."""
    given = max((int(number) for number in _PARAMETER.findall(sql)), default=0)
    await connection.execute(f"PREPARE asked AS {sql}")
    try:
        values = f"({', '.join(['NULL'] * given)})" if given else ""
        plan = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked{values}"))[0]["Plan"]
    finally:
        await connection.execute("DEALLOCATE asked")
    found = [
        f"{node['Node Type']} using {node.get('Index Name', 'nothing')} on {table}"
        for node, table in _nodes(plan, "")
        if ROWS.get(table, 0) > MOST_ROWS and _reads_much(node)
    ]
    if plan["Total Cost"] > MOST_COST:
        found.append(f"cost {plan['Total Cost']:,.0f}")
    return found


def _nodes(plan: dict[str, Any], above: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The steps with the table of each: a scan of an index for a bitmap does not name it, what reads the bitmap does."""
    table = plan.get("Relation Name", above)
    yield plan, table
    for child in plan.get("Plans", ()):
        yield from _nodes(child, table)


def _reads_much(node: dict[str, Any]) -> bool:
    """Whether it reads a table, or an index, from end to end or between two places, and seeks no value."""
    kind = node["Node Type"]
    return kind == "Seq Scan" or ("Index" in kind and not _SEEKS.search(node.get("Index Cond", "")))
