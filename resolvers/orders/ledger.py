"""Whether the ledger fits the orders: per order, SKU and stock its sum is minus the open reserved units."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from models.database import Client, long_snapshot, reader, transaction
from models.deadline import at_length
from models.sql import fetch
from resolvers.balances import lock_balances
from resolvers.orders.reservations import ReservationRow, append_reservations
from resolvers.pages import Key, Page, Scanned, Scans, Total, page_request, scanned_page
from rules.quantity import from_units


def _differences(of_lines: str, of_ledger: str) -> str:
    """The sums that do not fit, of some orders: by their lines, and by their numbers; both are read at one instant."""
    return f"""
    SELECT d.number, d.sku, d.stock, SUM(d.expected) AS expected, SUM(d.actual) AS actual FROM (
        SELECT o.number, l.sku, l.stock, -(l.ordered - l.shipped - l.canceled) AS expected, 0 AS actual
        FROM order_line l JOIN sales_order o ON o.id = l.order_id
        WHERE l.is_open = TRUE AND l.is_reserved AND {of_lines}
        UNION ALL
        SELECT r.order_number, r.sku, r.stock, 0, SUM(r.quantity) FROM reservation r
        WHERE {of_ledger} GROUP BY r.order_number, r.sku, r.stock
    ) d GROUP BY d.number, d.sku, d.stock HAVING SUM(d.expected) <> SUM(d.actual) ORDER BY d.number, d.sku, d.stock
    """


BATCH = 500
BUDGET = 1_000
"""Orders that one page may look at; a short page with a next one is right."""
_NUMBERS = f"""
SELECT order_number, COUNT(*) AS n FROM reservation WHERE order_number > $1
GROUP BY order_number ORDER BY order_number LIMIT {BATCH}
"""
_ORDERS = f"SELECT id, number AS order_number FROM sales_order WHERE number > $1 ORDER BY number LIMIT {BATCH}"
_OF_ORDER = _differences("o.number = $1", "r.order_number = $1")
# By name, not by a range: how many rows lie in one is guessed, and the lines of all orders would be read.
_OF_ORDERS = _differences("l.order_id = ANY($1)", "r.order_number = ANY($2)")
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
async def inconsistency_page(first: int | None, after: str | None, scans: Scans | None = None) -> Page[Inconsistency]:
    """One page of the sums that do not fit, by order, SKU and stock; it looks at a bounded number of orders."""
    request = page_request(first, after, (str, str, str))
    start: tuple[str, str, str] = request.after or ("", "", "")  # type: ignore[assignment]  # the request has seen to it

    async def batches(behind: tuple[str, str, str]) -> AsyncIterator[Scanned[Inconsistency]]:
        number, sku, stock = behind
        if sku:  # the rest of the order that the page before ended in
            rows = await long_snapshot(lambda client: fetch(client, _OF_ORDER, number))
            passed = [each for each in map(_inconsistency, rows) if (each.sku, each.stock) > (sku, stock)]
            yield Scanned(passed, 1, (number, "", ""))
        while True:
            batch = await long_snapshot(partial(_look, last=number))
            number = batch.last
            yield Scanned(batch.found, batch.orders, (number, "", ""))
            if batch.is_last:
                return

    async def count() -> Total:
        found = looked_at = 0
        async for batch in batches(("", "", "")):
            found, looked_at = found + len(batch.passed), looked_at + batch.size
            if looked_at >= BUDGET:
                return Total(found, is_exact=False)
        return Total(found)

    return await scanned_page(batches(start), request, _key_of, count, BATCH, BUDGET, scans or Scans())


async def inconsistencies(on_progress: Callable[[int], None] = lambda _: None) -> AsyncIterator[Inconsistency]:
    """All sums that do not fit, by order number: the ledger is read a batch of orders at a time.

    on_progress hears the number of rows of the ledger in each batch.
    """
    last = ""
    while True:
        batch = await long_snapshot(partial(_look, last=last))
        for each in batch.found:
            yield each
        on_progress(batch.rows)
        if batch.is_last:
            return
        last = batch.last


@dataclass(frozen=True, slots=True)
class _Batch:
    """What a batch of orders showed: how many orders and rows it had, the number of its last, and whether none is behind."""

    found: list[Inconsistency]
    orders: int
    rows: int
    last: str
    is_last: bool


async def _look(client: Client, *, last: str) -> _Batch:
    """The orders behind a number, as many as a batch has: by the ledger and by the orders, whichever has more of them."""
    of_ledger, of_orders = await fetch(client, _NUMBERS, last), await fetch(client, _ORDERS, last)
    ends = [rows[-1]["order_number"] for rows in (of_ledger, of_orders) if len(rows) == BATCH]
    end = min(ends, default=None)
    rows = [row for row in of_ledger if end is None or row["order_number"] <= end]
    ids = [row["id"] for row in of_orders if end is None or row["order_number"] <= end]
    numbers = [row["order_number"] for row in rows]
    found = await fetch(client, _OF_ORDERS, ids, numbers) if ids or numbers else []
    seen = max([last, *numbers, *(row["order_number"] for row in of_orders)]) if end is None else end
    inconsistent = [_inconsistency(row) for row in found]
    return _Batch(inconsistent, max(len(ids), len(rows)), sum(row["n"] for row in rows), seen, is_last=end is None)


async def repair(found: Inconsistency) -> bool:
    """Append the row that makes a sum fit again, unless it fits by now; the balance moves with it."""

    async def write(client: Client) -> bool:
        await lock_balances(client, [(found.sku, found.stock)])
        of_order = await fetch(client, _OF_ORDER, found.order_number)
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


def _key_of(found: Inconsistency) -> Key:
    return (found.order_number, found.sku, found.stock)


def _inconsistency(row: dict[str, Any]) -> Inconsistency:
    expected, actual = (from_units(int(row[name])) for name in ("expected", "actual"))
    return Inconsistency(row["number"], row["sku"], row["stock"], expected, actual)
