"""Statements that take for ever, on either database, and whether any runs."""

import asyncio

from tortoise.connection import get_connections

from models.connections import READER, SCANNER
from models.database import Client, reader
from models.sqlite import ReadingClient

PATIENCE_SECONDS = 60
_ENDLESS = {
    "sqlite": "(WITH RECURSIVE z(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM z) SELECT COUNT(*) FROM z)",
    "postgres": "(SELECT COUNT(*) FROM pg_sleep(600))",
}


def endless() -> str:
    """An expression that is a number, after hours; for the open database."""
    return endless_on(is_postgresql=reader().capabilities.dialect == "postgres")


def endless_on(*, is_postgresql: bool) -> str:
    """An expression that is a number, after hours."""
    return _ENDLESS["postgres" if is_postgresql else "sqlite"]


async def running() -> int:
    """How many connections of this process are busy with a statement that takes for ever, or with any on SQLite."""
    clients: list[Client] = [get_connections().get(alias) for alias in (READER, SCANNER)]
    if reader().capabilities.dialect == "sqlite":
        return sum(each.pool_maxsize - each.free.qsize() for each in clients if isinstance(each, ReadingClient))
    sql = "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE state <> 'idle' AND query LIKE '%pg_sleep(600)%'"
    sql += " AND pid <> pg_backend_pid() AND datname = current_database()"
    return int((await reader().execute_query_dict(sql))[0]["n"])


async def until_running(number: int) -> None:
    """Wait until so many run, at least."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await running() < number:  # noqa: ASYNC110  # statements tell nobody
            await asyncio.sleep(0.01)


async def until_none_runs() -> None:
    """Wait until nothing runs any more."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await running():  # noqa: ASYNC110  # statements tell nobody
            await asyncio.sleep(0.01)
