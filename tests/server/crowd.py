"""Two services on one database, a crowd that asks both, and what the tables must say once it has gone."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx

from models.database import Client, reader, snapshot
from models.sql import fetch
from rules.quantity import from_units
from tests.client import ADMIN_TOKEN, Api
from tests.server.process import Service, serving

BUYERS = 64
PATIENCE_SECONDS = 120

_SUMS = {
    "balance": "SELECT sku, stock, quantity FROM balance",
    "ledger": "SELECT sku, stock, SUM(quantity) AS quantity FROM reservation GROUP BY sku, stock",
    "open": """
        SELECT sku, stock, -SUM(ordered - shipped - canceled) AS quantity
        FROM order_line WHERE is_reserved GROUP BY sku, stock
    """,
}


@contextmanager
def service(folder: Path, database_url: str, *arguments: str, **more: str) -> Iterator[Service]:
    """A service with a folder of its own on the database of a test, with more settings where given."""
    folder.mkdir(exist_ok=True)
    settings = {"database_url": database_url, "admin_token": ADMIN_TOKEN, "log_level": "warning", **more}
    with serving(*arguments, cwd=folder, **settings) as running:
        yield running


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Api]:
    """The API of a service, asked over as many connections as there are callers."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS, limits=limits) as http:
        yield Api(http)


async def assert_books_agree(api: Api) -> None:
    """The running balance, the ledger and minus the open reserved units are one number per SKU and stock."""

    async def read(client: Client) -> dict[str, dict[tuple[str, str], int]]:
        return {
            name: {
                (row["sku"], row["stock"]): int(row["quantity"]) for row in await fetch(client, sql) if row["quantity"]
            }
            for name, sql in _SUMS.items()
        }

    found = await snapshot(read)  # an order that nobody waits for may still be on its way
    assert found["balance"] == found["ledger"] == found["open"]
    health = await api.data("{ reservationInconsistencies { totalCount nodes { orderNumber sku expected actual } } }")
    assert health["reservationInconsistencies"] == {"totalCount": 0, "nodes": []}


async def sums(column: str) -> dict[str, int]:
    """The sum of a column of the lines of all orders, per SKU, in whole units."""
    rows = await fetch(reader(), f"SELECT sku, SUM({column}) AS quantity FROM order_line GROUP BY sku")
    return {row["sku"]: int(from_units(int(row["quantity"]))) for row in rows}
