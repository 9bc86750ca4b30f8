"""Orders as they are now: lines with what waits and what may ship, shipments and refunds."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from models.database import Client, snapshot
from models.fields import from_microseconds
from models.sql import fetch
from resolvers.keys import ORDER, PRODUCT, SALES_CHANNEL, key_of, stored_key
from resolvers.orders.order_search import FROM_THE_START, OrderFilter, OrderSearch
from resolvers.orders.supply_end import last_lines, queues_as_they_stand
from resolvers.pages import Page, Scanned, Scans, Total, page_request, scanned_page
from rules.allocation import Coverage, never_waits
from rules.order import OrderStatus, PaymentStatus, Units, order_status, payment_status
from rules.quantity import from_units
from rules.validation import is_code

SCAN_BATCH = 250
SCAN_BUDGET = 1_000
"""Orders that one page of a list by hold may look at; a short page with a next one is right."""
_SOURCE_OF = {"shipment": "CASE WHEN l.is_taken THEN l.source ELSE '' END", "refund": "l.source"}
ORDER_COLUMNS = "id, number, sales_channel, stock, placed_at, customer_email, locale"
COLUMNS_OF_LINE = (
    "id, order_id, sku, stock, ordered, shipped, canceled, refunded, late_at_placement, told_waiting, told_late,"
    " is_reserved, is_open"
)
"""Named, as everywhere: what a newer version adds to a table changes the shape of `*`, and a statement that a connection has
prepared fails for it within a transaction."""
LINES = f"SELECT {COLUMNS_OF_LINE} FROM order_line WHERE order_id = ANY($1) ORDER BY id"
_MAY_WAIT = """
SELECT id, order_id, sku, stock, ordered, shipped, canceled FROM order_line
WHERE order_id = ANY($1) AND is_open = TRUE AND is_reserved
"""
_BY_NUMBER = "SELECT id, number, sales_channel, stock, placed_at FROM sales_order WHERE number = $1"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One SKU of an order, with its coverage now."""

    id: int
    sku: str
    units: Units
    late_at_placement: Decimal
    is_reserved: bool
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class MovedLine:
    """One SKU of a shipment or a refund; source is None where nothing was taken from an item, or put back on one."""

    sku: str
    quantity: Decimal
    source: str | None


@dataclass(frozen=True, slots=True)
class Movement:
    """A shipment or a refund."""

    id: int
    created_at: datetime
    lines: tuple[MovedLine, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it is now."""

    id: int
    number: str
    sales_channel: str
    stock: str
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    shipments: tuple[Movement, ...]
    refunds: tuple[Movement, ...]

    @property
    def status(self) -> OrderStatus:
        """Where it is."""
        return order_status([line.units for line in self.lines])

    @property
    def payment_status(self) -> PaymentStatus:
        """What has been paid back."""
        return payment_status([line.units for line in self.lines])

    @property
    def is_on_hold(self) -> bool:
        """Whether any line waits."""
        return any(line.coverage.waiting > 0 for line in self.lines)


async def order_by_number(number: str) -> Order | None:
    """The order of a number, or None; a fixed number of statements."""
    number = await stored_key(ORDER, number)

    async def read(client: Client) -> Order | None:
        found = await orders_of(client, await fetch(client, _BY_NUMBER, number))
        return found[0] if found else None

    return await snapshot(read) if is_code(number) else None


async def order_page(
    asked: OrderFilter, first: int | None, after: str | None, scans: Scans | None = None
) -> Page[Order]:
    """One page of the orders, newest first."""
    request = page_request(first, after, (int,))
    number, sku = await key_of(ORDER, asked.number), await key_of(PRODUCT, asked.sku)
    asked = replace(asked, number=number, sku=sku, sales_channel=await key_of(SALES_CHANNEL, asked.sales_channel))
    start = int(request.after[0]) if request.after else FROM_THE_START
    is_judged = OrderSearch(asked, start, None).judges or asked.shipping_hold is not None
    size = SCAN_BATCH if is_judged else request.first + 1

    async def batches() -> AsyncIterator[Scanned[Order]]:
        behind = start
        while asked.is_lawful:
            batch = await snapshot(partial(_look, asked=asked, behind=behind, size=size, most=request.first + 1))
            if not batch.size:
                return
            yield batch
            if batch.size < size:
                return
            behind = int(batch.last[0])

    async def count() -> Total:
        return await snapshot(partial(_count, asked=asked)) if asked.is_lawful else Total(0)

    left = scans if is_judged and scans is not None else Scans()  # what an index gives is found without looking further
    return await scanned_page(batches(), request, lambda order: (order.id,), count, size, SCAN_BUDGET, left)


async def _look(client: Client, *, asked: OrderFilter, behind: int, size: int, most: int) -> Scanned[Order]:
    """The next orders along the index of a filter, and those of them that pass it, whole; no more than a page has."""
    search = await OrderSearch.behind(client, asked, behind)
    looked = await search.look(client, size)
    passed = await _of_hold(client, asked, looked.passed)
    last = looked.ids[-1] if looked.ids else behind
    return Scanned(await orders_of(client, passed[:most]), len(looked.ids), (last,))


async def _count(client: Client, *, asked: OrderFilter) -> Total:
    search = OrderSearch(asked, FROM_THE_START, None)
    if asked.shipping_hold is None:
        return await search.count(client)
    looked = await search.look(client, SCAN_BUDGET + 1)
    is_whole = len(looked.ids) <= SCAN_BUDGET
    return Total(len(await _of_hold(client, asked, looked.passed)), is_whole)


async def _of_hold(client: Client, asked: OrderFilter, rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Those of these orders that have a line that waits, or have none, as is asked; four statements."""
    if asked.shipping_hold is None or not rows:
        return rows
    lines = await fetch(client, _MAY_WAIT, [row["id"] for row in rows])
    queues = await queues_as_they_stand(client, last_lines(lines))
    held = {line["order_id"] for line in lines if queues.coverage_of(line).waiting > 0}
    return [row for row in rows if (row["id"] in held) == asked.shipping_hold]


async def orders_of(client: Client, rows: Sequence[dict[str, Any]]) -> list[Order]:
    """The orders of these rows, whole, in their order; seven statements at any number."""
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    lines = await fetch(client, LINES, ids)
    covered = await coverages(client, lines)
    by_order: dict[int, list[OrderLine]] = {each: [] for each in ids}
    for line in lines:
        by_order[line["order_id"]].append(
            OrderLine(
                line["id"],
                line["sku"],
                units_of(line),
                from_units(line["late_at_placement"]),
                bool(line["is_reserved"]),
                covered[line["id"]],
            )
        )
    shipments, refunds = await _movements(client, "shipment", ids), await _movements(client, "refund", ids)
    return [
        Order(
            row["id"],
            row["number"],
            row["sales_channel"],
            row["stock"],
            from_microseconds(row["placed_at"]),
            tuple(by_order[row["id"]]),
            tuple(shipments.get(row["id"], ())),
            tuple(refunds.get(row["id"], ())),
        )
        for row in rows
    ]


async def coverages(client: Client, lines: Sequence[dict[str, Any]]) -> dict[int, Coverage]:
    """What of each of these lines may ship and what waits; three statements."""
    queued = {line["id"]: line for line in lines if line["is_open"] and line["is_reserved"]}
    queues = await queues_as_they_stand(client, last_lines(queued.values()))
    return {
        line["id"]: queues.coverage_of(line) if line["id"] in queued else never_waits(units_of(line).open)
        for line in lines
    }


def units_of(line: dict[str, Any]) -> Units:
    """The units of a row of `order_line`."""
    return Units(*(from_units(line[name]) for name in ("ordered", "shipped", "canceled", "refunded")))


async def _movements(client: Client, table: str, ids: Sequence[int]) -> dict[int, list[Movement]]:
    rows = await fetch(
        client,
        f"SELECT m.id, m.order_id, m.created_at, l.sku, l.quantity, {_SOURCE_OF[table]} AS source FROM {table} m"
        f" JOIN {table}_line l ON l.{table}_id = m.id WHERE m.order_id = ANY($1) ORDER BY m.id, l.id",
        ids,
    )
    heads = {row["id"]: row for row in rows}
    lines: dict[int, list[MovedLine]] = {}
    for row in rows:
        lines.setdefault(row["id"], []).append(
            MovedLine(row["sku"], from_units(row["quantity"]), row["source"] or None)
        )
    found: dict[int, list[Movement]] = {}
    for each, row in heads.items():
        movement = Movement(each, from_microseconds(row["created_at"]), tuple(lines[each]))
        found.setdefault(row["order_id"], []).append(movement)
    return found
