"""Bringing the tables to the state that this program needs, once, whoever else tries at the same time.

A service runs meanwhile, in this version or the one before. On PostgreSQL a change of a table waits for everybody who reads
it, and all later readers wait behind the change: so a migration waits a second, lets them pass, and tries again. What takes
long, an index of a table that was there before, is made without a lock that anybody else waits for.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

import asyncpg
from filelock import AsyncFileLock, Timeout
from tortoise.connection import get_connections
from tortoise.migrations.executor import MigrationExecutor

from models.address import DatabaseAddress
from models.applied import applied_migrations, pending
from models.connections import WRITER, session_settings
from models.database import APPS, reader
from models.folding import fill_folded
from models.migration_lock import SAY_SECONDS, MigrationBlocked, Patience, Said
from models.migration_step import MigrationSteps
from models.pooled_transaction import unanswered
from models.private_file import OWNER_ALONE
from models.sessions import Session, Task, connect
from models.statistics import forget_statistics
from models.transaction import finish_transactions

__all__ = ["MigrationBlocked", "Patience", "migrate", "pending_migrations"]

_ADVISORY_LOCK = 0x5A1AB1E
_LOOK_SECONDS = 0.2
"""How often one that waits for another one to migrate asks whether it is done."""

_HOLDER = """
SELECT a.pid, a.application_name, CAST(EXTRACT(EPOCH FROM clock_timestamp() - a.backend_start) AS bigint) AS seconds
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.objid = $1 AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def pending_migrations() -> list[str]:
    """The names of the migrations that the open database still lacks, in order."""
    return await pending(reader())


async def migrate(
    address: DatabaseAddress,
    on_step: Callable[[str], None] = lambda _: None,
    on_progress: Said = lambda _: None,
    patience: Patience | None = None,
) -> None:
    """Apply what the open database lacks, one migration a transaction.

    on_step hears the name of each migration before it runs, on_progress a sentence now and then. Others that migrate the
    same database wait and then find nothing to do. What is ended in between is gone on with by the next call. Columns that
    are filled in by batches follow at once, without a lock on their tables. Raises MigrationBlocked, with who is in the way.
    """
    async with _alone(address, on_progress) as session:
        applied = await applied_migrations(reader())
        if names := await pending_migrations():
            # First only Tortoise's own table of what is applied.
            await MigrationExecutor(get_connections().get(WRITER), APPS).migrate([])
            # Nobody reads a database that is made now: its indexes need no care.
            steps = await MigrationSteps.after(
                applied, session if applied else None, on_progress, patience or Patience()
            )
            for name in names:
                on_step(name)
                await steps.run(name)
    await fill_folded()
    await forget_statistics()


@asynccontextmanager
async def _alone(address: DatabaseAddress, said: Said) -> AsyncIterator[asyncpg.Connection | None]:
    """While nobody else migrates; on PostgreSQL with the connection that holds the lock."""
    if address.file is not None:
        lock = AsyncFileLock(f"{address.file}-migrate.lock", mode=OWNER_ALONE)
        await _lock_file(lock, said)
        try:
            yield None
        finally:
            await finish_transactions(address.timeouts.finish)
            await lock.release()
        return
    session = await connect(session_settings(address, Task.MIGRATE))
    try:
        await _lock(session, said)
        yield session
    except TimeoutError as error:
        raise unanswered(error) from error
    finally:
        await finish_transactions(address.timeouts.finish)
        await session.close(timeout=address.timeouts.close)


async def _lock_file(lock: AsyncFileLock, said: Said) -> None:
    while True:
        try:
            await lock.acquire(timeout=SAY_SECONDS)
        except Timeout:
            said("waiting for another process, which migrates this database")
        else:
            return


async def _lock(session: Session, said: Said) -> None:
    """Wait until nobody else migrates, and say who does."""
    last_said = monotonic() - SAY_SECONDS
    # Asked again and again: a statement that waits would be waited for itself, by the making of an index.
    while not await session.fetchval("SELECT pg_try_advisory_lock($1)", _ADVISORY_LOCK):
        if monotonic() - last_said >= SAY_SECONDS and (holder := await session.fetchrow(_HOLDER, _ADVISORY_LOCK)):
            said(
                f"waiting for another one that migrates: pid {holder['pid']} ({holder['application_name']}, for"
                f" {holder['seconds']} s)"
            )
            last_said = monotonic()
        await asyncio.sleep(_LOOK_SECONDS)
