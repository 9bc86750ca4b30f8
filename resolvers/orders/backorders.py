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
from resolvers.orders.supply_end import Queues, last_lines, places_by_line, queues_as_they_stand
from resolvers.pages import MOST_COUNTED, Page, Scanned, Scans, Total, page_request, scanned_page
from resolvers.queue import LAST_LINE
from rules.validation import is_code

SCAN_BATCH = 500
SCAN_BUDGET = 2_000
"""Lines that one page may look at; a short page with a next one is right."""

MOST_SEEKS = 100
"""Queues of one SKU, each in a stock of its own, that one statement seeks in."""

_STOCKS = "SELECT code FROM stock ORDER BY code"
_NAMES = "id, sku, stock, ordered, shipped, canceled, is_reserved, number, sales_channel, placed_at"
_LINES = """
SELECT l.id, l.sku, l.stock, l.ordered, l.shipped, l.canceled, l.is_reserved, o.number, o.sales_channel, o.placed_at
FROM order_line l JOIN sales_order o ON o.id = l.order_id
"""
_OF_QUEUE = f"""
{_LINES} WHERE l.sku = ${{}} AND l.stock = ${{}} AND l.is_open = TRUE AND l.is_reserved AND l.id >= ${{}} ORDER BY l.id
"""
_COUNTS = """
SELECT (
    SELECT COUNT(*) FROM (
        SELECT 1 FROM order_line a
        WHERE a.sku = r.sku AND a.stock = r.stock AND a.is_open = TRUE AND a.is_reserved AND a.id >= r.first
        LIMIT {most:d}
    ) c
) AS n FROM rows($1, sku text, stock text, first bigint)
"""


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
    asked = _Asked(sku, stock)
    start = int(request.after[0]) if request.after else 0

    async def count() -> Total:
        return await snapshot(asked.count)

    size = SCAN_BATCH if sku is None else request.first + 1  # of one SKU what waits is found by a seek
    return await scanned_page(
        _batches(asked, start, size),
        request,
        lambda line: (line.line_id,),
        count,
        size,
        SCAN_BUDGET,
        scans or Scans(),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which lines: of a SKU, of a stock; None does not matter."""

    sku: str | None
    stock: str | None

    @property
    def is_lawful(self) -> bool:
        """Whether there can be such lines at all."""
        return all(is_code(code) for code in (self.sku, self.stock) if code is not None)

    async def open_lines(self, client: Client, behind: int, most: int) -> list[dict[str, Any]]:
        """Open lines behind one, in their order; those that are not reserved, which never wait, are looked at too."""
        of_stock = "" if self.stock is None else "AND l.stock = $2"
        sql = f"{_LINES} WHERE l.is_open = true AND l.id > $1 {of_stock} ORDER BY l.id LIMIT {most:d}"
        return await fetch(client, sql, behind, *(() if self.stock is None else (self.stock,)))

    async def queues(self, client: Client) -> Queues:
        """The queues of the SKU, in every stock or in one."""
        stocks = [self.stock] if self.stock is not None else [row["code"] for row in await fetch(client, _STOCKS)]
        return await queues_as_they_stand(client, {(str(self.sku), stock): LAST_LINE for stock in stocks})

    async def count(self, client: Client) -> Total:
        """How many lines wait: of one SKU by its queues, else among the first lines that are open."""
        if not self.is_lawful:
            return Total(0)
        if self.sku is None:
            lines = await self.open_lines(client, 0, SCAN_BUDGET + 1)
            looked_at = lines[:SCAN_BUDGET]
            queues = await queues_as_they_stand(client, last_lines(looked_at))
            return Total(sum(_waits(queues, line) for line in looked_at), len(lines) <= SCAN_BUDGET)
        ends = (await self.queues(client)).ends
        records = [
            {"sku": sku, "stock": stock, "first": end.line}
            for (sku, stock), end in sorted(ends.items())
            if end is not None
        ]
        rows = await fetch(client, _COUNTS.format(most=MOST_COUNTED + 1), records) if records else []
        return Total.of(sum(row["n"] for row in rows), MOST_COUNTED)


def _waits(queues: Queues, line: dict[str, Any]) -> bool:
    return bool(line["is_reserved"]) and queues.coverage_of(line).waiting > 0


async def _lines_that_wait(client: Client, queues: Queues, behind: int, most: int) -> list[dict[str, Any]]:
    """The lines behind one from where the supply of each of these queues ends; each is sought by itself."""
    ends = [(*key, max(end.line, behind + 1)) for key, end in sorted(queues.ends.items()) if end is not None]
    rows: list[dict[str, Any]] = []
    for some in (ends[start : start + MOST_SEEKS] for start in range(0, len(ends), MOST_SEEKS)):
        seeks = [
            f"SELECT {_NAMES} FROM ({_OF_QUEUE.format(*range(number, number + 3))} LIMIT {most:d}) q{number:d}"
            for number in range(1, 3 * len(some) + 1, 3)
        ]
        parameters = [value for of_queue in some for value in of_queue]
        rows += await fetch(client, " UNION ALL ".join(seeks), *parameters)
    return sorted(rows, key=lambda row: int(row["id"]))[:most]


async def _batches(asked: _Asked, start: int, size: int) -> AsyncIterator[Scanned[Backorder]]:
    if not asked.is_lawful:
        return
    last = start

    async def read(client: Client) -> tuple[list[dict[str, Any]], list[Backorder]]:
        if asked.sku is None:
            rows = await asked.open_lines(client, last, size)
            queues = await queues_as_they_stand(client, last_lines(rows))
        else:
            queues = await asked.queues(client)
            rows = await _lines_that_wait(client, queues, last, size)
        waiting = [row for row in rows if _waits(queues, row)]
        places = await places_by_line(client, queues, waiting)
        return rows, [_backorder(row, queues.coverage_of(row).waiting, places[row["id"]]) for row in waiting]

    while True:
        rows, found = await snapshot(read)
        if not rows:
            return
        last = rows[-1]["id"]
        yield Scanned(found, len(rows), (last,))
        if len(rows) < size:
            return


def _backorder(row: dict[str, Any], waiting: Decimal, position: int) -> Backorder:
    return Backorder(
        row["id"],
        row["number"],
        row["sku"],
        row["stock"],
        row["sales_channel"],
        waiting,
        from_microseconds(row["placed_at"]),
        position,
    )
