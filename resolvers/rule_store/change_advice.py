"""The warnings about a change of rules: it gathers the rules around the change and the sources that it reaches."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from models.database import Client, snapshot
from models.sql import fetch
from resolvers.rules_in_force import rows_from
from rules.advice import Pool, ScopeChange, advise
from rules.change import RuleChange, RulesChange, Window, applied, undone
from rules.position import StockedItem
from rules.quantity import from_units
from rules.scope import Scope
from rules.setting import SettingKey
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


async def advice_of(asked: Sequence[RulesChange], changes: Sequence[RuleChange], window: Window) -> list[Advice]:
    """Every warning about these changes, which have been made, in the order of the call; four statements."""
    made = [change for change in changes if change.window == window]

    def around(rows: list[ScopeRule]) -> tuple[list[ScopeRule], list[ScopeRule]]:
        return undone(rows, changes), rows

    return await _advice(asked, made, window, around)


async def advice_of_preview(
    asked: Sequence[RulesChange], changes: Sequence[RuleChange], window: Window
) -> list[Advice]:
    """Every warning about these changes, which have not been made."""

    def around(rows: list[ScopeRule]) -> tuple[list[ScopeRule], list[ScopeRule]]:
        return rows, applied(rows, changes)

    return await _advice(asked, changes, window, around)


async def _advice(
    asked: Sequence[RulesChange],
    changes: Sequence[RuleChange],
    window: Window,
    around: Callable[[list[ScopeRule]], tuple[list[ScopeRule], list[ScopeRule]]],
) -> list[Advice]:
    instant = max(datetime.now(UTC), window.start or datetime.min.replace(tzinfo=UTC))
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
        return items, disabled, await rows_from(client, skus, sorted(sources), instant)

    items, disabled, rows = await snapshot(read)
    rows_before, rows_after = around(rows)
    before, after = Rules(rows_before, instant), Rules(rows_after, instant)
    schedules: dict[tuple[Scope, SettingKey], list[ScopeRule]] = defaultdict(list)
    for row in rows_after:
        schedules[row.scope, row.setting].append(row)
    altered = {(change.scope, change.setting) for change in changes}
    found: list[Advice] = []
    for index, change in enumerate(asked):
        scope = change.scope
        settings = {key: value for key, value in change.settings.items() if (scope, key) in altered}
        path = ("input", "changes", str(index))
        of_scope = ScopeChange(
            scope=scope,
            settings=settings,
            window=window,
            pools=_pools(items, scope),
            schedules={key: schedules[scope, key] for key in settings},
            is_source_disabled=scope.source in disabled,
            path=path,
        )
        found += advise(of_scope, before, after)
        if index % YIELD_EVERY == YIELD_EVERY - 1:
            await asyncio.sleep(0)
    return found


def _pools(items: Items, scope: Scope) -> tuple[Pool, ...]:
    by_stock = items.get(scope.sku or "", {})
    return tuple(Pool(stock, tuple(of_stock)) for stock, of_stock in by_stock.items())
