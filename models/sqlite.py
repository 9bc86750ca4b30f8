"""The SQLite engines: one connection that writes, one that only reads.

Transactions of the writing one begin IMMEDIATE: a deferred BEGIN that reads and then writes fails at once with "database
is locked" where another process wrote in between; an IMMEDIATE one waits its turn. A cancelled or failed BEGIN gives the
process's lock back; without that, one such BEGIN would hang every later transaction.
"""

import asyncio
import sqlite3
from contextlib import suppress
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError


class Transaction(SqliteTransactionWrapper):
    """A transaction that begins as its connection says."""

    def __init__(self, connection: SqliteClient, begin: str) -> None:
        super().__init__(connection)
        self._begin = begin

    async def begin(self) -> None:
        """Begin, waiting up to the connection's busy_timeout for other processes."""
        try:
            await self._connection.execute(self._begin)
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error


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

    BEGIN = "BEGIN IMMEDIATE"

    def _in_transaction(self) -> TransactionContext:
        return SafeTransactionContext(Transaction(self, self.BEGIN), self._lock)


class ReadingClient(WritingClient):
    """The one connection of a process that reads, beside a write in progress; its transactions are snapshots."""

    BEGIN = "BEGIN"


def get_client_class(db_info: dict[str, Any]) -> type[BaseDBAsyncClient]:
    """The engine of a connection, as Tortoise asks for it: reading where the credentials say query_only."""
    return ReadingClient if "query_only" in db_info["credentials"] else WritingClient
