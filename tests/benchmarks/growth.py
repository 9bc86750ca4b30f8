"""What the lists of a shop cost as it grows: a tenth of a size and the whole of it, on each database.

SALABLE_BENCH_ORDERS says how many orders the whole has (100,000; a million takes half an hour and 10 GB). A page is
asked over HTTP in this process; beside its time stand the rows that its statements touch, and how both grow from the
tenth to the whole: what is bounded does not.
"""

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg

from models.address import parse_address
from models.database import database
from models.migration import migrate
from resolvers.pages import cursor
from server.app import create_app
from server.settings import Settings
from tests.benchmarks.databases import on_both
from tests.benchmarks.growth_rows import BEGAN, HOT, LARGE_SET, MINUTE, PRICED, Size, grow
from tests.client import ADMIN_TOKEN, Api
from tests.touched import touched

WHOLE = int(os.environ.get("SALABLE_BENCH_ORDERS", "100000"))
ROUNDS = 5
_PAGE = "nodes { number status shippingHold lines { sku shippableQty } } pageInfo { endCursor }"
_WAITING = "nodes { orderNumber waitingQty position } pageInfo { endCursor }"
_COUNT = "totalCount totalCountIsExact"
_RECEIVE = """mutation { receiveStock(source: "north", idempotencyKey: "bench",
    lines: [{ sku: "HOT", quantity: 9999999 }]) { releasedCount %s userErrors { code } } }"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the table."""

    name: str
    query: str


def requests(size: Size) -> list[Asked]:
    """What is asked of a shop of a size; the first is the measure of the others."""
    old = f'placedFrom: "{_instant(size.orders // 4)}", placedUntil: "{_instant(size.orders // 4 + 200)}"'
    filters = {
        "none": "",
        "number": f'number: "order-{size.orders // 2}"',
        "sku": f'sku: "{PRICED}"',
        "hot sku": f'sku: "{HOT}"',
        "channel": 'salesChannel: "rare"',
        "processing": "status: PROCESSING",
        "complete": "status: COMPLETE",
        "canceled": "status: CANCELED",
        "on hold": "shippingHold: true",
        "not on hold": "shippingHold: false",
        "old window": old,
        "window, canceled": f"{old}, status: CANCELED",
        "channel, canceled": 'salesChannel: "rare", status: CANCELED',
        "hot sku, on hold": f'sku: "{HOT}", shippingHold: true',
        "sku, window": f'sku: "{HOT}", {old}',
    }
    found = [Asked("changeSets: one by its key", "{ changeSets(first: 1) { nodes { revision } } }")]
    for name, given in filters.items():
        found.append(Asked(f"orders: {name}", f"{{ orders(filter: {{ {given} }}) {{ {_PAGE} }} }}"))
    for name, given in filters.items():
        found.append(Asked(f"orders, counted: {name}", f"{{ orders(first: 1, filter: {{ {given} }}) {{ {_COUNT} }} }}"))
    hot = f'order(number: "order-{size.orders}") {{ status shippingHold lines {{ sku shippableQty }} }}'
    waiting = f'sku: "{HOT}"'
    return [
        *found,
        Asked("order: of the hot sku, the newest", f"{{ {hot} }}"),
        Asked("backorders", f"{{ backorders {{ {_WAITING} }} }}"),
        Asked(
            "backorders: 250 of the hot sku", f"{{ backorders(first: 250, filter: {{ {waiting} }}) {{ {_WAITING} }} }}"
        ),
        Asked("backorders: another stock", f'{{ backorders(filter: {{ stock: "other" }}) {{ {_WAITING} }} }}'),
        Asked("backorders, counted", f"{{ backorders(first: 1) {{ {_COUNT} }} }}"),
        Asked("backorders, counted: hot sku", f"{{ backorders(first: 1, filter: {{ {waiting} }}) {{ {_COUNT} }} }}"),
        Asked("reservationInconsistencies", "{ reservationInconsistencies { nodes { sku } pageInfo { endCursor } } }"),
        Asked("reservationInconsistencies, counted", f"{{ reservationInconsistencies(first: 1) {{ {_COUNT} }} }}"),
        Asked(
            "scopeRules: scheduled", "{ scopeRules(filter: { scheduled: true }) { totalCount nodes { activeFrom } } }"
        ),
        Asked("changeSets: revisions", "{ changeSets { totalCount nodes { revision changeCount } } }"),
        Asked("changeSets: with changes", "{ changeSets { nodes { revision changes { after } } } }"),
        Asked(
            "changeSets: a page of a large one",
            f'{{ changeSets(first: 1, after: "{cursor((LARGE_SET + 1,))}")'
            " { nodes { changesPage { nodes { after } } } } }",
        ),
        Asked(
            "previewScopeRules: one product",
            f'{{ previewScopeRules(input: {{ changes: [{{ scope: {{ type: PRODUCT, sku: "{PRICED}" }},'
            " settings: { backorders: ALLOW } }] }) { affectedCount userErrors { code } } }",
        ),
        Asked("receiveStock: frees all that waits", _RECEIVE % "released { orderNumber }"),
        Asked(
            "receiveStock: the next page of the same",
            _RECEIVE % f'releasedPage(after: "{cursor((250,))}") {{ nodes {{ orderNumber }} }}',
        ),
    ]


def measure(name: str, url: str, folder: Path) -> None:
    """A tenth, then the whole, in databases of their own."""
    show(name, asyncio.run(_grown(url, folder, WHOLE // 10)), asyncio.run(_grown(url, folder, WHOLE)))


def show(name: str, tenth: dict[str, tuple[float, int]], whole: dict[str, tuple[float, int]]) -> None:
    """The table of one database."""
    unit = "steps / 10" if name == "SQLite" else "rows"
    sys.stdout.write(f"\n{name}: {WHOLE:,} orders, {Size(WHOLE).waiting:,} lines of one SKU, and a tenth of that\n")
    sys.stdout.write(f"{'':44}{'tenth':>9}{'whole':>9}{'times':>7}{'the first':>11}{unit:>12}{'times':>7}\n")
    base = next(iter(whole.values()))[0]
    for asked, (seconds, rows) in whole.items():
        before, rows_before = tenth[asked]
        sys.stdout.write(
            f"{asked:44}{before * 1000:6.1f} ms{seconds * 1000:6.1f} ms{seconds / before:7.1f}{seconds / base:11.1f}"
            f"{rows:12,}{rows / max(rows_before, 1):7.1f}\n"
        )


async def _grown(url: str, folder: Path, orders: int) -> dict[str, tuple[float, int]]:
    size = Size(orders)
    if url.startswith("sqlite"):
        url = f"sqlite:///{folder}/of-{orders}.db"
    else:
        connection = await asyncpg.connect(url)
        await connection.execute(f"CREATE DATABASE of_{orders}")
        await connection.close()
        url = url.replace("/postgres?", f"/of_{orders}?")
    address = parse_address(url).of_a_command()  # filling it is one long statement after another
    async with database(address):
        await migrate(address)
        await grow(size)
    return await costs(url, size)


async def costs(url: str, size: Size) -> dict[str, tuple[float, int]]:
    """Seconds and rows touched of each request, of a database that has grown."""
    app = create_app(Settings.model_validate({"database_url": url, "admin_token": ADMIN_TOKEN, "deliver": False}))
    async with app.router.lifespan_context(app), Api.of(app) as api:
        return {each.name: await _cost(api, each) for each in requests(size)}


async def _cost(api: Api, asked: Asked) -> tuple[float, int]:
    call = partial(api.data, asked.query)
    times = []
    for _ in range(1 if "frees" in asked.name else ROUNDS):
        start = time.perf_counter()
        await call()
        times.append(time.perf_counter() - start)
    return min(times), await touched(call)


def _instant(minutes: int) -> str:
    seconds = (BEGAN + minutes * MINUTE) // 1_000_000
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


if __name__ == "__main__":
    on_both(measure)
