"""Making an index of PostgreSQL while its table is read and written."""

import asyncio
import re
from contextlib import suppress
from time import monotonic

import asyncpg

from models.database import DATABASE_ERRORS, reader
from models.migration_lock import SAY_SECONDS, Blockers, MigrationBlocked, Patience, Said
from models.sql import fetch

LOOK_SECONDS = 0.5
LONGEST_SECONDS = 7 * 24 * 3600.0
"""That an index may take: it waits for nobody, and is looked at all along."""

_CREATE = re.compile(r'CREATE (UNIQUE )?INDEX "(\w+)"')
_FOUND = """
SELECT i.indisvalid AS is_valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relname = $1 AND c.relnamespace = to_regnamespace(current_schema())
"""
_PROGRESS = """
SELECT phase, blocks_done, blocks_total FROM pg_stat_progress_create_index WHERE pid = $1
"""


async def make_index(session: asyncpg.Connection, sql: str, number: str, said: Said, patience: Patience) -> None:
    """Make the index of this CREATE INDEX statement concurrently; one that an ended run has left invalid is made anew.

    It waits for transactions that are older than itself, and nobody waits for it; MigrationBlocked where it waits for them
    longer than patience allows. An index that is there is left alone.
    """
    found = _CREATE.search(sql)
    if found is None:
        raise ValueError(f"this makes no index: {sql}")
    name = found[2]
    is_valid = await session.fetchval(_FOUND, name)
    if is_valid:
        return
    if is_valid is not None:
        said(f"the index {name} was left unfinished; it is made anew")
        await _run(session, f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"', f"dropping {name}", said, patience)
    said(f"creating index {name} ({number})")
    concurrently = _CREATE.sub(r'CREATE \1INDEX CONCURRENTLY "\2"', sql, count=1)
    await _run(session, concurrently, f"index {name} ({number})", said, patience)


async def _run(session: asyncpg.Connection, sql: str, what: str, said: Said, patience: Patience) -> None:
    statement = asyncio.create_task(session.execute(sql, timeout=LONGEST_SECONDS))
    try:
        await _follow(statement, session.get_server_pid(), what, said, patience)
    finally:
        if not statement.done():  # asyncpg tells the server to stop
            statement.cancel()
            await asyncio.wait([statement])
    await statement


async def _follow(statement: asyncio.Task[str], pid: int, what: str, said: Said, patience: Patience) -> None:
    blockers, waiting_since, last_said, last_seen = Blockers(), None, monotonic(), monotonic()
    while not (await asyncio.wait([statement], timeout=LOOK_SECONDS))[0]:
        with suppress(*DATABASE_ERRORS):  # it only says how far it is
            waits, how_far = await _how_far(pid, blockers)
            last_seen = monotonic()
            waiting_since = (waiting_since or monotonic()) if waits else None
            if monotonic() - last_said >= SAY_SECONDS:
                said(f"{what}: {how_far}")
                last_said = monotonic()
        if waiting_since is not None and monotonic() - waiting_since > patience.total_seconds:
            raise MigrationBlocked(
                f"{what} waits for {blockers.said}: given up after {patience.total_seconds:.0f} s. Nobody waits for it; end"
                " that session, or run this again later: it goes on here."
            )
        if monotonic() - last_seen > patience.total_seconds:
            raise MigrationBlocked(
                f"{what}: the database has not answered for {patience.total_seconds:.0f} s. Run this again later: it goes"
                " on here."
            )


async def _how_far(pid: int, blockers: Blockers) -> tuple[bool, str]:
    """Whether it waits for somebody, and a few words."""
    rows = await fetch(reader(), _PROGRESS, pid)
    phase = str(rows[0]["phase"]) if rows else "waiting"
    if not rows or phase.startswith("waiting"):
        await blockers.look(pid)
        return True, f"waits for {blockers.said}"
    done, total = rows[0]["blocks_done"], rows[0]["blocks_total"]
    return False, f"{phase}, {done:,} of {total:,} blocks" if total else phase
