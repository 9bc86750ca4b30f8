"""The queue of a SKU in a stock: its supply, the demand ahead of a line, and which lines a change covers otherwise."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from models.database import Client
from models.sql import fetch
from resolvers.balances import Key
from resolvers.rules_in_force import rules_by_scope
from rules.allocation import Coverage, coverage, never_waits, supply_of
from rules.quantity import from_units, to_units
from rules.scope import scope_of
from rules.setting import CATALOGUE, SettingKey
from rules.told import Told, told_before

_SUPPLY = """
SELECT r.sku, r.stock, i.quantity FROM rows($1, sku text, stock text)
JOIN stock_source l ON l.stock_id = r.stock
JOIN source s ON s.code = l.source_id AND s.enabled
JOIN source_item i ON i.source_id = l.source_id AND i.product_id = r.sku
"""
# Compared, not bare: SQLite searches an index of a boolean only so.
WAITING = """
SELECT q.id, q.order_id, q.sku, q.stock, q.open, q.ahead FROM (
    SELECT l.id, l.order_id, l.sku, l.stock, l.ordered - l.shipped - l.canceled AS open,
           SUM(l.ordered - l.shipped - l.canceled) OVER queue - (l.ordered - l.shipped - l.canceled) AS ahead
    FROM order_line l WHERE l.is_open = TRUE AND l.is_reserved AND {lines}
    WINDOW queue AS (PARTITION BY l.sku, l.stock ORDER BY l.id)
) q
"""
LINES_OF_QUEUE = "l.sku = ANY($2) AND l.stock = ANY($3)"
LINE_COLUMNS = """
w.id, w.sku, w.stock, w.open, w.ahead, o.number, o.placed_at, o.customer_email <> '' AS has_address,
l.told_waiting, l.told_late, l.late_at_placement
"""
AND_ITS_ORDER = "JOIN order_line l ON l.id = w.id JOIN sales_order o ON o.id = w.order_id"
_CHANGED = "rows($1, sku text, stock text, before bigint, after bigint, low bigint, high bigint, behind bigint)"
_TOUCHED = f"""
SELECT {LINE_COLUMNS}, r.before, r.after
FROM ({WAITING.format(lines=LINES_OF_QUEUE)}) w
JOIN {_CHANGED} ON r.sku = w.sku AND r.stock = w.stock {AND_ITS_ORDER}
WHERE w.id > r.behind AND w.ahead < r.high AND w.ahead + w.open > r.low ORDER BY w.id
"""


@dataclass(frozen=True, slots=True)
class Rise:
    """What a supply covers of a queue, before and after a change, behind one line of it (0: from its start)."""

    sku: str
    stock: str
    before: Decimal
    after: Decimal
    behind: int = 0


@dataclass(slots=True)
class CoverChange:
    """What a change of goods did to queues: the supplies, and the lines that these cover otherwise now, oldest first."""

    supplies: list[Rise] = field(default_factory=list)
    lines: list["CoveredLine"] = field(default_factory=list)

    @property
    def freed(self) -> list["Released"]:
        """The lines that are covered further than before."""
        return [line.released for line in self.lines if line.released.released > 0]


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


async def queues_of(client: Client, items: Iterable[tuple[str, str]]) -> set[Key]:
    """The queues that these items (SKU, source) supply: the SKUs in every stock that their sources feed; one statement."""
    skus_at: dict[str, set[str]] = {}
    for sku, source in items:
        skus_at.setdefault(source, set()).add(sku)
    sql = "SELECT stock_id, source_id FROM stock_source WHERE source_id = ANY($1)"
    rows = await fetch(client, sql, sorted(skus_at)) if skus_at else []
    return {(sku, row["stock_id"]) for row in rows for sku in skus_at[row["source_id"]]}


async def supplies(client: Client, keys: Iterable[Key]) -> dict[Key, Decimal]:
    """The supply of each SKU in its stock; one statement."""
    wanted = sorted(set(keys))
    quantities: dict[Key, list[Decimal]] = {key: [] for key in wanted}
    records = [{"sku": sku, "stock": stock} for sku, stock in wanted]
    for row in await fetch(client, _SUPPLY, records) if records else ():
        quantities[row["sku"], row["stock"]].append(from_units(row["quantity"]))
    return {key: supply_of(found) for key, found in quantities.items()}


async def managed_skus(client: Client, skus: Iterable[str], instant: datetime | None = None) -> set[str]:
    """Those of these SKUs whose stock is managed at an instant (None: now); one statement."""
    wanted = set(skus)
    rules = await rules_by_scope(client, wanted, (), instant or datetime.now(UTC))
    setting = CATALOGUE[SettingKey.MANAGE_STOCK]
    return {sku for sku in wanted if rules.walk(setting, scope_of(None, sku)).value is True}


async def lines_covered_by(client: Client, changes: Sequence[Rise]) -> list[CoveredLine]:
    """The lines of managed SKUs whose cover these supplies change, oldest first; one statement, read after the change."""
    changed = [each for each in changes if each.after != each.before]
    if not changed:
        return []
    records = []
    for each in changed:
        before, after = to_units(each.before), to_units(each.after)
        ends = {"low": min(before, after), "high": max(before, after), "behind": each.behind}
        records.append({"sku": each.sku, "stock": each.stock, "before": before, "after": after, **ends})
    rows = await fetch(client, _TOUCHED, records, *names_of((each.sku, each.stock) for each in changed))
    return [
        covered_line(row, coverage_of(row, from_units(row["before"])), coverage_of(row, from_units(row["after"])))
        for row in rows
    ]


def names_of(queues: Iterable[Key]) -> tuple[list[str], list[str]]:
    """The SKUs and the stocks of these queues, as LINES_OF_QUEUE wants them."""
    keys = set(queues)
    return sorted({sku for sku, _ in keys}), sorted({stock for _, stock in keys})


def coverage_of(row: dict[str, Any], supply: Decimal | None) -> Coverage:
    """The coverage of a row of WAITING by a supply; None: its stock is not managed, and it never waits."""
    open_qty = from_units(int(row["open"]))
    return never_waits(open_qty) if supply is None else coverage(open_qty, from_units(int(row["ahead"])), supply)


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
    change.lines += await lines_covered_by(client, [each for each in change.supplies if each.sku in managed])
