"""The queue of a SKU in a stock: its supply, the demand ahead of a line, and what a change of supply frees."""

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
from rules.allocation import coverage, supply_of
from rules.quantity import from_units, to_units
from rules.scope import scope_of
from rules.setting import CATALOGUE, SettingKey

_SUPPLY = """
SELECT r.sku, r.stock, i.quantity FROM rows($1, sku text, stock text)
JOIN stock_source l ON l.stock_id = r.stock
JOIN source s ON s.code = l.source_id AND s.enabled
JOIN source_item i ON i.source_id = l.source_id AND i.product_id = r.sku
"""
# Compared, not bare: SQLite searches an index of a boolean only so.
_AHEAD = """
SELECT r.id, (
    SELECT COALESCE(SUM(a.ordered - a.shipped - a.canceled), 0) FROM order_line a
    WHERE a.sku = r.sku AND a.stock = r.stock AND a.is_open = TRUE AND a.is_reserved AND a.id < r.id
) AS ahead
FROM rows($1, id bigint, sku text, stock text)
"""
WAITING = """
SELECT q.id, q.order_id, q.sku, q.stock, q.open, q.ahead FROM (
    SELECT l.id, l.order_id, l.sku, l.stock, l.ordered - l.shipped - l.canceled AS open,
           SUM(l.ordered - l.shipped - l.canceled) OVER queue - (l.ordered - l.shipped - l.canceled) AS ahead
    FROM order_line l WHERE l.is_open = TRUE AND l.is_reserved AND {lines}
    WINDOW queue AS (PARTITION BY l.sku, l.stock ORDER BY l.id)
) q
"""
LINES_OF_QUEUE = "l.sku = ANY($2) AND l.stock = ANY($3)"
WAITS = """
w.ahead + w.open > COALESCE((
    SELECT SUM(i.quantity) FROM stock_source k JOIN source s ON s.code = k.source_id AND s.enabled
    JOIN source_item i ON i.source_id = k.source_id AND i.product_id = w.sku WHERE k.stock_id = w.stock
), 0)
"""
"""Leaves out the lines of WAITING (as w) that surely do not wait; the rules decide about the others."""

_RISEN = "rows($1, sku text, stock text, before bigint, after bigint, behind bigint)"
_TOUCHED = f"""
SELECT w.sku, w.stock, w.open, w.ahead, r.before, r.after, o.number, o.placed_at
FROM ({WAITING.format(lines=LINES_OF_QUEUE)}) w
JOIN {_RISEN} ON r.sku = w.sku AND r.stock = w.stock
JOIN sales_order o ON o.id = w.order_id
WHERE w.id > r.behind AND w.ahead < r.after AND w.ahead + w.open > r.before ORDER BY w.id
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
    """What a change of goods did to queues: the supplies that it changed, and the lines that it freed, oldest first."""

    supplies: list[Rise] = field(default_factory=list)
    freed: list["Released"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Released:
    """A line that has more covered than before, and what of it still waits."""

    order_number: str
    sku: str
    stock: str
    released: Decimal
    waiting: Decimal
    placed_at: int


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


async def demand_ahead(client: Client, lines: Sequence[dict[str, Any]]) -> dict[int, Decimal]:
    """The open reserved units before each of these lines (id, sku, stock); one statement."""
    records = [{"id": line["id"], "sku": line["sku"], "stock": line["stock"]} for line in lines]
    rows = await fetch(client, _AHEAD, records) if records else []
    return {row["id"]: from_units(int(row["ahead"])) for row in rows}


async def managed_skus(client: Client, skus: Iterable[str]) -> set[str]:
    """Those of these SKUs whose stock is managed now; one statement."""
    wanted = set(skus)
    rules = await rules_by_scope(client, wanted, (), datetime.now(UTC))
    setting = CATALOGUE[SettingKey.MANAGE_STOCK]
    return {sku for sku in wanted if rules.walk(setting, scope_of(None, sku)).value is True}


async def released_by(client: Client, rises: Sequence[Rise]) -> list[Released]:
    """The lines that are covered further than before, oldest first; one statement, read after the change."""
    risen = [rise for rise in rises if rise.after > rise.before]
    if not risen:
        return []
    records = [
        {
            "sku": rise.sku,
            "stock": rise.stock,
            "before": to_units(rise.before),
            "after": to_units(rise.after),
            "behind": rise.behind,
        }
        for rise in risen
    ]
    skus, stocks = sorted({rise.sku for rise in risen}), sorted({rise.stock for rise in risen})
    found = []
    for row in await fetch(client, _TOUCHED, records, skus, stocks):
        open_qty, ahead = from_units(int(row["open"])), from_units(int(row["ahead"]))
        before, after = (coverage(open_qty, ahead, from_units(row[each])) for each in ("before", "after"))
        freed = after.shippable - before.shippable
        found.append(Released(row["number"], row["sku"], row["stock"], freed, after.waiting, row["placed_at"]))
    return found


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
    risen = [rise for rise in change.supplies if rise.after > rise.before]
    managed = await managed_skus(client, {rise.sku for rise in risen}) if risen else set()
    change.freed += await released_by(client, [rise for rise in risen if rise.sku in managed])
