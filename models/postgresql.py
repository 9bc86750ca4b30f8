"""The PostgreSQL engine: pools whose every wait has an end, and transactions that lose no connection.

A connection that missed a deadline is dropped and not given back; all others of this process are made anew before they
are used again, since what silenced one has most likely silenced them too. A statement whose task is cancelled is cancelled
on the server.
"""

import asyncio
import logging
from math import inf
from types import TracebackType
from typing import Any, TypeAlias

import asyncpg
from tortoise.backends.base.client import (
    BaseDBAsyncClient,
    PoolConnectionWrapper,
    TransactionContext,
)

from models.pooled_transaction import DeadlineClient, PooledTransaction, PoolTransaction, begin, drop, is_usable
from models.sessions import Session, SessionSettings
from models.silence import end_forsaken, longest_turn, note_answer, note_silence, watch
from models.timeouts import UnansweredError

Pool: TypeAlias = "asyncpg.Pool[Any]"

_REFUSED_BY_POOLERS = "unsupported startup parameter"
"""What pgbouncer says of settings at the start of a session; PostgreSQL never does."""

_log = logging.getLogger("salable.database")


class PooledClient(DeadlineClient):
    """One pool of sessions for one task."""

    def __init__(self, session: SessionSettings, **sizes: Any) -> None:
        super().__init__(**session.credentials, **sizes)
        self.session = session
        self._is_closed = False

    async def create_pool(self, **_: Any) -> Pool:
        """The pool; its first connection is made at once, so that what is wrong is said at once."""
        how: dict[str, Any] = {
            **self.session.arguments(),
            "connection_class": Session,
            "init": self._prepare,
            # No floor: while the server is away, asyncpg would log a traceback at each try to come back to it.
            "min_size": 0,
            "init_size": self.pool_minsize,
            "max_size": self.pool_maxsize,
        }
        try:
            pool: Pool = await asyncpg.create_pool(**how)
        except TimeoutError as error:
            raise UnansweredError("no connection could be made in time") from error
        except asyncpg.ProtocolViolationError as error:
            if _REFUSED_BY_POOLERS not in str(error):
                raise
            raise ValueError(
                f"a pooler stands before it that does not know what a session is set to ({error}): set"
                " SALABLE_DATABASE_POOLER=transaction"
            ) from error
        self._is_closed = False
        watch(self)
        return pool

    async def _prepare(self, session: Session) -> None:
        await self.session.prepare(session)
        note_answer(self.session.timeouts)
        await end_forsaken(session)

    async def expire(self) -> None:
        """Have each session made anew before it is used again."""
        await self._expire_connections()

    def sessions(self) -> list[Session]:
        """The sessions that are open now."""
        pool: Any = self._pool  # what it holds is asyncpg's own
        holders = [] if pool is None else pool._holders
        return [holder._con for holder in holders if holder._con is not None]

    async def take(self) -> Any:
        """A connection of the pool; UnansweredError where none is free, or none can be made, in time."""
        if self._is_closed:
            raise asyncpg.InterfaceError("the database is closed")  # a task that outlived it opens no other pool
        if self._pool is None:
            async with self._pool_init_lock:
                if self._pool is None:
                    await self.create_connection(with_db=True)
        assert self._pool is not None  # noqa: S101  # it was just made
        seconds = min(self.session.acquire_seconds, longest_turn() or inf)
        try:
            return await self._pool.acquire(timeout=seconds)
        except TimeoutError as error:
            raise UnansweredError("no connection was free, or could be made, in time") from error

    async def give_back(self, connection: Any, error: BaseException | None) -> None:
        """Put a connection back into the pool; one that missed a deadline is used no more, and neither are the others.

        What was cancelled is waited for first. So behind a pooler one that missed a deadline is not dropped but closed: a
        request to cancel that is broken off there brings some poolers down.
        """
        if isinstance(error, TimeoutError):
            if not self.session.is_pooled:
                drop(connection)
            await note_silence(self.session.timeouts)
        if self._pool is not None:
            try:
                await self._pool.release(connection, timeout=self.session.timeouts.close)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as failure:
                _log.debug("a connection was dropped: %s", failure)  # what it was asked is answered all the same

    async def not_begun(self, connection: Any, error: BaseException) -> None:
        """Put a connection back on which a transaction did not begin.

        Behind a pooler that was late for want of a session, since others use them all: nobody is silent then.
        """
        await self.give_back(connection, None if self.session.is_pooled else error)

    def acquire_connection(self) -> PoolConnectionWrapper[Any]:
        """A connection for a while."""
        return _TransactionOfOwn(self) if self.session.is_pooled else _Acquired(self)

    def _in_transaction(self) -> TransactionContext:
        return PooledTransaction(PoolTransaction(self), self._pool_init_lock)

    async def _close(self) -> None:
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        self._is_closed = True
        seconds = self.session.timeouts.close
        in_use = pool.get_size() - pool.get_idle_size()
        try:
            async with asyncio.timeout(seconds):
                await pool.close()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            pool.terminate()
            reason = f"not within {seconds:g} s" if isinstance(error, TimeoutError) else str(error)
            _log.warning(
                "the connections that %s were not closed but dropped (%s); %d were in use",
                self.session.task.value,
                reason,
                in_use,
            )


class _Acquired(PoolConnectionWrapper[Any]):
    """A connection of the pool for as long as the block runs."""

    def __init__(self, client: PooledClient) -> None:
        self.client: PooledClient = client
        self.connection: Any = None

    async def __aenter__(self) -> Any:
        self.connection = await self.client.take()
        return self.connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.client.give_back(self.connection, error)


class _TransactionOfOwn(_Acquired):
    """A connection behind a pooler: only within a transaction is it one session, set to what we need."""

    async def __aenter__(self) -> Any:
        connection = await super().__aenter__()
        try:
            self._transaction = await begin(connection, self.client.session)
        except BaseException as error:
            await self.client.not_begun(connection, error)
            raise
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        failure = error
        try:
            if error is None:
                await self._transaction.commit()
            elif is_usable(self.connection, error):
                await self._transaction.rollback()
        except BaseException as late:
            failure = late
            raise
        finally:
            await self.client.give_back(self.connection, failure)


def get_client_class(_db_info: dict[str, Any]) -> type[BaseDBAsyncClient]:
    """The engine of a connection, as Tortoise asks for it."""
    return PooledClient
