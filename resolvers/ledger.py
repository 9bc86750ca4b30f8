"""Whether the ledger fits the orders: per order, SKU and stock its sum is minus the open reserved units."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from models.database import Client, reader, transaction
from models.deadline import at_length
from models.sql import fetch
from resolvers.balances import lock_balances
from resolvers.pages import Page, page, page_request
from resolvers.reservations import ReservationRow, append_reservations
from rules.quantity import from_units


def _differences(condition: str) -> str:
    """The sums that do not fit, of the orders whose number fulfils a condition; both sides are read at one instant."""
    return f"""
    SELECT d.number, d.sku, d.stock, SUM(d.expected) AS expected, SUM(d.actual) AS actual FROM (
        SELECT o.number, l.sku, l.stock, -(l.ordered - l.shipped - l.canceled) AS expected, 0 AS actual
        FROM order_line l JOIN sales_order o ON o.id = l.order_id
        WHERE l.is_open AND l.is_reserved AND {condition.format(number="o.number")}
        UNION ALL
        SELECT r.order_number, r.sku, r.stock, 0, SUM(r.quantity) FROM reservation r
        WHERE {condition.format(number="r.order_number")} GROUP BY r.order_number, r.sku, r.stock
    ) d GROUP BY d.number, d.sku, d.stock HAVING SUM(d.expected) <> SUM(d.actual) ORDER BY d.number, d.sku, d.stock
    """


BATCH = 1_000
_NUMBERS = f"""
SELECT order_number, COUNT(*) AS n FROM reservation WHERE order_number > $1
GROUP BY order_number ORDER BY order_number LIMIT {BATCH}
"""
_REMOVE_OVER = """
DELETE FROM reservation WHERE order_number = ANY($1) AND EXISTS (
    SELECT 1 FROM reservation g
    WHERE g.order_number = reservation.order_number AND g.sku = reservation.sku AND g.stock = reservation.stock
    GROUP BY g.order_number, g.sku, g.stock HAVING SUM(g.quantity) = 0
) AND NOT EXISTS (
    SELECT 1 FROM order_line l JOIN sales_order o ON o.id = l.order_id
    WHERE o.number = reservation.order_number AND l.is_open
) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A sum of the ledger that does not fit its order."""

    order_number: str
    sku: str
    stock: str
    expected: Decimal
    actual: Decimal


@at_length
async def inconsistency_page(first: int | None, after: str | None) -> Page[Inconsistency]:
    """One page of the sums that do not fit, by order, SKU and stock; both sides are read by one statement."""
    request = page_request(first, after, (str, str, str))
    behind = list(request.after or ("", "", ""))
    rows = await fetch(
        reader(),
        "SELECT e.number, e.sku, e.stock, e.expected, e.actual"
        f" FROM ({_differences('{number} >= $1')}) e WHERE (e.number, e.sku, e.stock) > ($1, $2, $3)"
        f" ORDER BY e.number, e.sku, e.stock LIMIT {request.first + 1:d}",
        *behind,
    )

    async def count() -> int:
        return int((await fetch(reader(), f"SELECT COUNT(*) AS n FROM ({_differences('TRUE')}) e"))[0]["n"])

    return page(
        [_inconsistency(row) for row in rows], request, lambda each: (each.order_number, each.sku, each.stock), count
    )


async def inconsistencies(on_progress: Callable[[int], None] = lambda _: None) -> AsyncIterator[Inconsistency]:
    """All sums that do not fit, by order number: the ledger is read a batch of orders at a time.

    on_progress hears the number of rows looked at in each batch.
    """
    last = ""
    while True:
        numbers = await fetch(reader(), _NUMBERS, last)
        is_last = len(numbers) < BATCH
        if is_last:
            rows = await fetch(reader(), _differences("{number} > $1"), last)
        else:
            until = numbers[-1]["order_number"]
            rows = await fetch(reader(), _differences("{number} > $1 AND {number} <= $2"), last, until)
            last = until
        for row in rows:
            yield _inconsistency(row)
        on_progress(sum(row["n"] for row in numbers))
        if is_last:
            return


async def repair(found: Inconsistency) -> bool:
    """Append the row that makes a sum fit again, unless it fits by now; the balance moves with it."""

    async def write(client: Client) -> bool:
        await lock_balances(client, [(found.sku, found.stock)])
        of_order = await fetch(client, _differences("{number} = $1"), found.order_number)
        rows = [row for row in of_order if (row["sku"], row["stock"]) == (found.sku, found.stock)]
        if not rows:
            return False
        now = _inconsistency(rows[0])
        missing = now.expected - now.actual
        row = ReservationRow(found.sku, found.stock, missing, found.order_number, "repaired", datetime.now(UTC))
        await append_reservations(client, [row])
        return True

    return await transaction(write)


async def compact(on_progress: Callable[[int], None] = lambda _: None) -> int:
    """Remove the rows of orders that are over and whose rows sum to 0, batch by batch; every sum stays as it is.

    Such an order gets no more rows: orders that come in meanwhile are not touched. Returns how many rows went, and
    on_progress hears the number of rows looked at in each batch.
    """
    removed, last = 0, ""
    while True:
        numbers, looked_at, gone = await transaction(partial(_compact_batch, last=last))
        if not numbers:
            return removed
        removed, last = removed + gone, numbers[-1]
        on_progress(looked_at)


async def ledger_size() -> int:
    """How many rows the ledger has."""
    return int((await fetch(reader(), "SELECT COUNT(*) AS n FROM reservation"))[0]["n"])


async def _compact_batch(client: Client, *, last: str) -> tuple[list[str], int, int]:
    rows = await fetch(client, _NUMBERS, last)
    numbers = [row["order_number"] for row in rows]
    gone = await fetch(client, _REMOVE_OVER, numbers) if numbers else []
    return numbers, sum(row["n"] for row in rows), len(gone)


def _inconsistency(row: dict[str, Any]) -> Inconsistency:
    expected, actual = (from_units(int(row[name])) for name in ("expected", "actual"))
    return Inconsistency(row["number"], row["sku"], row["stock"], expected, actual)
