"""Orders as they are now: lines with what waits and what may ship, shipments and refunds."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from models.database import Client, reader, snapshot
from models.fields import from_microseconds, to_microseconds
from models.sql import fetch
from resolvers.keys import ORDER, PRODUCT, SALES_CHANNEL, key_of, stored_key
from resolvers.pages import Page, Scanned, Scans, page_request, scanned_page
from resolvers.queue import WAITING, WAITS, demand_ahead, managed_skus, supplies
from rules.allocation import Coverage, coverage, never_waits
from rules.order import OrderStatus, PaymentStatus, Units, order_status, payment_status
from rules.quantity import from_units
from rules.validation import is_code

SCAN_BATCH = 100
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
_HEAD = ", ".join(f"o.{column}" for column in ORDER_COLUMNS.split(", "))


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


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders; None leaves a criterion out."""

    number: str | None = None
    sku: str | None = None
    sales_channel: str | None = None
    status: OrderStatus | None = None
    shipping_hold: bool | None = None
    placed_from: datetime | None = None
    placed_until: datetime | None = None


async def order_by_number(number: str) -> Order | None:
    """The order of a number, or None; a fixed number of statements."""
    number = await stored_key(ORDER, number)

    async def read(client: Client) -> Order | None:
        found = await orders_of(client, await _rows(client, "o.number = $1", [number]))
        return found[0] if found else None

    return await snapshot(read) if is_code(number) else None


async def order_page(
    asked: OrderFilter, first: int | None, after: str | None, scans: Scans | None = None
) -> Page[Order]:
    """One page of the orders, newest first."""
    request = page_request(first, after, (int,))
    number, sku = await key_of(ORDER, asked.number), await key_of(PRODUCT, asked.sku)
    asked = replace(asked, number=number, sku=sku, sales_channel=await key_of(SALES_CHANNEL, asked.sales_channel))
    condition, parameters = _conditions(asked)
    start = int(request.after[0]) if request.after else 2**62

    async def batches(behind: int, size: int) -> AsyncIterator[Scanned[Order]]:
        while batch := await snapshot(partial(read, behind=behind, size=size)):
            passed = [each for each in batch if asked.shipping_hold in (None, each.is_on_hold)]
            behind = batch[-1].id
            yield Scanned(passed, len(batch), (behind,))
            if len(batch) < size:
                return

    async def read(client: Client, *, behind: int, size: int) -> list[Order]:
        tail = f"AND o.id < {behind:d} ORDER BY o.id DESC LIMIT {size:d}"
        return await orders_of(client, await _rows(client, condition, parameters, tail))

    async def count() -> int:
        if asked.shipping_hold is not None:
            return sum([len(batch.passed) async for batch in batches(2**62, SCAN_BATCH)])
        rows = await fetch(reader(), f"SELECT COUNT(*) AS n FROM sales_order o WHERE {condition}", *parameters)
        return int(rows[0]["n"])

    is_stored = asked.shipping_hold is None
    size = request.first + 1 if is_stored else SCAN_BATCH
    left = Scans() if is_stored or scans is None else scans  # what is stored is found without looking further
    return await scanned_page(batches(start, size), request, lambda order: (order.id,), count, size, SCAN_BUDGET, left)


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
    reserved = [line for line in lines if line["is_open"] and line["is_reserved"]]
    managed = await managed_skus(client, {line["sku"] for line in reserved}) if reserved else set()
    queued = [line for line in reserved if line["sku"] in managed]
    supply = await supplies(client, {(line["sku"], line["stock"]) for line in queued})
    ahead = await demand_ahead(client, queued)
    return {
        line["id"]: coverage(units_of(line).open, ahead[line["id"]], supply[line["sku"], line["stock"]])
        if line["id"] in ahead
        else never_waits(units_of(line).open)
        for line in lines
    }


def units_of(line: dict[str, Any]) -> Units:
    """The units of a row of `order_line`."""
    return Units(*(from_units(line[name]) for name in ("ordered", "shipped", "canceled", "refunded")))


async def _rows(client: Client, condition: str, parameters: Sequence[Any], tail: str = "") -> list[dict[str, Any]]:
    return await fetch(client, f"SELECT {_HEAD} FROM sales_order o WHERE {condition} {tail}", *parameters)


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


def _conditions(asked: OrderFilter) -> tuple[str, list[Any]]:
    conditions, parameters = ["TRUE"], list[Any]()

    def given(value: Any) -> str:
        parameters.append(value)
        return f"${len(parameters)}"

    for column, value in (("o.number", asked.number), ("o.sales_channel", asked.sales_channel)):
        if value is not None:
            conditions.append(f"{column} = {given(value)}" if is_code(value) else "FALSE")
    if asked.sku is not None:
        of_sku = "EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.sku = {})"
        conditions.append(of_sku.format(given(asked.sku)) if is_code(asked.sku) else "FALSE")
    if asked.placed_from is not None:
        conditions.append(f"o.placed_at >= {given(to_microseconds(asked.placed_from))}")
    if asked.placed_until is not None:
        conditions.append(f"o.placed_at < {given(to_microseconds(asked.placed_until))}")
    if asked.status is not None:
        conditions.append(_OF_STATUS[asked.status])
    if asked.shipping_hold:
        conditions.append(f"o.id IN ({_MAY_WAIT})")
    return " AND ".join(conditions), parameters


_OPEN = "EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.is_open)"
_SHIPPED = "EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.shipped > 0)"
_OF_STATUS = {
    OrderStatus.PROCESSING: _OPEN,
    OrderStatus.COMPLETE: f"NOT {_OPEN} AND {_SHIPPED}",
    OrderStatus.CANCELED: f"NOT {_OPEN} AND NOT {_SHIPPED}",
}
_MAY_WAIT = f"SELECT w.order_id FROM ({WAITING.format(lines='TRUE')}) w WHERE {WAITS}"
