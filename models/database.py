"""The life of the database: its opening, and the one safe way to open a transaction.

A process has connections that write, others that read beside them, so that no read waits for a write, and others that read
what takes long, so that no short read waits for that. What runs for a request ends with it: see models/deadline.py.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from math import inf
from typing import TypeVar

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext

from models.address import DatabaseAddress
from models.connections import READER, SCANNER, WATCHER, WRITER, connections_to
from models.deadline import TimedOut, allotted, at_length, is_long
from models.failures import DATABASE_ERRORS as DATABASE_ERRORS  # noqa: PLC0414  # they are caught wherever one is used
from models.places import TOO_BUSY, Queues, Turn
from models.silence import longest_turn
from models.sqlite import LockedError
from models.timeouts import UnansweredError
from models.transaction import Transaction, finish_transactions

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

GIVEN_UP = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError, LockedError)
"""The database's own bounds on a lock and a statement: what is raised so within a transaction leaves nothing of it."""

_hooks: ContextVar[list[Callable[[], None]] | None] = ContextVar("hooks of the transaction that runs", default=None)
_after_each_commit: list[Callable[[], None]] = []
_queues = Queues(1, 1, 1)


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
            global _queues  # noqa: PLW0603  # one a process, like the connections that they stand before
            _queues = Queues(*(_connections(context.connections.get(alias)) for alias in (WRITER, READER, SCANNER)))
            yield
        finally:
            await finish_transactions(address.timeouts.finish)
            if address.is_sqlite:
                # The last to close writes the log back into the file, which a connection that only reads cannot.
                for alias in (WATCHER, SCANNER, READER):
                    await context.connections.get(alias).close()


def reader() -> Client:
    """The connections for single statements that read; each sees one state of the database."""
    return get_connections().get(_alias())


def _alias() -> str:
    time = allotted()
    return SCANNER if is_long() and not (time is not None and time.is_public) else READER


def _connections(client: Client) -> int:
    """How many connections a client has."""
    return int(getattr(client, "pool_maxsize", 1))


def watcher() -> Client:
    """The connection that sees by SQLite's `data_version` what others have committed: always the same one."""
    return get_connections().get(WATCHER)


async def bounded(statement: Callable[[], Awaitable[T]]) -> T:
    """Run a statement outside of a transaction within the time of its request, and in its turn where it may take long.

    TimedOut where that is over; nothing of it runs any more then, nor once the caller is cancelled.
    """
    time = allotted()
    if time is None and not is_long():
        return await statement()
    async with AsyncExitStack() as stack:
        if time is not None:
            await stack.enter_async_context(time.reading())
        if is_long():
            await stack.enter_async_context(_queues.of_long_reads(time).place())
        return await statement()


async def transaction(body: Callable[[Client], Awaitable[T]]) -> T:
    """Run the body in a transaction that writes: all of it or, when it raises, nothing.

    This is the only way to open one; a body that needs a savepoint nests Tortoise's in_transaction. Once it has begun it
    goes on even where the caller is cancelled. For a request there is one bound on all of it, the wait for its turn and for
    the locks of others included, whether the caller stays or not: TimedOut, and nothing is done. Where a lock is not to be
    had a body begins anew.
    """
    time = allotted()
    if time is None:
        return await _in_turn(body, None)
    try:
        answer = await _in_turn(body, asyncio.get_running_loop().time() + time.write_seconds)
    except (TimedOut, *GIVEN_UP):  # it is rolled back
        raise time.said(TimedOut(TOO_BUSY)) from None
    time.note_written()
    return answer


async def _in_turn(body: Callable[[Client], Awaitable[T]], until: float | None) -> T:
    turn = await _in_time(until, _queues.writers.first())
    try:
        return await _written(body, turn, until)
    except asyncpg.LockNotAvailableError:
        if turn.is_patient:
            raise
    return await _written(body, await _in_time(until, _queues.writers.second()), until)


def after_commit(hook: Callable[[], None]) -> None:
    """Within the body of a transaction: call this once it is committed; where it is rolled back, never."""
    hooks = _hooks.get()
    if hooks is not None and hook not in hooks:
        hooks.append(hook)


async def snapshot(body: Callable[[Client], Awaitable[T]]) -> T:
    """Run a body of several statements that read, all on one state of the database.

    It ends with its caller, or with the time of its request: TimedOut.
    """
    async with AsyncExitStack() as stack:
        if (time := allotted()) is not None:
            await stack.enter_async_context(time.reading())
        places = _queues.of_long_reads(time) if is_long() else None
        if places is not None:
            await places.take()
        run = Transaction(_alias(), _on_one_state(body))
        if places is not None:
            run.when_over(places.give_back)
        try:
            return await run.answer()
        except asyncio.CancelledError:
            run.stop()
            raise


long_snapshot = at_length(snapshot)
"""A snapshot that may take seconds, by connections that no short read waits for.

It holds no lock that a writer waits for; other long ones wait for their turn.
"""


def _on_one_state(body: Callable[[Client], Awaitable[T]]) -> Callable[[Client], Awaitable[T]]:
    if get_connections().get(READER).capabilities.dialect == "sqlite":
        return body

    async def read(client: Client) -> T:
        await client.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return await body(client)

    return read


@contextmanager
def after_each_commit(call: Callable[[], None]) -> Iterator[None]:
    """Meanwhile, call this after every transaction of this process that wrote and was committed."""
    _after_each_commit.append(call)
    try:
        yield
    finally:
        _after_each_commit.remove(call)


async def _written(body: Callable[[Client], Awaitable[T]], turn: Turn, until: float | None) -> T:
    hooks: list[Callable[[], None]] = []

    async def write(client: Client) -> T:
        _hooks.set(hooks)  # of this task alone: it has a context of its own
        if (milliseconds := turn.lock_ms) is not None:
            await client.execute_query(f"SET LOCAL lock_timeout = {milliseconds:d}")
        return await body(client)

    def committed() -> None:
        for hook in (*hooks, *_after_each_commit):
            hook()

    run = Transaction(WRITER, write, committed)
    run.when_over(turn.end)
    scope = asyncio.timeout_at(until)
    try:
        async with scope:
            return await run.answer()
    except asyncio.CancelledError:
        if until is not None:  # it goes on, but no longer than for a caller who stays
            asyncio.get_running_loop().call_at(until, run.stop)
        raise
    except TimeoutError:
        if not scope.expired():
            raise
    if run.stop():
        raise TimedOut(TOO_BUSY)
    return await run.answer()  # it is being committed, or has failed by itself


async def _in_time(until: float | None, turn: Awaitable[Turn]) -> Turn:
    """The turn of a writer; TimedOut where it does not come in time, UnansweredError where the database is silent."""
    seconds = longest_turn()
    silent_until = inf if seconds is None else asyncio.get_running_loop().time() + seconds
    ends = min(inf if until is None else until, silent_until)
    scope = asyncio.timeout_at(None if ends == inf else ends)
    try:
        async with scope:
            return await turn
    except TimeoutError:
        if not scope.expired():
            raise
        if ends == silent_until:
            raise UnansweredError("the database is silent, and others wait for it already") from None
        raise TimedOut(TOO_BUSY) from None
