"""How long a change takes from its commit to who watches, with two workers, on each database.

One order after the other; the watchers stand at both workers. The time runs from the answer to the order, which comes right
after its commit, to the message; where the message is faster than the answer, it is counted as 0.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from tests.benchmarks.databases import on_both
from tests.benchmarks.orders import prepare
from tests.client import ADMIN_TOKEN
from tests.orders import line, place
from tests.server.crowd import client
from tests.server.process import serving
from tests.watching import Watch, watching

ORDERS = 100
WATCHERS = 20
APART_SECONDS = 0.03
"""Between two orders, a little more and less: the moments at which somebody looks are met all alike."""


async def delays(url: str, skus: int) -> list[float]:
    """Seconds from the answer to each message, shortest first."""
    async with asyncio.TaskGroup() as group:
        answered: dict[int, float] = {}
        told: list[tuple[int, float]] = []
        begun = [asyncio.Event() for _ in range(WATCHERS)]
        for event in begun:
            group.create_task(_watch(url, skus, event, told))
        for event in begun:
            await event.wait()
        async with client(url) as api:
            for number in range(1, ORDERS + 1):
                await place(api, f"live-{skus}-{number}", [line("SKU-0000", 1)], f"live-{skus}-{number}")
                answered[number] = time.perf_counter()
                await asyncio.sleep(APART_SECONDS * (1 + number % 7))
    return sorted(max(0.0, instant - answered[number]) for number, instant in told)


async def _watch(url: str, skus: int, begun: asyncio.Event, told: list[tuple[int, float]]) -> None:
    async with watching(url) as watch:
        await watch.subscribe([f"SKU-{number:04}" for number in range(skus)], "sku salableQty")
        shown = [await watch.product() for _ in range(skus)]  # in whatever order
        first = next(int(product["salableQty"]) for product in shown if product["sku"] == "SKU-0000")
        begun.set()
        seen = 0
        while seen < ORDERS:
            number = first - await _quantity(watch)
            now = time.perf_counter()
            # A message that tells of several orders is late for the first of them.
            told += [(each, now) for each in range(seen + 1, number + 1)]
            seen = number


async def _quantity(watch: Watch) -> int:
    product = await watch.product()
    assert product["sku"] == "SKU-0000", json.dumps(product)  # a benchmark is wrong or it is right
    return int(product["salableQty"])


def measure(name: str, url: str, folder: Path) -> None:
    """Print the lines of one database."""
    asyncio.run(prepare(url))
    for skus in (1, 500):
        settings = {"database_url": url, "admin_token": ADMIN_TOKEN, "log_level": "error"}
        with serving("--workers", "2", cwd=folder, **settings) as service:
            found = asyncio.run(delays(service.url, skus))
            service.stop()
        p50, p99 = found[len(found) // 2] * 1000, found[len(found) * 99 // 100] * 1000
        sys.stdout.write(f"{name:<12}{WATCHERS} watchers of {skus:>3} SKUs{p50:>10.1f} ms{p99:>10.1f} ms\n")
        sys.stdout.flush()


def main() -> None:
    """Measure both databases."""
    sys.stdout.write(f"{'from an order to who watches':<38}{'p50':>10}{'p99':>13}\n")
    on_both(measure)


if __name__ == "__main__":
    main()
