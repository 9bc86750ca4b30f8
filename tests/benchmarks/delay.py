"""How long after the commit of a movement its mail and its webhook arrive: real servers, one movement at a time.

One process sends and receives.

Run: python -m tests.benchmarks.delay [URL of an empty database]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from models.address import parse_address
from models.database import database
from models.migration import migrate
from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from server.delivery.loop import Pace, delivering, ways_of
from tests.server.post_office import post_office, settings_for
from tests.server.receiver import receiving
from tests.server.webhooks import endpoint
from tests.telling import recipient, settle
from tests.worlds import stock_up

EVENTS = 100


async def _measure() -> None:
    skus = [f"SKU-{number:03}" for number in range(EVENTS)]
    await stock_up({sku: {"default": 5} for sku in skus})
    await settle()
    await recipient("ann@example.com")
    mailed: list[float] = []
    posted: list[float] = []
    async with receiving() as receiver, post_office() as office:
        await endpoint(receiver.url())
        chosen = settings_for(office, webhook_private=True, digest_minutes=0)
        async with delivering(ways_of(chosen), Pace()):
            for number, sku in enumerate(skus, start=1):
                await set_source_items([SourceItemRow("default", sku, Decimal(1))])
                committed = time.perf_counter()
                mail = asyncio.create_task(_when(lambda: len(office.envelopes), number))
                posted.append(await _when(lambda: len(receiver.requests), number) - committed)
                mailed.append(await mail - committed)
    for name, delays in (("mail", mailed), ("webhook", posted)):
        p99 = statistics.quantiles(delays, n=100)[98]
        print(f"{name}: p50 {statistics.median(delays) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")  # noqa: T201  # its output


async def _when(count: Callable[[], int], number: int) -> float:
    while count() < number:  # noqa: ASYNC110  # whoever receives tells nobody
        await asyncio.sleep(0.001)
    return time.perf_counter()


async def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        address = parse_address(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'bench.db'}")
        async with database(address):
            await migrate(address)
            await _measure()


if __name__ == "__main__":
    asyncio.run(_main())
