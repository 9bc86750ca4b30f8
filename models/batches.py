"""Work on many rows that nobody waits for: in short transactions, with a pause in which others write."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from models.database import Client, transaction

BATCH = 500
"""Rows of one transaction of upkeep: some milliseconds of SQLite's only write lock."""
SHORTEST_PAUSE = 0.02
"""Seconds between two batches, at least: a writer of another process looks for SQLite's lock that often at first."""


async def in_batches(batch: Callable[[Client], Awaitable[int]], *, full: int = BATCH) -> int:
    """Run a batch in one transaction after the other until one finds fewer rows than are a full one.

    Between two of them the lock is free for twice as long as it was held. Returns how many rows that were.
    """
    done = 0
    while True:
        began = monotonic()
        found = await transaction(batch)
        done += found
        if found < full:
            return done
        await pause_after(began)


async def pause_after(began: float) -> None:
    """Leave the database to others for twice as long as the work that began then has taken."""
    await asyncio.sleep(max(2 * (monotonic() - began), SHORTEST_PAUSE))
