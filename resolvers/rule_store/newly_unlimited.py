"""Which products a change of rules makes unlimited: looked for in the whole catalogue, in batches and on one state of it.

Only what can have become unlimited is read: products with an item that counts at a source which is unlimited after the
change, and products with rules of their own.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from models.database import Client, long_snapshot, snapshot
from models.sql import fetch
from resolvers.reach import reached
from resolvers.rules_in_force import rows_by_scope
from rules.change import RuleChange, RulesChange, applied, undone
from rules.scope import Scope
from rules.unlimited import KEYS, Cause, NewlyUnlimited, is_unlimited
from rules.validation import Advice, Path
from rules.walk import Rules

BATCH = 1_000
YIELD_EVERY = 200

_SOURCES = """
SELECT s.code FROM source s
WHERE s.enabled AND EXISTS (
    SELECT 1 FROM stock_source l JOIN sales_channel c ON c.stock_id = l.stock_id WHERE l.source_id = s.code
)
"""
_CANDIDATES = f"""
SELECT p.sku FROM product p
WHERE {{condition}} AND p.sku > $3 AND (
    p.sku = ANY($1)
    OR EXISTS (SELECT 1 FROM source_item i WHERE i.product_id = p.sku AND i.in_stock AND i.source_id = ANY($4))
    OR EXISTS (
        SELECT 1 FROM scope_rule o
        WHERE o.sku = p.sku AND o.setting IN ({", ".join(f"'{key.value}'" for key in KEYS)})
    )
)
ORDER BY p.sku LIMIT {BATCH:d}
"""
_ITEMS_THAT_COUNT = """
SELECT i.product_id AS sku, l.stock_id AS stock, i.source_id AS source
FROM source_item i
JOIN source s ON s.code = i.source_id
JOIN stock_source l ON l.source_id = i.source_id
WHERE i.product_id = ANY($1) AND i.in_stock AND s.enabled AND l.stock_id IN (SELECT stock_id FROM sales_channel)
ORDER BY i.product_id, l.stock_id, l.priority, i.source_id
"""


async def unlimited_advice(
    changes: Sequence[RuleChange], path_of: Callable[[Cause], Path], *, is_made: bool
) -> list[Advice]:
    """A warning about the products that these changes make unlimited, for each instant at which some begin to hold.

    is_made says whether the changes stand in the rule store already.
    """
    now = datetime.now(UTC)
    found = []
    for instant, beginning in sorted(_by_start(changes, now).items()):
        unlimited = await _newly_unlimited(changes, beginning, instant, is_made=is_made)
        if unlimited.cause is not None:
            found.append(unlimited.advice(path_of(unlimited.cause), instant if instant > now else None))
    return found


async def newly_unlimited(changes: Sequence[RuleChange], *, is_made: bool) -> NewlyUnlimited:
    """The products that changes without windows make unlimited now."""
    return await _newly_unlimited(changes, changes, datetime.now(UTC), is_made=is_made)


def path_in_call(asked: Sequence[RulesChange], cause: Cause) -> Path:
    """The path of the setting, in the input of a call, whose change is the cause."""
    scope, setting = cause
    for index, change in enumerate(asked):
        if change.scope == scope and setting in change.settings:
            return ("input", "changes", str(index), "settings", setting.value)
    return ("input", "changes")


async def _newly_unlimited(
    changes: Sequence[RuleChange], beginning: Sequence[RuleChange], instant: datetime, *, is_made: bool
) -> NewlyUnlimited:
    """The products, reached by the changes that begin to hold at an instant, that all changes make unlimited then."""
    scopes = {change.scope for change in beginning if change.setting in KEYS}
    found = NewlyUnlimited()
    if not scopes:
        return found
    around = _Around([change for change in changes if change.setting in KEYS], instant, is_made=is_made)

    async def look(client: Client) -> None:
        sources = [row["code"] for row in await fetch(client, _SOURCES)]
        _, after = await around.rules(client, (), sources)
        open_ended = [source for source in sources if is_unlimited(after, None, [source])]
        async for keys in _candidates(client, scopes, open_ended):
            rows = await fetch(client, _ITEMS_THAT_COUNT, keys)
            await _add(found, rows, *await around.rules(client, keys, sources))

    is_short = len(scopes) <= BATCH and all(scope.sku for scope in scopes)
    await (snapshot if is_short else long_snapshot)(look)
    return found


async def _candidates(client: Client, scopes: Collection[Scope], open_ended: Sequence[str]) -> AsyncIterator[list[str]]:
    """The SKUs that can have become unlimited, in batches; open_ended are the sources that make any product so."""
    condition, skus, named = reached(scopes)
    if all(scope.sku for scope in scopes):
        for start in range(0, len(skus), BATCH):
            yield skus[start : start + BATCH]
        return
    sql, last = _CANDIDATES.format(condition=condition), ""
    while keys := [row["sku"] for row in await fetch(client, sql, skus, named, last, open_ended)]:
        yield keys
        last = keys[-1]


async def _add(found: NewlyUnlimited, rows: Sequence[Mapping[str, Any]], before: Rules, after: Rules) -> None:
    for number, ((sku, _), group) in enumerate(groupby(rows, key=itemgetter("sku", "stock")), start=1):
        counting = [row["source"] for row in group]
        if is_unlimited(after, sku, counting) and not is_unlimited(before, sku, counting):
            found.add(sku, before, after, counting)
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)


def _by_start(changes: Iterable[RuleChange], now: datetime) -> dict[datetime, list[RuleChange]]:
    """Changes by the later of now and the start of their window."""
    found: dict[datetime, list[RuleChange]] = defaultdict(list)
    for change in changes:
        found[max(now, change.window.start or now)].append(change)
    return found


class _Around:
    """The rules around some changes, for a batch of products at a time."""

    def __init__(self, changes: Iterable[RuleChange], instant: datetime, *, is_made: bool) -> None:
        self._of_product: dict[str | None, list[RuleChange]] = defaultdict(list)
        for change in changes:
            self._of_product[change.scope.sku].append(change)
        self._instant = instant
        self._is_made = is_made

    async def rules(self, client: Client, skus: Iterable[str], sources: Iterable[str]) -> tuple[Rules, Rules]:
        """The rules in force before and after the changes, for these products and for all of them."""
        rows = await rows_by_scope(client, skus, sources, self._instant)
        here = [change for sku in (None, *skus) for change in self._of_product.get(sku, ())]
        before, after = (undone(rows, here), rows) if self._is_made else (rows, applied(rows, here))
        return Rules(before, self._instant), Rules(after, self._instant)
