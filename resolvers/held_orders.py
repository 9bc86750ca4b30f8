"""Orders that wait because of a write: counted after its commit on one snapshot, in batches, without a lock.

A preview counts by the same calculation what would wait.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from models.database import Client, snapshot
from models.sql import fetch
from resolvers.balances import Key
from resolvers.queue import managed_skus, supplies
from resolvers.rules_in_force import rows_by_scope
from rules.allocation import supply_of
from rules.change import RuleChange, applied, undone
from rules.held import HeldOrders, SupplyChange
from rules.quantity import ZERO, from_units
from rules.scope import scope_of
from rules.setting import CATALOGUE, SettingKey
from rules.walk import Rules

MOST_LINES = 100_000
"""Open lines that a count looks at; where more are touched it is a lower bound."""
QUEUES_AT_ONCE = 500
YIELD_EVERY = 1_000

Feeds = Mapping[str, frozenset[str]]
"""The enabled sources that are linked to each stock."""

_IS_OPEN = """EXISTS (
    SELECT 1 FROM order_line l WHERE l.sku = {sku} AND l.stock = {stock} AND l.is_open = TRUE AND l.is_reserved
)"""
_OPEN_AMONG = (
    f"SELECT r.sku, r.stock FROM rows($1, sku text, stock text) WHERE {_IS_OPEN.format(sku='r.sku', stock='r.stock')}"
)
_OPEN_QUEUES = f"""
SELECT p.sku, k.code AS stock FROM product p CROSS JOIN stock k
WHERE {{products}} AND (p.sku, k.code) > ($2, $3) AND {_IS_OPEN.format(sku="p.sku", stock="k.code")}
ORDER BY p.sku, k.code LIMIT {QUEUES_AT_ONCE:d}
"""
_EVERYWHERE = _OPEN_QUEUES.format(products="(p.sku = ANY($1) OR TRUE)")
_OF_SKUS = _OPEN_QUEUES.format(products="p.sku = ANY($1)")
_AT_SOURCES = _OPEN_QUEUES.format(
    products="""k.code = ANY($4) AND EXISTS (
    SELECT 1 FROM source_item f WHERE f.product_id = p.sku AND f.source_id = ANY($1) AND f.quantity <> 0
)"""
)
_ITEMS = """
SELECT product_id AS sku, source_id AS source, quantity FROM source_item
WHERE product_id = ANY($1) AND source_id = ANY($2)
"""
_OPEN_LINES = """
SELECT l.order_id, l.sku, l.stock, l.ordered - l.shipped - l.canceled AS open
FROM rows($1, sku text, stock text)
JOIN order_line l ON l.sku = r.sku AND l.stock = r.stock
WHERE l.is_open = TRUE AND l.is_reserved ORDER BY l.sku, l.stock, l.id LIMIT $2
"""


async def held_by_goods(changes: Iterable[SupplyChange], *, most_lines: int = MOST_LINES) -> HeldOrders:
    """What waits because these supplies changed; of SKUs whose stock is not managed nothing does."""
    taking = [change for change in changes if change.takes_cover]

    async def read(client: Client) -> HeldOrders:
        async def batches() -> AsyncIterator[list[SupplyChange]]:
            for start in range(0, len(taking), QUEUES_AT_ONCE):
                yield await _managed(client, taking[start : start + QUEUES_AT_ONCE])

        return await _count(client, batches(), most_lines)

    return await snapshot(read) if taking else HeldOrders()


async def held_by_feeds(before: Feeds, after: Feeds, *, most_lines: int = MOST_LINES) -> HeldOrders:
    """What waits because other sources feed these stocks now: of all SKUs of which something lies at one that changed."""
    changed = {
        stock: sources
        for stock in {*before, *after}
        if (sources := before.get(stock, frozenset()) ^ after.get(stock, frozenset()))
    }
    switched = sorted(frozenset().union(*changed.values()))
    feeding = sorted(frozenset().union(*(feeds.get(stock, ()) for feeds in (before, after) for stock in changed)))

    async def read(client: Client) -> HeldOrders:
        async def batches() -> AsyncIterator[list[SupplyChange]]:
            async for keys in _pages(client, _AT_SOURCES, switched, sorted(changed)):
                skus = sorted({sku for sku, _ in keys})
                items: dict[str, list[dict[str, Any]]] = {sku: [] for sku in skus}
                for row in await fetch(client, _ITEMS, skus, feeding):
                    items[row["sku"]].append(row)
                yield await _managed(
                    client,
                    [
                        SupplyChange(
                            *(sku, stock),
                            *(
                                supply_of(
                                    from_units(row["quantity"])
                                    for row in items[sku]
                                    if row["source"] in feeds.get(stock, ())
                                )
                                for feeds in (before, after)
                            ),
                        )
                        for sku, stock in keys
                    ],
                )

        return await _count(client, batches(), most_lines)

    return await snapshot(read) if changed else HeldOrders()


async def held_by_rules(
    changes: Sequence[RuleChange], instant: datetime, *, is_made: bool, most_lines: int = MOST_LINES
) -> HeldOrders:
    """What waits at an instant because these changes switch Manage Stock on, with today's quantities.

    is_made tells whether the rules that stand have them already. Other settings bind sales, not orders.
    """
    switching = [change for change in changes if change.setting is SettingKey.MANAGE_STOCK]
    skus = sorted({change.scope.sku for change in switching if change.scope.sku})
    pages = _OF_SKUS if all(change.scope.sku for change in switching) else _EVERYWHERE

    async def read(client: Client) -> HeldOrders:
        async def batches() -> AsyncIterator[list[SupplyChange]]:
            async for keys in _pages(client, pages, skus):
                here = {sku for sku, _ in keys}
                rows = await rows_by_scope(client, here, (), instant)
                own = [change for change in switching if change.scope.sku is None or change.scope.sku in here]
                before = Rules(undone(rows, own) if is_made else rows, instant)
                after = Rules(rows if is_made else applied(rows, own), instant)
                begun = [key for key in keys if _manages(after, key[0]) and not _manages(before, key[0])]
                supply = await supplies(client, begun)
                yield [SupplyChange(*key, None, supply[key]) for key in begun]

        return await _count(client, batches(), most_lines)

    return await snapshot(read) if switching else HeldOrders()


async def open_among(client: Client, keys: Iterable[Key]) -> set[Key]:
    """Those of these queues that have open reserved lines; one statement."""
    records = [{"sku": sku, "stock": stock} for sku, stock in keys]
    rows = await fetch(client, _OPEN_AMONG, records) if records else []
    return {(row["sku"], row["stock"]) for row in rows}


async def _pages(client: Client, sql: str, named: list[str], *more: list[str]) -> AsyncIterator[list[Key]]:
    last: Key = ("", "")
    while keys := [(row["sku"], row["stock"]) for row in await fetch(client, sql, named, *last, *more)]:
        yield keys
        last = keys[-1]


async def _managed(client: Client, changes: list[SupplyChange]) -> list[SupplyChange]:
    managed = await managed_skus(client, {change.sku for change in changes if change.takes_cover})
    return [change for change in changes if change.sku in managed]


def _manages(rules: Rules, sku: str) -> bool:
    return rules.walk(CATALOGUE[SettingKey.MANAGE_STOCK], scope_of(None, sku)).value is True


async def _count(client: Client, batches: AsyncIterator[list[SupplyChange]], most_lines: int) -> HeldOrders:
    """The lines of queues that lose cover, oldest first, up to so many."""
    held = HeldOrders()
    async for batch in batches:
        taking = {(change.sku, change.stock): change for change in batch if change.takes_cover}
        ahead = dict.fromkeys(taking, ZERO)
        records = [{"sku": sku, "stock": stock} for sku, stock in taking]
        rows = await fetch(client, _OPEN_LINES, records, most_lines + 1) if records else []
        for number, row in enumerate(rows[:most_lines], start=1):
            key, open_qty = (row["sku"], row["stock"]), from_units(row["open"])
            held.add(row["order_id"], row["sku"], taking[key].newly_waiting(open_qty, ahead[key]))
            ahead[key] += open_qty
            if number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        if len(rows) > most_lines:
            held.is_cut_off = True
            return held
        most_lines -= len(rows)
    return held
