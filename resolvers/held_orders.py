"""Orders that wait because of a write: counted after its commit on one snapshot, in batches, without a lock.

A preview counts by the same calculation what would wait.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from decimal import Decimal

from models.database import Client, long_snapshot, snapshot
from models.sql import fetch
from resolvers.balances import Key
from resolvers.queue import managed_skus
from rules.allocation import supply_of
from rules.held import HeldOrders, SupplyChange
from rules.quantity import ZERO, from_units

MOST_LINES = 100_000
"""Open lines that a count looks at; where more are touched it is a lower bound."""
QUEUES_AT_ONCE = 500
SKUS_AT_ONCE = 5_000
QUEUES_OF_A_SHORT_LOOK = 50
"""Above, a count uses the connection that no other read waits for."""
YIELD_EVERY = 1_000

Feeds = Mapping[str, frozenset[str]]
"""The enabled sources that are linked to each stock."""

# With an offset it is asked once a queue: without, PostgreSQL may go through the lines of all SKUs beside the products.
_IS_OPEN = """EXISTS (
    SELECT 1 FROM order_line l WHERE l.sku = {sku} AND l.stock = {stock} AND l.is_open = TRUE AND l.is_reserved
    LIMIT 1 OFFSET 0
)"""
_OPEN_AMONG = (
    f"SELECT r.sku, r.stock FROM rows($1, sku text, stock text) WHERE {_IS_OPEN.format(sku='r.sku', stock='r.stock')}"
)
# The bound of the SKU by itself: that of the pair, of two tables, is none that PostgreSQL seeks by.
_OPEN_QUEUES = f"""
SELECT p.sku, k.code AS stock FROM product p CROSS JOIN stock k
WHERE p.sku >= $2 AND {{products}} AND (p.sku, k.code) > ($2, $3) AND {_IS_OPEN.format(sku="p.sku", stock="k.code")}
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
_ALL_FEEDS = """
SELECT l.stock_id AS stock, l.source_id AS source FROM stock_source l JOIN source s ON s.code = l.source_id AND s.enabled
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

        return await count_held(client, batches(), most_lines)

    look = snapshot if len(taking) <= QUEUES_OF_A_SHORT_LOOK else long_snapshot
    return await look(read) if taking else HeldOrders()


def feeds_of(links: Iterable[tuple[str, str]]) -> Feeds:
    """The feeds that these pairs of a stock and an enabled source make."""
    sources: dict[str, set[str]] = {}
    for stock, source in links:
        sources.setdefault(stock, set()).add(source)
    return {stock: frozenset(of_stock) for stock, of_stock in sources.items()}


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
                items = await _items(client, keys, feeding)
                changes = [SupplyChange(*key, _supply(items, key, before), _supply(items, key, after)) for key in keys]
                yield await _managed(client, changes)

        return await count_held(client, batches(), most_lines)

    return await long_snapshot(read) if changed else HeldOrders()


async def held_by_plan(planned: Mapping[tuple[str, str], Decimal], *, most_lines: int = MOST_LINES) -> HeldOrders:
    """What would wait if these items (SKU, source) had these quantities."""

    async def read(client: Client) -> HeldOrders:
        feeds = feeds_of((row["stock"], row["source"]) for row in await fetch(client, _ALL_FEEDS))
        feeding = sorted(frozenset[str]().union(*feeds.values()))

        async def batches() -> AsyncIterator[list[SupplyChange]]:
            async for keys in pages_of(client, sorted({sku for sku, _ in planned})):
                items = await _items(client, keys, feeding)
                then = items | {
                    key: planned[key] for sku, _ in keys for source in feeding if (key := (sku, source)) in planned
                }
                changes = [SupplyChange(*key, _supply(items, key, feeds), _supply(then, key, feeds)) for key in keys]
                yield await _managed(client, changes)

        return await count_held(client, batches(), most_lines)

    return await long_snapshot(read) if planned else HeldOrders()


async def open_among(client: Client, keys: Iterable[Key]) -> set[Key]:
    """Those of these queues that have open reserved lines; one statement."""
    records = [{"sku": sku, "stock": stock} for sku, stock in keys]
    rows = await fetch(client, _OPEN_AMONG, records) if records else []
    return {(row["sku"], row["stock"]) for row in rows}


async def pages_of(client: Client, skus: Sequence[str] | None) -> AsyncIterator[list[Key]]:
    """The queues with open reserved lines of these SKUs, or (None) of all."""
    if skus is None:
        async for keys in _pages(client, _EVERYWHERE, []):
            yield keys
        return
    for start in range(0, len(skus), SKUS_AT_ONCE):
        async for keys in _pages(client, _OF_SKUS, list(skus[start : start + SKUS_AT_ONCE])):
            yield keys


async def _pages(client: Client, sql: str, named: list[str], *more: list[str]) -> AsyncIterator[list[Key]]:
    last: Key = ("", "")
    while keys := [(row["sku"], row["stock"]) for row in await fetch(client, sql, named, *last, *more)]:
        yield keys
        last = keys[-1]


async def _items(client: Client, keys: Iterable[Key], sources: list[str]) -> dict[tuple[str, str], Decimal]:
    """What lies of these queues' SKUs at these sources, by SKU and source; one statement."""
    rows = await fetch(client, _ITEMS, sorted({sku for sku, _ in keys}), sources)
    return {(row["sku"], row["source"]): from_units(row["quantity"]) for row in rows}


def _supply(items: Mapping[tuple[str, str], Decimal], key: Key, feeds: Feeds) -> Decimal:
    sku, stock = key
    return supply_of(items.get((sku, source), ZERO) for source in feeds.get(stock, ()))


async def _managed(client: Client, changes: list[SupplyChange]) -> list[SupplyChange]:
    managed = await managed_skus(client, {change.sku for change in changes if change.takes_cover})
    return [change for change in changes if change.sku in managed]


async def count_held(client: Client, batches: AsyncIterator[list[SupplyChange]], most_lines: int) -> HeldOrders:
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
