"""Transactions of PostgreSQL on connections of a pool, none of which is lost: to no cancelled task and no silent server."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections

from models.sessions import SessionSettings
from models.timeouts import UnansweredError

_log = logging.getLogger("salable.database")


class DeadlineClient(AsyncpgDBClient):
    """A client whose missed deadlines are UnansweredError."""

    async def _translate_exceptions(
        self, func: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any
    ) -> Any:
        try:
            return await super()._translate_exceptions(func, *args, **kwargs)
        except TimeoutError as error:
            raise unanswered(error) from error


class PoolTransaction(DeadlineClient, TransactionWrapper):
    """What a transaction, or a savepoint in one, works with."""

    _parent: Any

    @property
    def is_outermost(self) -> bool:
        """Whether it is the transaction itself, and no savepoint in one."""
        return not isinstance(self._parent, PoolTransaction)

    @property
    def session(self) -> SessionSettings:
        """How its session is set."""
        session: SessionSettings = self._parent.session
        return session

    async def begin(self) -> None:
        """Begin; a savepoint where a transaction runs already."""
        if self.is_outermost:
            self.transaction = await begin(self._connection, self.session)
        else:
            await super().begin()

    def _in_transaction(self) -> TransactionContext:
        return Savepoint(PoolTransaction(self))


class PooledTransaction(TransactionContextPooled):
    """A transaction on a connection of the pool, which it never loses: cancelled and failed ones give it back too."""

    client: PoolTransaction

    async def __aenter__(self) -> TransactionalDBClient:
        """Take a connection and begin."""
        pool = self.client._parent
        connection = await pool.take()
        self.client._connection = connection
        try:
            await self.client.begin()
        except BaseException as error:
            await pool.not_begun(connection, error)
            if isinstance(error, TimeoutError):
                raise unanswered(error) from error
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Commit, or roll back where the body failed; UnansweredError where it is not known whether it was committed."""
        connection = self.client._connection
        failure = error
        get_connections().reset(self.token)
        try:
            if error is None:
                await self.client.commit()
            elif is_usable(connection, error):
                await self.client.rollback()
        except TimeoutError as late:
            failure = late
            raise unanswered(late) from late
        except BaseException as late:
            failure = late
            if error is None or not isinstance(late, Exception):
                raise
            _log.debug("a transaction that failed could not be rolled back: %s", late)  # its own error says more
        finally:
            await self.client._parent.give_back(connection, failure)


class Savepoint(NestedTransactionContext):
    """A savepoint; on a connection that is of no use any more there is nothing to roll back."""

    client: PoolTransaction

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Keep or roll back what was done since it was set."""
        if error is None or is_usable(self.client._connection, error):
            await super().__aexit__(kind, error, traceback)


async def begin(connection: Any, session: SessionSettings) -> Any:
    """Begin a transaction that is set to what we need, and return it."""
    transaction = connection.transaction()
    # It waits for nobody, but for a session of the server where a pooler stands between.
    async with asyncio.timeout(session.acquire_seconds if session.is_pooled else session.timeouts.connect):
        await transaction.start()
        if session.is_pooled:
            await connection.execute(session.of_transaction(connection))
    return transaction


def drop(connection: Any) -> None:
    """Close a connection without a word to the server, which may not listen."""
    if connection._con is not None:
        connection.terminate()


def is_usable(connection: Any, error: BaseException) -> bool:
    """Whether a connection may be used again after this error."""
    return not isinstance(error, TimeoutError) and connection._con is not None and not connection.is_closed()


def unanswered(error: TimeoutError) -> UnansweredError:
    """What a missed deadline is called; asyncpg's own error has no words."""
    if isinstance(error, UnansweredError):
        return error
    return UnansweredError("the database did not answer in time")
