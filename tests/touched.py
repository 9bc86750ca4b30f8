"""How much the database does for a call: rows on PostgreSQL, steps of its machine on SQLite. No clock has a part in it."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import orjson
import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper

from models.database import reader

STEPS = 10
"""Of SQLite's machine, for each row that is counted as touched: some of them are spent on other things."""

Statement = tuple[str, Sequence[Any]]


async def touched(call: Callable[[], Awaitable[Any]]) -> int:
    """About how many rows the statements that read touch for a call; they are run a second time to be measured."""
    with _reads() as seen:
        await call()
    if reader().capabilities.dialect == "sqlite":
        file = (await reader().execute_query_dict("PRAGMA database_list"))[0]["file"]
        return _steps(file, seen) // STEPS
    return sum([await _rows(*each) for each in seen])


def _steps(file: str, statements: Sequence[Statement]) -> int:
    found = 0

    def count() -> int:
        nonlocal found
        found += STEPS
        return 0

    with closing(sqlite3.connect(file)) as connection:
        connection.set_progress_handler(count, STEPS)
        for sql, values in statements:
            connection.execute(sql, values).fetchall()
    return found


async def _rows(sql: str, values: Sequence[Any]) -> int:
    plan = await reader().execute_query_dict(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", list(values))
    return _rows_of(orjson.loads(plan[0]["QUERY PLAN"])[0]["Plan"])


def _rows_of(node: dict[str, Any]) -> int:
    below = sum(_rows_of(each) for each in node.get("Plans", ()))
    if "Relation Name" not in node:
        return below
    removed = sum(node.get(name, 0) for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
    return below + int((node["Actual Rows"] + removed) * node["Actual Loops"])


@contextmanager
def _reads() -> Iterator[list[Statement]]:
    seen: list[Statement] = []

    def keeping(method: Any) -> Any:
        async def run(self: Any, query: str, *values: Any) -> Any:
            if query.lstrip().upper().startswith(("SELECT", "WITH")):
                seen.append((query, values[0] if values and values[0] else ()))
            return await method(self, query, *values)

        return run

    with pytest.MonkeyPatch.context() as patch:
        for client in (AsyncpgDBClient, TransactionWrapper, SqliteClient, SqliteTransactionWrapper):
            if "execute_query_dict" in vars(client):
                patch.setattr(client, "execute_query_dict", keeping(vars(client)["execute_query_dict"]))
        yield seen
