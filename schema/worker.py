"""Threads for what would stall the event loop: reading documents, and reading long lists of input."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
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
        self._places = Semaphore(at_once + waiting)
        self._patience = patience

    async def run(self, call: Callable[[], T]) -> T:
        """What a call returns, from a thread; TIMEOUT where too many wait, or for too long.

        A caller who leaves takes back what has not begun.
        """
        if not self._places.acquire(blocking=False):
            raise _busy()
        future = self._pool.submit(call)
        future.add_done_callback(lambda _: self._places.release())
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise _busy() from None


def _busy() -> GraphQLError:
    return GraphQLError("The service is too busy to read this; try again.", extensions={"code": "TIMEOUT"})


worker = Worker()
"""That of the process."""
