"""Which lines of a queue a change of goods covers otherwise: from where the supply ended before to where it ends now."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from models.database import Client
from models.sql import fetch
from resolvers.balances import Key
from resolvers.queue import LAST_LINE, OF_QUEUE, Target, lines_at, managed_skus, supplies
from rules.allocation import Coverage, coverage
from rules.quantity import from_units
from rules.told import Told, told_before

MOST_COVERED = 1_000
"""Lines that one change of goods is followed for, line by line: a receipt may free the 50,000 lines of a queue."""

UNIT = from_units(1)
"""The smallest part of a quantity: a supply ends in the line whose units reach beyond all of it but this."""

_COUNTS = f"""
SELECT r.sku, r.stock, r.first, r.last, (
    SELECT COUNT(*) FROM order_line a WHERE {OF_QUEUE} AND a.id >= r.first AND a.id <= r.last
) AS lines
FROM rows($1, sku text, stock text, first bigint, last bigint) ORDER BY r.sku, r.stock
"""
_CUT = (
    f"SELECT a.id FROM order_line a, rows($1, sku text, stock text, first bigint) WHERE {OF_QUEUE} AND a.id >= r.first"
)
_LINES = f"""
SELECT a.id, a.sku, a.stock, a.ordered - a.shipped - a.canceled AS open, o.number, o.placed_at,
       o.customer_email <> '' AS has_address, a.told_waiting, a.told_late, a.late_at_placement
FROM rows($1, sku text, stock text, first bigint, last bigint)
JOIN order_line a ON {OF_QUEUE} AND a.id >= r.first AND a.id <= r.last JOIN sales_order o ON o.id = a.order_id ORDER BY a.id
"""


@dataclass(frozen=True, slots=True)
class Rise:
    """What a supply covers of a queue, before and after a change, behind one line of it (0: from its start)."""

    sku: str
    stock: str
    before: Decimal
    after: Decimal
    behind: int = 0


@dataclass(frozen=True, slots=True)
class CoveredLines:
    """Lines that are covered otherwise than before, oldest first, and how many there are in all."""

    lines: Sequence["CoveredLine"] = ()
    count: int = 0

    @property
    def are_all(self) -> bool:
        """Whether there are no others."""
        return len(self.lines) == self.count


@dataclass(slots=True)
class CoverChange:
    """What a change of goods did to queues: the supplies, and the lines that these cover otherwise now."""

    supplies: list[Rise] = field(default_factory=list)
    covered: CoveredLines = field(default_factory=CoveredLines)

    @property
    def freed(self) -> list["Released"]:
        """The lines that are covered further than before; of many the first ones."""
        return [line.released for line in self.covered.lines if line.released.released > 0]


@dataclass(frozen=True, slots=True)
class Released:
    """A line that has more covered than before, and what of it still waits."""

    order_number: str
    sku: str
    stock: str
    released: Decimal
    waiting: Decimal
    placed_at: int


@dataclass(frozen=True, slots=True)
class CoveredLine:
    """An open reserved line, its coverage before and after a change, and what was told of it (None: it was not kept)."""

    id: int
    order_number: str
    sku: str
    stock: str
    placed_at: int
    before: Coverage
    after: Coverage
    kept: Told | None
    late_at_placement: Decimal
    has_address: bool

    @property
    def told(self) -> Told:
        """What was told of it, or counts as told."""
        return self.kept or told_before(self.late_at_placement, self.before, has_address=self.has_address)

    @property
    def released(self) -> Released:
        """What of it is covered and was not before."""
        more = self.after.shippable - self.before.shippable
        return Released(self.order_number, self.sku, self.stock, more, self.after.waiting, self.placed_at)


def covered_line(row: dict[str, Any], before: Coverage, after: Coverage) -> CoveredLine:
    """The line of a row with LINE_COLUMNS."""
    return CoveredLine(
        row["id"],
        row["number"],
        row["sku"],
        row["stock"],
        row["placed_at"],
        before,
        after,
        told_of(row),
        from_units(row["late_at_placement"]),
        bool(row["has_address"]),
    )


def told_of(line: dict[str, Any]) -> Told | None:
    """What was told of a row of `order_line`; None where it was not kept."""
    if line["told_waiting"] is None:
        return None
    return Told(from_units(line["told_waiting"]), from_units(line["told_late"] or 0))


async def lines_covered_by(client: Client, changes: Sequence[Rise]) -> "CoveredLines":
    """The lines of managed SKUs whose cover these supplies change, oldest first, read after the change.

    Of more than 1,000 lines those of some queues, and of these the oldest. Three statements; four where there are more.
    """
    rises = {(each.sku, each.stock): each for each in changes if each.after != each.before}
    firsts = [Target(*key, min(each.before, each.after), each.behind) for key, each in rises.items()]
    lasts = [Target(*key, max(each.before, each.after) - UNIT) for key, each in rises.items()]
    lines = await lines_at(client, [*firsts, *lasts])
    ahead: dict[Key, Decimal] = {}
    ranges = []
    for (sku, stock), first, last in zip(rises, lines[: len(rises)], lines[len(rises) :], strict=True):
        if first is not None:
            line, ahead[sku, stock] = first
            ranges.append({"sku": sku, "stock": stock, "first": line, "last": LAST_LINE if last is None else last[0]})
    counts = await fetch(client, _COUNTS, ranges) if ranges else []
    followed = await _followed(client, counts)
    found = []
    for row in await fetch(client, _LINES, followed) if followed else ():
        key, open_qty = (row["sku"], row["stock"]), from_units(row["open"])
        rise = rises[key]
        before, after = (coverage(open_qty, ahead[key], supply) for supply in (rise.before, rise.after))
        found.append(covered_line(row, before, after))
        ahead[key] += open_qty
    return CoveredLines(found, sum(row["lines"] for row in counts))


async def _followed(client: Client, ranges: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """So much of these ranges that it is no more than 1,000 lines."""
    followed, left = [], MOST_COVERED
    for row in ranges:
        if left > 0 and row["lines"]:
            queue = {name: row[name] for name in ("sku", "stock", "first")}
            last = row["last"]
            if row["lines"] > left:
                last = (await fetch(client, f"{_CUT} ORDER BY a.id LIMIT 1 OFFSET {left - 1:d}", [queue]))[0]["id"]
            followed.append({**queue, "last": last})
            left -= row["lines"]
    return followed


@asynccontextmanager
async def freeing(client: Client, keys: Iterable[Key]) -> AsyncIterator[CoverChange]:
    """Around a change of goods: what it did to these queues stands in the value at the end.

    The balances of the keys are held: no line joins or leaves a queue meanwhile.
    """
    queues = sorted(set(keys))
    change = CoverChange()
    before = await supplies(client, queues)
    yield change
    after = await supplies(client, queues)
    change.supplies += [Rise(*key, before[key], after[key]) for key in queues if after[key] != before[key]]
    managed = await managed_skus(client, {each.sku for each in change.supplies}) if change.supplies else set()
    change.covered = await lines_covered_by(client, [each for each in change.supplies if each.sku in managed])
