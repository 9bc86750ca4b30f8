"""The queue of a SKU in a stock: its supply, the demand ahead of a line, and which lines a change covers otherwise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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

_SUPPLY = """
SELECT r.sku, r.stock, i.quantity FROM rows($1, sku text, stock text)
JOIN stock_source l ON l.stock_id = r.stock
JOIN source s ON s.code = l.source_id AND s.enabled
JOIN source_item i ON i.source_id = l.source_id AND i.product_id = r.sku
"""
# Compared, not bare: SQLite searches an index of a boolean only so.
OF_QUEUE = "a.sku = r.sku AND a.stock = r.stock AND a.is_open = TRUE AND a.is_reserved"
"""The lines `a` of the queue of a row `r`."""
LAST_LINE = 2**61
"""Behind all lines: what is added up to it stays a bigint."""
FIRST_STEP = 64
"""Ids that a walk through a queue begins with."""
_OPEN = "a.ordered - a.shipped - a.canceled"
# Sums, and no window: SQLite adds up five times as fast so. A walk begins at the first line, goes on in steps that double as
# long as the target is not reached, and halves the one in which it is: it reads twice as many rows as stand before it.
_IS_BEYOND = "w.ahead + w.part > w.target"
_LO = f"(CASE WHEN {_IS_BEYOND} THEN w.lo ELSE w.mid END)"
_HI = f"(CASE WHEN {_IS_BEYOND} THEN w.mid ELSE w.hi END)"
_MID = f"(CASE WHEN {_LO} + w.step < ({_LO} + {_HI}) / 2 THEN {_LO} + w.step ELSE ({_LO} + {_HI}) / 2 END)"
_SUM = f"(SELECT CAST(COALESCE(SUM({_OPEN}), 0) AS bigint) FROM order_line a WHERE {{queue}} AND {{lines}})"
_LINES_AT = f"""
WITH RECURSIVE walk(n, sku, stock, target, last, lo, hi, step, ahead, mid, part) AS (
    SELECT r.n, r.sku, r.stock, r.target, r.last, r.start, r.last + 1, CAST({FIRST_STEP:d} AS bigint), CASE
        WHEN r.behind = 0 THEN 0 ELSE {_SUM.format(queue=OF_QUEUE, lines="a.id <= r.behind")}
    END, r.start, CAST(0 AS bigint)
    FROM (
        SELECT r.n, r.sku, r.stock, r.target, r.behind, r.last,
               COALESCE((SELECT MIN(a.id) - 1 FROM order_line a WHERE {OF_QUEUE} AND a.id > r.behind), r.last) AS start
        FROM rows($1, n bigint, sku text, stock text, target bigint, behind bigint, last bigint)
    ) r
    UNION ALL
    SELECT w.n, w.sku, w.stock, w.target, w.last, {_LO}, {_HI},
           CASE WHEN w.step < {LAST_LINE:d} THEN 2 * w.step ELSE w.step END,
           CASE WHEN {_IS_BEYOND} THEN w.ahead ELSE w.ahead + w.part END, {_MID},
           {_SUM.format(queue=OF_QUEUE.replace(" r.", " w."), lines=f"a.id > {_LO} AND a.id <= {_MID}")}
    FROM walk w WHERE w.hi - w.lo > 1
)
SELECT w.n, w.lo + 1 AS line, w.ahead FROM walk w WHERE w.hi - w.lo <= 1 AND w.hi <= w.last
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
LINE_COLUMNS = """
w.id, w.sku, w.stock, w.open, w.ahead, o.number, o.placed_at, o.customer_email <> '' AS has_address,
l.told_waiting, l.told_late, l.late_at_placement
"""
AND_ITS_ORDER = "JOIN order_line l ON l.id = w.id JOIN sales_order o ON o.id = w.order_id"


@dataclass(frozen=True, slots=True)
class Target:
    """A demand that is looked for in a queue: behind one line of it (0: from its start), and up to its last that matters."""

    sku: str
    stock: str
    quantity: Decimal
    behind: int = 0
    last: int = LAST_LINE


async def lines_at(client: Client, targets: Sequence[Target]) -> list[tuple[int, Decimal] | None]:
    """Where the demand of each queue grows beyond each target: the id from which on it does, and the demand ahead of that.

    No line stands between that id and the one whose units reach beyond. None where none does; one statement.
    """
    records = [
        {
            "n": number,
            "sku": each.sku,
            "stock": each.stock,
            "target": to_units(each.quantity),
            "behind": each.behind,
            "last": each.last,
        }
        for number, each in enumerate(targets)
    ]
    lines: list[tuple[int, Decimal] | None] = [None] * len(targets)
    for row in await fetch(client, _LINES_AT, records) if records else ():
        lines[row["n"]] = int(row["line"]), from_units(int(row["ahead"]))
    return lines


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


def names_of(queues: Iterable[Key]) -> tuple[list[str], list[str]]:
    """The SKUs and the stocks of these queues, as LINES_OF_QUEUE wants them."""
    keys = set(queues)
    return sorted({sku for sku, _ in keys}), sorted({stock for _, stock in keys})


def coverage_of(row: dict[str, Any], supply: Decimal | None) -> Coverage:
    """The coverage of a row of WAITING by a supply; None: its stock is not managed, and it never waits."""
    open_qty = from_units(int(row["open"]))
    return never_waits(open_qty) if supply is None else coverage(open_qty, from_units(int(row["ahead"])), supply)
