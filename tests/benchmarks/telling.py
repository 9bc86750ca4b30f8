"""What telling costs: events dispatched and delivered a second, and a survey of a large catalogue.

Run: python -m tests.benchmarks.telling [PRODUCTS] [URL of an empty database that is migrated]
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from models.address import parse_address
from models.database import database
from models.migration import migrate
from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from resolvers.notifications.deliveries import Channel, Delivery, Outcome
from resolvers.notifications.dispatch import dispatch
from resolvers.notifications.survey import Surveyor
from rules.scope import GLOBAL
from rules.setting import SettingKey
from server.delivery.loop import Way, deliver_once
from tests.telling import endpoint, say, settle
from tests.worlds import rule

EVENTS = 5_000
ROWS = 5_000


async def _send(batch: Sequence[Delivery]) -> Sequence[Outcome]:
    return [Outcome(delivered=True)] * len(batch)


async def _fill(products: int) -> None:
    for start in range(0, products, ROWS):
        skus = [f"SKU-{number:07}" for number in range(start, min(start + ROWS, products))]
        await upsert_products([ProductRow(sku) for sku in skus])
        await set_source_items([SourceItemRow("default", sku, Decimal(5)) for sku in skus])


async def _measure(products: int) -> None:
    await _fill(products)
    began = time.perf_counter()
    await settle()
    _say(f"{products:,} products noted for the first time", began, products)
    await endpoint()
    for start in range(0, EVENTS, 500):
        await say(*(str(number) for number in range(start, start + 500)))
    began = time.perf_counter()
    while await dispatch():
        continue
    _say(f"{EVENTS:,} events dispatched to one endpoint", began, EVENTS)
    began = time.perf_counter()
    sent = await deliver_once({Channel.WEBHOOK: Way(_send)})
    _say(f"{sent:,} of them delivered by a sender that does nothing", began, sent)
    await rule(GLOBAL, {SettingKey.MIN_SALE_QTY: Decimal(2)})
    began = time.perf_counter()
    await Surveyor().run()
    _say(f"survey of {products:,} products, none of which flips", began, products)
    await rule(GLOBAL, {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(5)})
    began = time.perf_counter()
    await Surveyor().run()
    _say(f"survey of {products:,} products, all of which flip", began, products)
    began = time.perf_counter()
    while await dispatch():
        continue
    _say(f"{products:,} flips dispatched", began, products)


def _say(what: str, began: float, count: int) -> None:
    seconds = time.perf_counter() - began
    print(f"{what}: {seconds:.2f} s, {count / seconds:,.0f} a second", flush=True)  # noqa: T201  # its output


async def _main() -> None:
    products = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        address = parse_address(sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'bench.db'}")
        async with database(address):
            await migrate(address)
            await _measure(products)


if __name__ == "__main__":
    asyncio.run(_main())
