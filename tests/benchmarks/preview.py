"""What a preview of a global change costs at 100,000 products x 3 sources, beside the plain scan of the same products.

Run it by `make bench`. Each database is measured in a process of its own: time, ratio, memory and the
longest hold of the event loop.
"""

import asyncio
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal

from models.address import parse_address
from models.database import database
from models.migration import migrate
from resolvers.availability.product_list import SCAN_BATCH, Catalogue, ProductFilter
from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.catalogue.stock_upserts import LinkRow, StockRow, upsert_stocks
from resolvers.rule_store.preview import preview_scope_rules
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.sales_channels import channel_by_code
from rules.change import RulesChange
from rules.scope import ScopeType
from rules.setting import BackorderMode, SettingKey
from tests.benchmarks.databases import on_both

PRODUCTS = 100_000
SOURCES = ("north", "south", "west")
CHUNK = 1_500


async def prepare(url: str) -> None:
    """The catalogue, written through the resolvers."""
    address = parse_address(url)
    async with database(address):
        await migrate(address)
        await upsert_sources([SourceRow(source) for source in SOURCES])
        links = [LinkRow(source, place) for place, source in enumerate(SOURCES)]
        await upsert_stocks([StockRow("default", None, links)])
        for start in range(0, PRODUCTS, CHUNK):
            skus = [f"SKU-{number:06}" for number in range(start, min(start + CHUNK, PRODUCTS))]
            await upsert_products([ProductRow(sku) for sku in skus])
            rows = [SourceItemRow(source, sku, Decimal(len(sku) % 7)) for sku in skus for source in SOURCES]
            await set_source_items(rows)


async def longest_hold(stop: asyncio.Event) -> float:
    """The longest time, in seconds, for which the event loop gave nobody else a turn."""
    longest, last = 0.0, time.perf_counter()
    while not stop.is_set():
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest


async def measure(name: str, url: str) -> None:
    """Print one line of the table."""
    change = RulesChange(ScopeType.GLOBAL, None, None, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    async with database(parse_address(url)):
        catalogue = Catalogue(ProductFilter(), await channel_by_code(None), datetime.now(UTC), all_items=False)
        start = time.perf_counter()
        scanned = sum([len(batch) async for batch in catalogue.batches("", SCAN_BATCH)])
        scan = time.perf_counter() - start
        start = time.perf_counter()
        found = await preview_scope_rules(RulesRequest([change], "bench"))
        took = time.perf_counter() - start
        # The watcher takes turns, and so time: it watches a preview of its own.
        stop = asyncio.Event()
        watcher = asyncio.create_task(longest_hold(stop))
        await preview_scope_rules(RulesRequest([change], "bench"))
        stop.set()
        hold = await watcher
    assert scanned == found.impact.affected_count == PRODUCTS
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{name:<12}{scan:>7.1f} s{took:>9.1f} s{took / scan:>8.2f}{memory:>8.0f} MB{hold * 1000:>8.1f} ms\n"
    )


def main() -> None:
    """Measure both databases, or the one that is given by name and URL."""
    if len(sys.argv) == 3:
        asyncio.run(measure(*sys.argv[1:]))
        return
    sys.stdout.write(f"{'':<12}{'scan':>9}{'preview':>11}{'ratio':>8}{'memory':>11}{'hold':>11}\n")
    sys.stdout.flush()
    on_both(lambda name, url, _: _measured(name, url))


def _measured(name: str, url: str) -> None:
    asyncio.run(prepare(url))
    subprocess.run([sys.executable, "-m", "tests.benchmarks.preview", name, url], check=True)  # this program


if __name__ == "__main__":
    main()
