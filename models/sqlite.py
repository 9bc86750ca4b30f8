"""The SQLite engines: one connection that writes, several that only read, each with a thread of its own.

Transactions of the writing one begin IMMEDIATE: a deferred BEGIN that reads and then writes fails at once with "database
is locked" where another process wrote in between; an IMMEDIATE one waits its turn. A cancelled or failed BEGIN gives the
process's lock back; without that, one such BEGIN would hang every later transaction.

Whoever is cancelled while a statement runs interrupts it, and leaves once it has ended: the next one finds the connection
at rest, and nobody else's statement is ever interrupted.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

import aiosqlite
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

AGAIN_SECONDS = 0.02
"""An interrupt that comes before its statement has begun does nothing: it is told again."""
_CHUNK = 64


class Connection(aiosqlite.Connection):
    """A connection whose statements end when whoever waits for them is cancelled."""

    async def _execute(self, fn: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        running = asyncio.ensure_future(super()._execute(fn, *arguments, **named))  # type: ignore[no-untyped-call]  # it has no types
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            while not running.done():
                self._conn.interrupt()
                with suppress(asyncio.CancelledError):  # it is being left already
                    await asyncio.wait({running}, timeout=AGAIN_SECONDS)
            if not running.cancelled():
                running.exception()  # nobody is left to be told
            raise


async def _open(client: SqliteClient) -> Connection:
    """A new connection to the file of a client, as its pragmas say."""
    connection = Connection(lambda: sqlite3.connect(client.filename, isolation_level=None), _CHUNK)
    await connection
    try:
        connection.row_factory = sqlite3.Row
        for pragma, value in client.pragmas.items():
            await connection.execute_fetchall(f"PRAGMA {pragma}={value}")
    except BaseException:
        await connection.close()  # its thread would keep the process from ending
        raise
    return connection


class LockedError(OperationalError):
    """Another process has the only lock for writing, and kept it; nothing was begun."""


class SqliteTransaction(SqliteTransactionWrapper):
    """A transaction that begins as its connection says."""

    def __init__(self, connection: SqliteClient, begin: str) -> None:
        super().__init__(connection)
        self._begin = begin

    async def begin(self) -> None:
        """Begin, waiting up to the connection's busy_timeout for other processes."""
        try:
            await self._connection.execute(self._begin)
        except sqlite3.OperationalError as error:
            raise (LockedError if error.sqlite_errorcode == sqlite3.SQLITE_BUSY else OperationalError)(error) from error


class SafeTransactionContext(SqliteTransactionContext):
    """Gives the process's lock back on every failure to begin, cancellation included."""

    async def __aenter__(self) -> TransactionalDBClient:
        """Take the process's lock and begin."""
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            self.token = get_connections().set(self.connection_name, self.connection)
            try:
                await self.connection.begin()
            except BaseException:
                get_connections().reset(self.token)
                with suppress(sqlite3.Error):  # nothing was begun: there is nothing to roll back
                    await asyncio.shield(self.connection._connection.rollback())
                raise
        except BaseException:
            self._trxlock.release()
            raise
        client: TransactionalDBClient = self.connection
        return client


class WritingClient(SqliteClient):
    """The one connection of a process that writes."""

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002, FBT001  # Tortoise's signature
        """Connect, once."""
        if not self._connection:
            self._connection = await _open(self)
            await self._post_connect()

    def _in_transaction(self) -> TransactionContext:
        return SafeTransactionContext(SqliteTransaction(self, "BEGIN IMMEDIATE"), self._lock)


class Borrowed:
    """One of the connections of a client that reads, meanwhile."""

    def __init__(self, client: "ReadingClient") -> None:
        self._client = client

    async def __aenter__(self) -> Connection:
        """Wait for one that is free."""
        self.connection = await self._client.free.get()
        return self.connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give it back."""
        self._client.free.put_nowait(self.connection)


class Snapshot(TransactionContext):
    """A transaction that reads, by a connection of its own: all of it sees one state of the database."""

    def __init__(self, client: "ReadingClient") -> None:
        self._borrowed = Borrowed(client)
        self._transaction = SqliteTransaction(client, "BEGIN")

    async def __aenter__(self) -> TransactionalDBClient:
        """Wait for a connection that is free, and begin."""
        self._transaction._connection = await self._borrowed.__aenter__()
        try:
            await self._transaction.begin()
        except BaseException:
            await self._leave()
            raise
        return self._transaction

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it; there is nothing to commit."""
        await self._leave()

    async def _leave(self) -> None:
        try:
            await self._transaction.rollback()
        finally:
            await self._borrowed.__aexit__(None, None, None)


class ReadingClient(SqliteClient):
    """Several connections of a process that read, beside a write in progress."""

    free: asyncio.LifoQueue[Connection]

    def __init__(self, file_path: str, **settings: Any) -> None:
        self.pool_maxsize = int(settings.pop("connections"))
        super().__init__(file_path, **settings)
        self._all: list[Connection] = []

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002, FBT001  # Tortoise's signature
        """Connect, once."""
        if not self._all:
            self.free = asyncio.LifoQueue()
            for _ in range(self.pool_maxsize):
                self._all.append(await _open(self))
                self.free.put_nowait(self._all[-1])
            await self._post_connect()

    async def close(self) -> None:
        """Disconnect; what still runs is interrupted."""
        while self._all:
            connection = self._all.pop()
            connection._conn.interrupt()
            await connection.close()

    def acquire_connection(self) -> Any:
        """One of the connections, for one statement."""
        return Borrowed(self)

    def _in_transaction(self) -> TransactionContext:
        return Snapshot(self)


def get_client_class(db_info: dict[str, Any]) -> type[BaseDBAsyncClient]:
    """The engine of a connection, as Tortoise asks for it: reading where the credentials say query_only."""
    return ReadingClient if "query_only" in db_info["credentials"] else WritingClient
