"""SQLite without statistics: its plans are those of our statements, not of what its tables once held.

With what ANALYZE found in a young database SQLite scans the tables that it believes to be small, and locks then take a
thousand times as long once they have grown; PostgreSQL keeps its own statistics. Without any, SQLite seeks wherever an
index fits, which is what each statement of ours is written for (a test explains them all).
"""

from models.database import Client, reader, transaction
from models.sql import fetch

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'sqlite_stat%'"


async def forget_statistics() -> int:
    """Drop what somebody's ANALYZE wrote; every open connection plans anew then. Returns how many tables that were."""
    if reader().capabilities.dialect != "sqlite" or not await fetch(reader(), _TABLES):
        return 0
    return await transaction(_drop)


async def _drop(client: Client) -> int:
    """Another process may have dropped them since somebody looked, so it is asked again where nobody else writes."""
    found = [str(row["name"]) for row in await fetch(client, _TABLES)]
    if not found:
        return 0
    for name in found:
        await fetch(client, f"DELETE FROM {name}")  # noqa: S608  # a name of SQLite's
    await fetch(client, "ANALYZE sqlite_schema")  # this connection reads again what is not there any more
    for name in found:
        await fetch(client, f"DROP TABLE IF EXISTS {name}")  # the others do so because the tables changed
    return len(found)
