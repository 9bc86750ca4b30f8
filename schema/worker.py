"""Threads for what would stall the event loop: reading documents, and reading long lists of input."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from graphql import GraphQLError

T = TypeVar("T")

MOST_AT_ONCE = 2
"""They share one processor with the event loop: more would only take longer each."""
MOST_WAITING = 100
PATIENCE_SECONDS = 10.0
"""How long one may wait and be worked on; what runs by then runs to its end, which the limits keep near."""


class Worker:
    """A few threads, with a bounded queue before them."""

    def __init__(
        self, at_once: int = MOST_AT_ONCE, waiting: int = MOST_WAITING, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="documents")
        self._most = at_once + waiting
        self._patience = patience
        self._count = 0

    async def run(self, call: Callable[[], T]) -> T:
        """What a call returns, from a thread; TIMEOUT where too many wait, or for too long.

        A caller who leaves takes back what has not begun.
        """
        if self._count >= self._most:
            raise _busy()
        self._count += 1
        future = self._pool.submit(call)
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave) if not loop.is_closed() else None)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise _busy() from None

    def _leave(self) -> None:
        self._count -= 1


def _busy() -> GraphQLError:
    return GraphQLError("The service is too busy to read this; try again.", extensions={"code": "TIMEOUT"})


worker = Worker()
"""That of the process."""
