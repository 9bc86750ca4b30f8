"""How fast orders are placed: one hot SKU and 1,000 SKUs, one worker and two, beside the same SQL run bare.

It starts `salable serve` on each database; a buyer's key, number and line are new with every order.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random

import httpx

from models.address import parse_address
from models.database import Client, database, transaction
from models.fields import to_microseconds
from models.migration import migrate
from models.sql import fetch
from resolvers import calls
from resolvers.balances import lock_balances
from resolvers.goods import goods_sql
from resolvers.orders import place_order
from resolvers.orders.reservations import ReservationRow, append_reservations
from resolvers.rules_in_force import rules_by_scope
from rules.quantity import to_units
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from tests.benchmarks.databases import on_both
from tests.client import ADMIN_TOKEN, AS_ADMIN
from tests.orders import PLACE
from tests.server.process import serving
from tests.worlds import rule, stock_up

SECONDS = 5.0
BUYERS = 16
SMALL = PLACE.replace("order { ...Whole }", "order { number }")

Place = Callable[[str, str], Awaitable[None]]

_numbers = count(1)


async def prepare(url: str) -> None:
    """1,000 products at one source, which sell without end."""
    address = parse_address(url)
    async with database(address):
        await migrate(address)
        await stock_up({f"SKU-{number:04}": {"north": 10} for number in range(1000)})
        await rule(scope_of(None, None), {SettingKey.BACKORDERS: BackorderMode.ALLOW})


async def measured(place: Place, skus: int) -> tuple[float, float]:
    """Orders a second, and the 99th percentile of their times in seconds."""
    times: list[float] = []
    end = time.perf_counter() + SECONDS

    async def buy(buyer: int) -> None:
        chance = Random(buyer)  # noqa: S311  # what to buy needs no secrecy
        while (start := time.perf_counter()) < end:
            await place(f"order-{next(_numbers)}", f"SKU-{chance.randrange(skus):04}")
            times.append(time.perf_counter() - start)

    await asyncio.gather(*map(buy, range(BUYERS)))
    times.sort()
    return len(times) / SECONDS, times[len(times) * 99 // 100]


async def over_http(url: str, skus: int) -> tuple[float, float]:
    """Orders placed through the service."""
    async with httpx.AsyncClient(base_url=url, headers=AS_ADMIN, timeout=60) as http:

        async def place(number: str, sku: str) -> None:
            asked = {"number": number, "lines": [{"sku": sku, "quantity": 1}], "idempotencyKey": number}
            answer = (await http.post("/graphql", json={"query": SMALL, "variables": {"input": asked}})).json()
            if "errors" in answer or answer["data"]["placeOrder"]["userErrors"]:
                raise AssertionError(json.dumps(answer)[:500])

        return await measured(place, skus)


async def bare(url: str, skus: int) -> tuple[float, float]:
    """The statements of a placement in one transaction, with nothing judged and nothing answered."""
    async with database(parse_address(url)):
        return await measured(_bare_order, skus)


async def _bare_order(number: str, sku: str) -> None:
    now = datetime.now(UTC)
    instant, one = to_microseconds(now), to_units(Decimal(1))

    async def run(client: Client) -> None:
        await fetch(client, calls._CLAIM, "placeOrder", number, "", instant)
        await fetch(client, "SELECT code, stock_id FROM sales_channel WHERE code = $1", "default")
        await fetch(client, "SELECT id FROM sales_order WHERE number = $1", number)
        await lock_balances(client, [(sku, "default")])
        await fetch(client, goods_sql("p.sku = ANY($2)", all_items=False), "default", [sku])
        await rules_by_scope(client, {sku}, {"north"}, now)
        made = await fetch(client, place_order._INSERT_ORDER, number, "default", "default", instant)
        record = {"place": 0, "order_id": made[0]["id"], "sku": sku, "stock": "default", "ordered": one}
        await fetch(client, place_order._INSERT_LINES, [record | {"late": 0, "is_reserved": True}])
        await append_reservations(client, [ReservationRow(sku, "default", Decimal(-1), number, "order_placed", now)])
        await fetch(client, calls._REMEMBER, "placeOrder", number, "{}")

    await transaction(run)


def measure(name: str, url: str, folder: Path) -> None:
    """Print the lines of one database."""
    asyncio.run(prepare(url))
    for skus in (1, 1000):
        baseline = asyncio.run(bare(url, skus))
        _print(name, f"{skus:,} SKUs, bare SQL", baseline, baseline)
        for workers in ("1", "2"):
            settings = {"database_url": url, "admin_token": ADMIN_TOKEN, "log_level": "error"}
            with serving("--workers", workers, cwd=folder, **settings) as service:
                found = asyncio.run(over_http(service.url, skus))
                service.stop()
            _print(name, f"{skus:,} SKUs, workers: {workers}", found, baseline)


def _print(name: str, what: str, found: tuple[float, float], baseline: tuple[float, float]) -> None:
    rate, p99 = found
    sys.stdout.write(f"{name:<12}{what:<26}{rate:>8.0f}/s {p99 * 1000:>8.1f} ms {baseline[0] / rate:>8.1f}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure both databases."""
    sys.stdout.write(f"{'':<38}{'orders':>10}{'p99':>12}{'ratio':>9}\n")
    on_both(measure)


if __name__ == "__main__":
    main()
