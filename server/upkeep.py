"""What the service tidies up while it runs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from models.clock import database_now
from models.database import DATABASE_ERRORS, reader
from models.folding import fill_folded
from resolvers.calls import forget_receipts

PERIOD_SECONDS = 3600

_log = logging.getLogger("salable.upkeep")


@asynccontextmanager
async def upkeep(receipt_key_days: int) -> AsyncIterator[None]:
    """Once an hour forget the keys of receipts that are older than so many days, and fold keys that nobody folded."""
    task = asyncio.create_task(_forever(timedelta(days=receipt_key_days)))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _forever(age: timedelta) -> None:
    while True:
        await asyncio.sleep(PERIOD_SECONDS)
        try:
            await forget_receipts(await database_now(reader()) - age)
            await fill_folded()  # of rows that an older version writes beside this one
        except DATABASE_ERRORS as error:
            _log.error("nothing is tidied up: the database: %s", error)  # one line says it
