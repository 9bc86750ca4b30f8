"""The queue as it is shown: every line that waits, the oldest placement first, with its place."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.database import Client, snapshot
from models.fields import from_microseconds
from models.sql import fetch
from resolvers.keys import PRODUCT, STOCK, key_of
from resolvers.pages import Page, Scanned, Scans, page_request, scanned_page
from resolvers.queue import WAITING, WAITS, managed_skus, supplies
from rules.allocation import coverage
from rules.quantity import from_units
from rules.validation import is_code

SCAN_BATCH = 500
SCAN_BUDGET = 5_000
"""Lines that one page may look at; a short page with a next one is right."""


@dataclass(frozen=True, slots=True)
class Backorder:
    """A line that waits for stock; position counts from 1 among those of its SKU and stock."""

    line_id: int
    order_number: str
    sku: str
    stock: str
    sales_channel: str
    waiting: Decimal
    placed_at: datetime
    position: int


async def backorder_page(
    sku: str | None, stock: str | None, first: int | None, after: str | None, scans: Scans | None = None
) -> Page[Backorder]:
    """One page of the waiting lines, the oldest placement first."""
    request = page_request(first, after, (int,))
    sku, stock = await key_of(PRODUCT, sku), await key_of(STOCK, stock)
    start = int(request.after[0]) if request.after else 0

    async def count() -> int:
        return sum([len(batch.passed) async for batch in _batches(sku, stock, 0)])

    return await scanned_page(
        _batches(sku, stock, start),
        request,
        lambda line: (line.line_id,),
        count,
        SCAN_BATCH,
        SCAN_BUDGET,
        scans or Scans(),
    )


async def _batches(sku: str | None, stock: str | None, start: int) -> AsyncIterator[Scanned[Backorder]]:
    conditions, parameters = ["TRUE"], list[Any]()
    for column, value in (("l.sku", sku), ("l.stock", stock)):
        if value is not None:
            if not is_code(value):
                return
            parameters.append(value)
            conditions.append(f"{column} = ${len(parameters)}")
    sql = (
        "SELECT v.id, v.sku, v.stock, v.open, v.ahead, v.position, o.number, o.sales_channel, o.placed_at FROM ("
        " SELECT w.id, w.order_id, w.sku, w.stock, w.open, w.ahead,"
        " ROW_NUMBER() OVER (PARTITION BY w.sku, w.stock ORDER BY w.id) AS position"
        f" FROM ({WAITING.format(lines=' AND '.join(conditions))}) w WHERE {WAITS}"
        f") v JOIN sales_order o ON o.id = v.order_id WHERE v.id > ${len(parameters) + 1}"
        f" ORDER BY v.id LIMIT {SCAN_BATCH:d}"
    )
    last = start

    async def read(client: Client) -> tuple[list[dict[str, Any]], list[Backorder]]:
        rows = await fetch(client, sql, *parameters, last)
        managed = await managed_skus(client, {row["sku"] for row in rows})
        supply = await supplies(client, {(row["sku"], row["stock"]) for row in rows})
        found = []
        for row in rows:
            of_queue = supply[row["sku"], row["stock"]]
            waiting = coverage(from_units(int(row["open"])), from_units(int(row["ahead"])), of_queue).waiting
            if row["sku"] in managed and waiting > 0:
                found.append(_backorder(row, waiting))
        return rows, found

    while True:
        rows, found = await snapshot(read)
        if not rows:
            return
        last = rows[-1]["id"]
        yield Scanned(found, len(rows), (last,))


def _backorder(row: dict[str, Any], waiting: Decimal) -> Backorder:
    return Backorder(
        row["id"],
        row["number"],
        row["sku"],
        row["stock"],
        row["sales_channel"],
        waiting,
        from_microseconds(row["placed_at"]),
        row["position"],
    )
