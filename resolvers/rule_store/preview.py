"""What a change of rules would do to the whole catalogue, by the calculator that serves the storefront."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from models.database import Client, reader, snapshot
from models.deadline import at_length
from models.sql import fetch
from resolvers.errors import refuse_if
from resolvers.goods import GOODS_OF_ALL_STOCKS, YIELD_EVERY, position_of
from resolvers.reach import products_reached
from resolvers.rule_store.change_advice import advice_of_preview
from resolvers.rule_store.change_log import rows_of_scopes
from resolvers.rule_store.held_by_rules import advice_on_rules, path_of_switch
from resolvers.rule_store.newly_unlimited import path_in_call
from resolvers.rule_store.rules_request import (
    RulesRequest,
    newer_errors,
    overlap_errors,
    revision_errors,
    stored_changes,
    unknown_scope_errors,
    unlawful,
)
from resolvers.rules_in_force import current_revision, rows_by_scope
from rules.calculator import availability
from rules.change import RuleChange, applied, difference
from rules.impact import Impact, ProductImpact, ProductState
from rules.position import config_of
from rules.scope import Scope
from rules.unlimited import NewlyUnlimited
from rules.validation import Advice
from rules.walk import Rules

BATCH = 500

_CHANNELS = "SELECT code, stock_id FROM sales_channel ORDER BY code"


@dataclass(frozen=True, slots=True)
class RulesPreview:
    """What a change would do, and the revision that it was computed on."""

    revision: int
    impact: Impact = field(default_factory=Impact)
    advice: list[Advice] = field(default_factory=list)


@at_length
async def preview_scope_rules(request: RulesRequest) -> RulesPreview:
    """Compute states before and after at the later of now and the start of the change, with today's quantities.

    Refused as the change itself would be.
    """
    now = datetime.now(UTC)
    request = replace(request, changes=await stored_changes(request.changes))
    refuse_if(unlawful(request, now))

    async def read(client: Client) -> tuple[int, list[RuleChange]]:
        revision = await current_revision(client)
        refuse_if(await unknown_scope_errors(client, request))
        found = await rows_of_scopes(client, request.scopes)
        refuse_if(newer_errors(request.places, found.newer))
        changes = difference(request.changes, request.window, found.rows)
        if changes:
            refuse_if(await revision_errors(client, request, revision))
            refuse_if(overlap_errors(changes, applied(found.rows, changes), ("input", "active_from")))
        return revision, changes

    revision, changes = await snapshot(read)
    if not changes:
        return RulesPreview(revision)
    impact = await impact_of(changes, max(now, request.window.start or now))
    advice = await advice_of_preview(request.changes, changes, request.window)
    advice += await advice_on_rules(changes, path_of_switch(request.changes), is_made=False)
    if (unlimited := impact.unlimited).cause is not None:
        start = request.window.start if request.window.start and request.window.start > now else None
        advice.insert(0, unlimited.advice(path_in_call(request.changes, unlimited.cause), start))
    return RulesPreview(revision, impact, advice)


async def impact_of(
    changes: Sequence[RuleChange], instant: datetime, on_progress: Callable[[int], None] = lambda _: None
) -> Impact:
    """What these changes would do to every product that they can reach, with the rules of an instant.

    Batches of 500: memory does not grow with the catalogue, no lock is held, and the event loop gets its turn all along.
    on_progress hears the number of products of every batch.
    """
    impact = Impact()
    stocks: dict[str, list[str]] = {}
    for row in await fetch(reader(), _CHANNELS):
        stocks.setdefault(row["stock_id"], []).append(row["code"])
    async for batch in _batches([change.scope for change in changes]):
        async for each in _impacts(batch, changes, stocks, instant, impact.unlimited):
            impact.add(each)
        on_progress(len({row["sku"] for row in batch}))
    return impact


async def _batches(scopes: Sequence[Scope]) -> AsyncIterator[list[dict[str, Any]]]:
    last = ""
    while keys := await products_reached(reader(), scopes, last, BATCH):
        yield await fetch(reader(), GOODS_OF_ALL_STOCKS, keys)
        if len(keys) < BATCH:
            return
        last = keys[-1]


async def _impacts(
    rows: Sequence[dict[str, Any]],
    changes: Sequence[RuleChange],
    stocks: dict[str, list[str]],
    instant: datetime,
    unlimited: NewlyUnlimited,
) -> AsyncIterator[ProductImpact]:
    skus = {row["sku"] for row in rows}
    standing = await rows_by_scope(reader(), skus, {row["source"] for row in rows if row["stock"]}, instant)
    here = [change for change in changes if change.scope.sku is None or change.scope.sku in skus]
    before, after = Rules(standing, instant), Rules(applied(standing, here), instant)
    for number, (sku, of_product) in enumerate(groupby(rows, key=itemgetter("sku")), start=1):
        by_stock = {stock: list(group) for stock, group in groupby(of_product, key=itemgetter("stock"))}
        for stock, channels in stocks.items():
            position = position_of(by_stock.get(stock, ()))
            states = [
                ProductState.of(availability(position, config_of(rules, sku, position))) for rules in (before, after)
            ]
            for channel in channels:
                impact = ProductImpact(sku, channel, *states)
                if impact.becomes_unlimited:
                    unlimited.add(sku, before, after, [item.source for item in position.items if item.counts])
                yield impact
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)
