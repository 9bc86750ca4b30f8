"""What the service tidies up while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from random import uniform

from models.change_counts import fill_change_counts
from models.clock import database_now
from models.database import reader
from models.folding import fill_folded
from models.statistics import forget_statistics
from models.supervision import repeat
from resolvers.calls import forget_receipts

PERIOD_SECONDS = 3_600.0
FIRST_SECONDS = (20.0, 60.0)
"""Between so many and so many seconds after the start for the first time: not all processes at once."""


@asynccontextmanager
async def upkeep(receipt_key_days: int) -> AsyncIterator[None]:
    """Soon after the start, then hourly: forget old keys of receipts, fold keys nobody folded, count what change sets
    changed where nobody did, drop SQLite's statistics.

    receipt_key_days: how old a key of a receipt gets.
    """
    age = timedelta(days=receipt_key_days)

    async def forget() -> None:
        await forget_receipts(await database_now(reader()) - age)

    async def fold() -> None:
        await fill_folded()  # of rows that an older version writes beside this one

    async def count() -> None:
        await fill_change_counts()

    async def drop() -> None:
        await forget_statistics()

    stop = asyncio.Event()
    first = uniform(*FIRST_SECONDS)  # noqa: S311  # no secret: it spreads the work
    tasks = [
        asyncio.create_task(repeat(f"upkeep of {name}", turn, PERIOD_SECONDS, stop, first_after=first))
        for name, turn in (("receipts", forget), ("folded keys", fold), ("change counts", count), ("statistics", drop))
    ]
    try:
        yield
    finally:
        stop.set()
        for task in tasks:  # they go on where they were, at the next start
            task.cancel()
        await asyncio.wait(tasks)
