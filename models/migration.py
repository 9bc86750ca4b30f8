"""Bringing the tables to the state that this program needs, once, whoever else tries at the same time."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from filelock import AsyncFileLock
from tortoise.connection import get_connections
from tortoise.migrations.executor import MigrationExecutor
from tortoise.transactions import in_transaction

from models.address import DatabaseAddress
from models.connections import WRITER
from models.database import APPS, reader
from models.folding import fill_folded
from models.private_file import OWNER_ALONE

_ADVISORY_LOCK = 0x5A1AB1E


async def pending_migrations() -> list[str]:
    """The names of the migrations that the open database still lacks, in order."""
    executor = MigrationExecutor(reader(), APPS)
    return [step.migration.name for step in await executor.plan() if not step.backward]


async def migrate(address: DatabaseAddress, on_step: Callable[[str], None] = lambda _: None) -> None:
    """Apply what the open database lacks; on_step hears the name of each migration before it runs.

    Others that migrate the same database wait and then find nothing to do. Columns that are filled in by batches follow
    at once, without a lock on their tables.
    """

    def progress(event: str, _app: str, name: str) -> None:
        if event == "apply_start":
            on_step(name)

    async with _alone(address):
        if await pending_migrations():
            await _apply(progress)
    await fill_folded()


async def _apply(progress: Callable[[str, str, str], None]) -> None:
    # First only Tortoise's own table of what is applied.
    await MigrationExecutor(get_connections().get(WRITER), APPS).migrate([])
    async with in_transaction(WRITER) as client:  # all of them, or none
        await MigrationExecutor(client, APPS).migrate(direction="forward", progress=progress)


@asynccontextmanager
async def _alone(address: DatabaseAddress) -> AsyncIterator[None]:
    if address.file is not None:
        async with AsyncFileLock(f"{address.file}-migrate.lock", mode=OWNER_ALONE):
            yield
        return
    async with get_connections().get(WRITER).acquire_connection() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", _ADVISORY_LOCK)
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _ADVISORY_LOCK)
