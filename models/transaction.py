"""One transaction in a task of its own, whose body can be ended from outside until it commits.

Of one that is cancelled while it commits nobody would know the outcome: so nobody cancels the task, only the body within.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.transactions import in_transaction

from models.deadline import alone

T = TypeVar("T")

_log = logging.getLogger("salable.database")
_running: set[asyncio.Task[Any]] = set()


class Stopped(Exception):  # noqa: N818  # an outcome, named as one
    """The body was ended: everything is rolled back."""


class Transaction(Generic[T]):
    """A transaction that runs, by the connections of an alias."""

    def __init__(
        self,
        alias: str,
        body: Callable[[BaseDBAsyncClient], Awaitable[T]],
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin, and run the body; once it is committed, call `committed`."""
        self._alias = alias
        self._body = body
        self._committed = committed
        self._scope: asyncio.Timeout | None = None
        self._is_stopped = False
        self._is_committing = False
        self._task = asyncio.create_task(self._run())
        _running.add(self._task)
        self._task.add_done_callback(_over)

    def when_over(self, call: Callable[[], None]) -> None:
        """Call this once its connection is free again."""
        self._task.add_done_callback(lambda _: call())

    async def answer(self) -> T:
        """What the body returned, once it is committed. Who is cancelled here leaves it running."""
        return await asyncio.shield(self._task)

    def stop(self) -> bool:
        """End the body, and what it has asked the database, and roll back; False where it is too late for that."""
        if self._is_committing or self._task.done():
            return False
        self._is_stopped = True
        if self._scope is not None:
            self._scope.reschedule(0)
        return True

    async def _run(self) -> T:
        alone()
        async with in_transaction(self._alias) as client:
            answer = await self._until_stopped(client)
            self._is_committing = True
        self._committed()
        return answer

    async def _until_stopped(self, client: BaseDBAsyncClient) -> T:
        if self._is_stopped:
            raise Stopped
        try:
            async with asyncio.timeout(None) as self._scope:
                answer = await self._body(client)
        except TimeoutError:
            if self._is_stopped:
                raise Stopped from None
            raise
        finally:
            self._scope = None
        if self._is_stopped:  # it came to its end at that moment
            raise Stopped
        return answer


def _over(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # whoever waits for it is told; whoever has left needs not be


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
