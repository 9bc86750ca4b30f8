"""Whoever else writes now, in any process."""

import asyncio

from models.database import Client, reader, transaction

LONGEST_WRITE_SECONDS = 60
"""Far longer than any transaction of ours takes."""


async def writers_done() -> None:
    """Wait until all transactions that write now, in any process, have ended; those that begin later are not waited for.

    Whoever changed something that others may have read before can be sure then that nobody still acts on the old state.
    Gives up after a minute, which no transaction of ours takes.
    """
    if reader().capabilities.dialect == "sqlite":
        await transaction(_nothing)  # there is one writer at a time
        return
    newest = (await reader().execute_query_dict("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xid"))[0][
        "xid"
    ]
    for _ in range(LONGEST_WRITE_SECONDS * 20):
        sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid"
        if int((await reader().execute_query_dict(sql))[0]["xid"]) >= int(newest):
            return
        await asyncio.sleep(0.05)


async def _nothing(_client: Client) -> None:
    """What a transaction does that only waits for its turn."""
