"""An order held for a change: its lines, their coverage, and what every change of an order writes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from models.database import Client
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.balances import Key, lock_balances
from resolvers.covered_lines import CoveredLines, Rise, lines_covered_by, told_of
from resolvers.errors import Refused
from resolvers.keys import ORDER, PRODUCT, SOURCE, keys_of, look_alikes, stored_key
from resolvers.orders.orders import COLUMNS_OF_LINE, ORDER_COLUMNS, coverages, units_of
from resolvers.orders.reservations import ReservationRow, append_reservations
from resolvers.queue import managed_skus, supplies
from rules.allocation import Coverage
from rules.key import folded, no_such, quoted, visible, with_hint
from rules.quantity import ZERO, show, to_units
from rules.told import Told
from rules.validation import UserError, is_code

_ORDER = f"SELECT {ORDER_COLUMNS} FROM sales_order WHERE number = $1"
_LOCK_LINES = f"SELECT {COLUMNS_OF_LINE} FROM order_line WHERE order_id = $1 ORDER BY id FOR NO KEY UPDATE"
_UPDATE_OPEN = """
UPDATE order_line SET
    shipped = order_line.shipped + r.shipped, canceled = order_line.canceled + r.canceled,
    is_open = order_line.ordered > order_line.shipped + order_line.canceled + r.shipped + r.canceled,
    told_waiting = r.told_waiting, told_late = r.told_late
FROM rows($1, id bigint, shipped bigint, canceled bigint, told_waiting bigint, told_late bigint) WHERE order_line.id = r.id
"""
_UPDATE_REFUNDED = """
UPDATE order_line SET refunded = order_line.refunded + r.refunded FROM rows($1, id bigint, refunded bigint)
WHERE order_line.id = r.id
"""
_SHIPMENT_LINES = """
INSERT INTO shipment_line (shipment_id, sku, quantity, source, is_taken)
SELECT {movement:d}, r.sku, r.quantity, r.source, r.is_taken
FROM rows($1, place integer, sku text, quantity bigint, source text, is_taken boolean) ORDER BY r.place
"""
_REFUND_LINES = """
INSERT INTO refund_line (refund_id, sku, quantity, source) SELECT {movement:d}, r.sku, r.quantity, r.source
FROM rows($1, place integer, sku text, quantity bigint, source text) ORDER BY r.place
"""


@dataclass(frozen=True, slots=True)
class LineChange:
    """A quantity of one SKU, and the source that it leaves or goes back to (None: none is named)."""

    sku: str
    quantity: Decimal
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Locked:
    """An order and its lines, held until the transaction ends; no other order of its SKUs moves meanwhile."""

    row: dict[str, Any]
    lines: dict[str, dict[str, Any]]
    coverage: dict[int, Coverage]


async def stored_call(number: str, lines: Sequence[LineChange]) -> tuple[str, list[LineChange]]:
    """The number of an order and the SKUs and sources of these lines, as they are stored."""
    skus = await keys_of(PRODUCT, [line.sku for line in lines])
    sources = await keys_of(SOURCE, [line.source for line in lines if line.source is not None])
    stored = [
        replace(line, sku=skus.of(line.sku), source=None if line.source is None else sources.of(line.source))
        for line in lines
    ]
    return await stored_key(ORDER, number), stored


async def lock_order(client: Client, number: str, also: Iterable[Key] = ()) -> Locked:
    """Hold an order, its balances and others that the change will need; UNKNOWN_ORDER where there is none."""
    rows = await fetch(client, _ORDER, number) if is_code(number) else []
    if not rows:
        alike = await look_alikes(client, ORDER, [number])
        raise Refused([UserError("UNKNOWN_ORDER", no_such("order", number, alike.get(number)), ("number",))])
    order = rows[0]
    skus = await fetch(client, "SELECT sku FROM order_line WHERE order_id = $1 ORDER BY sku", order["id"])
    await lock_balances(client, [*((row["sku"], order["stock"]) for row in skus), *also])
    lines = await fetch(client, _LOCK_LINES, order["id"])
    return Locked(order, {line["sku"]: line for line in lines}, await coverages(client, lines))


def open_of(line: dict[str, Any]) -> Decimal:
    return units_of(line).open


def refundable_of(line: dict[str, Any]) -> Decimal:
    units = units_of(line)
    return units.shipped - units.refunded


def all_open(locked: Locked) -> list[LineChange]:
    return [LineChange(sku, open_of(line)) for sku, line in locked.lines.items() if line["is_open"]]


def totals_of(lines: Sequence[LineChange]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for line in lines:
        totals[line.sku] = totals.get(line.sku, ZERO) + line.quantity
    return totals


def quantity_errors(
    locked: Locked,
    lines: Sequence[LineChange],
    totals: dict[str, Decimal],
    code: str,
    most: Callable[[dict[str, Any]], Decimal],
) -> list[UserError]:
    errors = []
    looks = {folded(sku): sku for sku in locked.lines}
    for index, line in enumerate(lines):
        path = ("lines", str(index))
        if line.sku not in locked.lines:
            alike = looks.get(folded(line.sku)) if is_code(line.sku) else None
            message = with_hint(f"The order has no line of {quoted(line.sku)}.", alike)
            errors.append(UserError("UNKNOWN_LINE", message, (*path, "sku")))
        elif totals[line.sku] > (can := most(locked.lines[line.sku])):
            what = "open" if code == "NOT_OPEN" else "shipped and not refunded; cancel open units instead"
            message = f"Only {show(can)} of {visible(line.sku)} are {what}."
            errors.append(UserError(code, message, (*path, "quantity")))
    return errors


def hold_errors(locked: Locked, lines: Sequence[LineChange], totals: dict[str, Decimal]) -> list[UserError]:
    errors = []
    for index, line in enumerate(lines):
        may = locked.coverage[locked.lines[line.sku]["id"]].shippable
        if totals[line.sku] > may:
            message = f"{show(may)} of {visible(line.sku)} may ship now; the rest waits for stock."
            errors.append(UserError("BACKORDER_ON_HOLD", message, ("lines", str(index), "quantity")))
    return errors


async def write_shipped(client: Client, locked: Locked, totals: dict[str, Decimal]) -> None:
    records = []
    for sku, quantity in sorted(totals.items()):
        line = locked.lines[sku]
        told = told_of(line)
        left = told and told.within(open_of(line) - quantity)
        records.append({"id": line["id"], "shipped": to_units(quantity), "canceled": 0, **_kept(left)})
    await fetch(client, _UPDATE_OPEN, records)


async def write_canceled(client: Client, locked: Locked, totals: dict[str, Decimal]) -> None:
    records = []
    for sku, quantity in sorted(totals.items()):
        line = locked.lines[sku]
        told = told_of(line)
        left = told and told.after_cancel(quantity)
        records.append({"id": line["id"], "shipped": 0, "canceled": to_units(quantity), **_kept(left)})
    await fetch(client, _UPDATE_OPEN, records)


async def write_refunded(client: Client, locked: Locked, totals: dict[str, Decimal]) -> None:
    records = [
        {"id": locked.lines[sku]["id"], "refunded": to_units(quantity)} for sku, quantity in sorted(totals.items())
    ]
    await fetch(client, _UPDATE_REFUNDED, records)


def _kept(told: Told | None) -> dict[str, int | None]:
    """The columns of what was told; both null where it was not kept."""
    if told is None:
        return {"told_waiting": None, "told_late": None}
    return {"told_waiting": to_units(told.waiting), "told_late": to_units(told.late)}


async def give_back(
    client: Client, locked: Locked, totals: dict[str, Decimal], event: str, *, frees: bool
) -> CoveredLines:
    """End the reservations of these units; returns the lines that this covers otherwise.

    frees: they leave the queue without taking goods, so that others move up.
    """
    now = datetime.now(UTC)
    stock, number = locked.row["stock"], locked.row["number"]
    reserved = {sku: quantity for sku, quantity in totals.items() if locked.lines[sku]["is_reserved"]}
    await append_reservations(
        client, [ReservationRow(sku, stock, quantity, number, event, now) for sku, quantity in sorted(reserved.items())]
    )
    if not frees or not reserved:
        return CoveredLines()
    managed = await managed_skus(client, reserved)
    supply = await supplies(client, {(sku, stock) for sku in managed})
    return await lines_covered_by(
        client,
        [
            Rise(sku, stock, supply[sku, stock] - reserved[sku], supply[sku, stock], locked.lines[sku]["id"])
            for sku in sorted(managed)
        ],
    )


async def record_shipment(client: Client, locked: Locked, lines: Sequence[LineChange], managed: set[str]) -> int:
    """Write a shipment of these lines, and return its id; those of managed SKUs were taken off the items that they name."""
    records = [
        {
            "place": place,
            "sku": line.sku,
            "quantity": to_units(line.quantity),
            "source": line.source or "",
            "is_taken": line.sku in managed,
        }
        for place, line in enumerate(lines)
    ]
    movement = await _movement(client, "shipment", locked)
    await fetch(client, _SHIPMENT_LINES.format(movement=movement), records)
    return movement


async def record_refund(client: Client, locked: Locked, lines: Sequence[LineChange]) -> int:
    """Write a refund of these lines, and return its id; a source is one whose item was raised."""
    records = [
        {"place": place, "sku": line.sku, "quantity": to_units(line.quantity), "source": line.source or ""}
        for place, line in enumerate(lines)
    ]
    movement = await _movement(client, "refund", locked)
    await fetch(client, _REFUND_LINES.format(movement=movement), records)
    return movement


async def _movement(client: Client, table: str, locked: Locked) -> int:
    now = to_microseconds(datetime.now(UTC))
    sql = f"INSERT INTO {table} (order_id, created_at) VALUES ($1, $2) RETURNING id"
    return int((await fetch(client, sql, locked.row["id"], now))[0]["id"])
