"""Waiting for a table without making everybody else wait: short tries, growing pauses, and who is in the way."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

import asyncpg

from models.database import DATABASE_ERRORS, Client, reader, transaction
from models.sql import fetch

SAY_SECONDS = 5.0
"""How often it is said how far it is, or for whom it waits."""

Said = Callable[[str], None]
"""Hears a sentence about how far it is."""

_BLOCKING = """
SELECT a.pid, a.application_name, a.usename, a.state,
    CAST(EXTRACT(EPOCH FROM clock_timestamp() - COALESCE(a.xact_start, a.query_start)) AS bigint) AS seconds
FROM pg_stat_activity a WHERE a.pid = ANY(pg_blocking_pids($1)) ORDER BY a.xact_start
"""
_BLOCKING_PREPARED = """
SELECT DISTINCT p.gid, p.owner, CAST(EXTRACT(EPOCH FROM clock_timestamp() - p.prepared) AS bigint) AS seconds
FROM pg_locks waits
JOIN pg_locks held ON held.pid IS NULL AND (
    held.relation = waits.relation AND held.database = waits.database OR held.transactionid = waits.transactionid)
JOIN pg_locks own ON own.pid IS NULL AND own.virtualtransaction = held.virtualtransaction
JOIN pg_prepared_xacts p ON p.transaction = own.transactionid
WHERE waits.pid = $1 AND NOT waits.granted AND 0 = ANY(pg_blocking_pids($1)) ORDER BY p.gid
"""
"""A prepared transaction has no process: it holds its locks until somebody commits it or rolls it back by its name."""


class MigrationBlocked(Exception):  # noqa: N818  # what it is
    """A migration gave up since somebody else holds a table; the message says who, and what is as it was."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one try may wait for a table (all who come later wait behind it), the pauses between, and all together."""

    lock_seconds: float = 1.0
    first_pause: float = 1.0
    longest_pause: float = 15.0
    total_seconds: float = 600.0


class Blockers:
    """Who a backend of PostgreSQL waits for, as was last seen."""

    def __init__(self) -> None:
        self.said = "somebody who is gone by now"

    async def look(self, pid: int) -> None:
        """Ask whom this backend waits for now; what was seen before stands where it waits for nobody."""
        found = [
            f"pid {row['pid']} ({row['application_name'] or row['usename']}, {row['state']}, for {row['seconds']} s)"
            for row in await fetch(reader(), _BLOCKING, pid)
        ]
        found += [
            f"the prepared transaction '{row['gid']}' ({row['owner']}, for {row['seconds']} s)"
            for row in await fetch(reader(), _BLOCKING_PREPARED, pid)
        ]
        if found:
            self.said = ", ".join(found)


async def with_short_locks(
    body: Callable[[Client], Awaitable[None]], what: str, said: Said, patience: Patience
) -> None:
    """Run the body in a transaction that gives up soon where it waits for a lock, and again after a pause.

    MigrationBlocked once that has gone on for as long as patience allows: nothing of the body is done then.
    """
    blockers, begun, pause = Blockers(), monotonic(), patience.first_pause
    while True:
        try:
            await _try(body, blockers, patience)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
            if monotonic() - begun > patience.total_seconds:
                raise MigrationBlocked(
                    f"{what} waits for {blockers.said}: given up after {patience.total_seconds:.0f} s. Nothing of it is"
                    " done; end that session, or run this again later."
                ) from error
            said(f"{what} waits for {blockers.said}; the next try is in {pause:.1f} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, patience.longest_pause)
        else:
            return


async def _try(body: Callable[[Client], Awaitable[None]], blockers: Blockers, patience: Patience) -> None:
    watchers: list[asyncio.Task[None]] = []

    async def run(client: Client) -> None:
        await fetch(client, f"SET LOCAL lock_timeout = {int(patience.lock_seconds * 1000):d}")
        await fetch(client, "SET LOCAL statement_timeout = 0")
        await fetch(client, "SET LOCAL idle_in_transaction_session_timeout = 0")
        pid = (await fetch(client, "SELECT pg_backend_pid() AS pid"))[0]["pid"]
        watchers.append(asyncio.create_task(_watch(blockers, pid, patience.lock_seconds / 3)))
        await body(client)

    try:
        await transaction(run)
    finally:
        for watcher in watchers:
            watcher.cancel()


async def _watch(blockers: Blockers, pid: int, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        with suppress(*DATABASE_ERRORS):  # it only says more than nothing
            await blockers.look(pid)
