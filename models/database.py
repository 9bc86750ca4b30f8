"""The life of the database: its opening, and the one safe way to open a transaction.

SQLite has three connections a process: one writes (IMMEDIATE), one reads beside it (WAL), so that no read waits for a
write, and one reads what takes long, so that no other read waits for that. PostgreSQL has pools, for the same reason.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext
from tortoise.transactions import in_transaction

from models.address import DatabaseAddress
from models.connections import READER, SCANNER, WRITER, connections_to
from models.failures import DATABASE_ERRORS as DATABASE_ERRORS  # noqa: PLC0414  # they are caught wherever one is used

T = TypeVar("T")
Client = BaseDBAsyncClient

MODULES = [
    "models.product",
    "models.source",
    "models.stock",
    "models.source_item",
    "models.scope_rule",
    "models.reservation",
    "models.token",
    "models.order",
    "models.call",
    "models.notification",
    "models.delivery",
]
APPS = {"models": {"models": MODULES, "default_connection": WRITER, "migrations": "models.migrations"}}
MIGRATIONS = {"connections": {WRITER: "sqlite://:memory:"}, "apps": APPS}
"""What Tortoise's own command line needs to write a migration."""

LONGEST_WRITE_SECONDS = 60
"""Far longer than any transaction of ours takes."""

_log = logging.getLogger("salable.database")
_running: set[asyncio.Task[Any]] = set()
_hooks: ContextVar[list[Callable[[], None]] | None] = ContextVar("hooks of the transaction that runs", default=None)
_after_each_commit: list[Callable[[], None]] = []


@asynccontextmanager
async def database(address: DatabaseAddress) -> AsyncIterator[None]:
    """Connect, and on leaving wait for the transactions that run, then disconnect; all that has an end.

    Within one process one database is open at a time: tasks that were started elsewhere find it too.
    """
    async with TortoiseContext() as context:
        await context.init(
            {"connections": connections_to(address), "apps": APPS}, _enable_global_fallback=True, init_connections=False
        )
        try:
            for alias in context.connections.db_config:
                await context.connections.get(alias).create_connection(with_db=True)
            yield
        finally:
            await finish_transactions(address.timeouts.finish)


def reader() -> Client:
    """The connection for single statements that read; each sees one state of the database."""
    return get_connections().get(READER)


async def transaction(body: Callable[[Client], Awaitable[T]]) -> T:
    """Run the body in a transaction that writes: all of it or, when it raises, nothing.

    The body runs to its end even where the caller is cancelled: cancelling a transaction at its BEGIN loses the
    connection. This is the only way to open one; a body that needs a savepoint nests Tortoise's in_transaction.
    """
    return await _shielded(WRITER, body)


def after_commit(hook: Callable[[], None]) -> None:
    """Within the body of a transaction: call this once it is committed; where it is rolled back, never."""
    hooks = _hooks.get()
    if hooks is not None and hook not in hooks:
        hooks.append(hook)


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


async def snapshot(body: Callable[[Client], Awaitable[T]]) -> T:
    """Run a body of several statements that read, all on one state of the database."""
    return await _snapshot(READER, body)


async def long_snapshot(body: Callable[[Client], Awaitable[T]]) -> T:
    """A snapshot that may take seconds, by a connection that no other read waits for.

    It holds no lock that a writer waits for; other long ones wait for their turn.
    """
    return await _snapshot(SCANNER, body)


async def _snapshot(connection: str, body: Callable[[Client], Awaitable[T]]) -> T:
    if reader().capabilities.dialect == "sqlite":
        return await _shielded(connection, body)

    async def on_one_state(client: Client) -> T:
        await client.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return await body(client)

    return await _shielded(connection, on_one_state)


@contextmanager
def after_each_commit(call: Callable[[], None]) -> Iterator[None]:
    """Meanwhile, call this after every transaction of this process that wrote and was committed."""
    _after_each_commit.append(call)
    try:
        yield
    finally:
        _after_each_commit.remove(call)


async def finish_transactions(seconds: float) -> None:
    """Wait for the transactions whose callers may be gone; those that take longer are rolled back, and the log says so."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while _running:
                await asyncio.wait(_running)
    if _running:
        _log.warning("transactions that still ran after %g s were broken off: %d", seconds, len(_running))
        for task in _running:
            task.cancel()
        await asyncio.wait(_running, timeout=seconds)


async def _shielded(connection: str, body: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        hooks: list[Callable[[], None]] = []
        _hooks.set(hooks)  # of this task alone: it has a context of its own
        async with in_transaction(connection) as client:
            answer = await body(client)
        for hook in (*hooks, *(_after_each_commit if connection == WRITER else ())):
            hook()
        return answer

    task = asyncio.create_task(run())
    _running.add(task)
    task.add_done_callback(_running.discard)
    return await asyncio.shield(task)
