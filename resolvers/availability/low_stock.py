"""Source items at or below their notify quantity, at zero and below too."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from models.database import reader
from models.sql import fetch
from resolvers.goods import YIELD_EVERY
from resolvers.keys import PRODUCT, SOURCE, key_of
from resolvers.pages import Page, Scanned, Scans, page_request, scanned_page
from resolvers.rules_in_force import rules_by_scope
from rules.calculator import is_low
from rules.quantity import from_units
from rules.scope import scope_of
from rules.setting import CATALOGUE, SettingKey
from rules.validation import is_code
from rules.walk import EffectiveSetting, Rules

SCAN_BATCH = 500
SCAN_BUDGET = 5_000
"""Source items that one page may look at; a short page with a next one is right."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LowStockItem:
    """A source item at or below its notify quantity, with the walk that gave it."""

    sku: str
    source: str
    quantity: Decimal
    notify_for_quantity_below: EffectiveSetting


async def low_stock_page(
    source: str | None, sku: str | None, first: int | None, after: str | None, scans: Scans | None = None
) -> Page[LowStockItem]:
    """One page of the low items, by SKU and source; disabled sources and products that are not managed are left out."""
    request = page_request(first, after, (str, str))
    source, sku = await key_of(SOURCE, source), await key_of(PRODUCT, sku)
    start: Key = (str(request.after[0]), str(request.after[1])) if request.after else ("", "")

    async def count() -> int:
        return sum([len(batch.passed) async for batch in _batches(source, sku, ("", ""))])

    return await scanned_page(
        _batches(source, sku, start),
        request,
        lambda item: (item.sku, item.source),
        count,
        SCAN_BATCH,
        SCAN_BUDGET,
        scans or Scans(),
    )


async def _batches(source: str | None, sku: str | None, start: Key) -> AsyncIterator[Scanned[LowStockItem]]:
    conditions, parameters = ["s.enabled"], list[Any]()
    for column, value in (("i.source_id", source), ("i.product_id", sku)):
        if value is not None:
            parameters.append(value if is_code(value) else "")
            conditions.append(f"{column} = ${len(parameters)}")
    place = len(parameters)
    sql = (
        "SELECT i.product_id AS sku, i.source_id AS source, i.quantity FROM source_item i"
        f" JOIN source s ON s.code = i.source_id WHERE {' AND '.join(conditions)}"
        f" AND (i.product_id, i.source_id) > (${place + 1}, ${place + 2})"
        f" ORDER BY i.product_id, i.source_id LIMIT {SCAN_BATCH:d}"
    )
    while rows := await fetch(reader(), sql, *parameters, *start):
        skus, sources = {row["sku"] for row in rows}, {row["source"] for row in rows}
        rules = await rules_by_scope(reader(), skus, sources, datetime.now(UTC))
        low = []
        for number, row in enumerate(rows, start=1):
            if (item := _low(rules, row)) is not None:
                low.append(item)
            if number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        start = rows[-1]["sku"], rows[-1]["source"]
        yield Scanned(low, len(rows), start)


def _low(rules: Rules, row: dict[str, Any]) -> LowStockItem | None:
    if rules.walk(CATALOGUE[SettingKey.MANAGE_STOCK], scope_of(None, row["sku"])).value is not True:
        return None
    notify = rules.walk(CATALOGUE[SettingKey.NOTIFY_FOR_QUANTITY_BELOW], scope_of(row["source"], row["sku"]))
    quantity = from_units(row["quantity"])
    return LowStockItem(row["sku"], row["source"], quantity, notify) if is_low(quantity, notify) else None
