"""The warnings about a change of rules: it gathers the rules around the change and the sources that it reaches."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from models.database import Client, snapshot
from models.sql import fetch
from resolvers.rules_in_force import rows_by_scope
from rules.advice import Pool, ScopeChange, advise
from rules.change import RuleChange, RulesChange, undone
from rules.position import StockedItem
from rules.quantity import from_units
from rules.scope import Scope
from rules.validation import Advice
from rules.walk import Rules, ScopeRule

YIELD_EVERY = 100

_ITEMS = """
SELECT l.stock_id AS stock, i.product_id AS sku, i.source_id AS source, i.quantity, i.in_stock, s.enabled
FROM source_item i
JOIN source s ON s.code = i.source_id
JOIN stock_source l ON l.source_id = i.source_id
WHERE i.product_id = ANY($1) ORDER BY l.stock_id, l.priority, i.source_id
"""
_SOURCES = """
SELECT l.stock_id AS stock, '' AS sku, s.code AS source, 0 AS quantity, TRUE AS in_stock, s.enabled
FROM stock_source l JOIN source s ON s.code = l.source_id ORDER BY l.stock_id, l.priority, s.code
"""
_DISABLED = "SELECT code FROM source WHERE code = ANY($1) AND NOT enabled"

Items = dict[str, dict[str, list[StockedItem]]]
"""Items by SKU ('' for the stand-ins of sources) and stock."""


async def advice_of(asked: Sequence[RulesChange], changes: Sequence[RuleChange]) -> list[Advice]:
    """Every warning about these changes, which have been made, in the order of the call; four statements."""
    instant = datetime.now(UTC)
    skus = sorted({change.sku for change in asked if change.sku})
    has_sources = any(not change.sku for change in asked)

    async def read(client: Client) -> tuple[Items, set[str], list[ScopeRule]]:
        items: Items = {}
        rows = await fetch(client, _ITEMS, skus) if skus else []
        rows += await fetch(client, _SOURCES) if has_sources else []
        for row in rows:
            item = StockedItem(row["source"], from_units(row["quantity"]), bool(row["in_stock"]), bool(row["enabled"]))
            items.setdefault(row["sku"], {}).setdefault(row["stock"], []).append(item)
        named = {change.source for change in asked if change.source}
        disabled = {row["code"] for row in await fetch(client, _DISABLED, sorted(named))} if named else set()
        sources = named | {row["source"] for row in rows}
        return items, disabled, await rows_by_scope(client, skus, sorted(sources), instant)

    items, disabled, rows = await snapshot(read)
    after, before = Rules(rows, instant), Rules(undone(rows, changes), instant)
    altered = {(change.scope, change.setting) for change in changes}
    found: list[Advice] = []
    for index, change in enumerate(asked):
        scope = change.scope
        settings = {key: value for key, value in change.settings.items() if (scope, key) in altered}
        path = ("input", "changes", str(index))
        of_scope = ScopeChange(scope, settings, _pools(items, scope), scope.source in disabled, path)
        found += advise(of_scope, before, after)
        if index % YIELD_EVERY == YIELD_EVERY - 1:
            await asyncio.sleep(0)
    return found


def _pools(items: Items, scope: Scope) -> tuple[Pool, ...]:
    by_stock = items.get(scope.sku or "", {})
    return tuple(Pool(stock, tuple(of_stock)) for stock, of_stock in by_stock.items() if _reaches(scope, of_stock))


def _reaches(scope: Scope, items: Sequence[StockedItem]) -> bool:
    return scope.source is None or any(item.source == scope.source for item in items)
