"""Goods that leave sources and come back to them, under the lock of their items."""

from collections.abc import Sequence
from decimal import Decimal

from models.database import Client
from models.sql import fetch
from resolvers.covered_lines import CoverChange, freeing
from resolvers.errors import refuse_if
from resolvers.keys import PRODUCT, SOURCE, look_alikes
from resolvers.orders.order_lock import LineChange
from resolvers.queue import queues_of
from rules.key import no_such, no_such_item, visible
from rules.quantity import ZERO, from_units, is_quantity, show, to_units
from rules.validation import Path, UserError, is_code

_LOCK_ITEMS = """
SELECT i.id, i.product_id AS sku, i.source_id AS source, i.quantity FROM source_item i
JOIN rows($1, sku text, source text) ON i.product_id = r.sku AND i.source_id = r.source
ORDER BY i.product_id, i.source_id FOR NO KEY UPDATE OF i
"""
_MOVE_ITEMS = """
UPDATE source_item SET quantity = source_item.quantity + r.quantity FROM rows($1, sku text, source text, quantity bigint)
WHERE source_item.product_id = r.sku AND source_item.source_id = r.source
"""
_SOURCES = """
SELECT s.code, s.enabled AND EXISTS (SELECT 1 FROM stock_source l WHERE l.source_id = s.code AND l.stock_id = $2)
    AS is_eligible FROM source s WHERE s.code = ANY($1)
"""


def items_of(lines: Sequence[LineChange]) -> set[tuple[str, str]]:
    """The items (SKU, source) that these lines name, as far as their codes are lawful."""
    return {(line.sku, line.source) for line in lines if is_code(line.sku) and line.source and is_code(line.source)}


async def raise_items(client: Client, lines: Sequence[tuple[Path, LineChange]], field: str) -> CoverChange:
    """Raise source items that are there; UNKNOWN_SOURCE, UNKNOWN_SOURCE_ITEM; returns what it covers otherwise.

    A line of 0 moves nothing, but its item must be there. The balances of the queues of these items are held.
    """
    errors: list[UserError] = []
    asked = [{"sku": sku, "source": source} for sku, source in sorted(items_of([line for _, line in lines]))]
    sources = sorted({line.source for _, line in lines if line.source and is_code(line.source)})
    known = {row["code"] for row in await fetch(client, "SELECT code FROM source WHERE code = ANY($1)", sources)}
    rows = await fetch(client, _LOCK_ITEMS, asked) if asked else []
    items = {(row["sku"], row["source"]): from_units(row["quantity"]) for row in rows}
    alike = await look_alikes(client, SOURCE, [source for source in sources if source not in known])
    lacking = {line.sku for _, line in lines if line.source in known and (line.sku, line.source) not in items}
    products = await look_alikes(client, PRODUCT, sorted(lacking))
    for path, line in lines:
        if line.source not in known:
            message = no_such("source", line.source or "", alike.get(line.source or ""))
            errors.append(UserError("UNKNOWN_SOURCE", message, (*path, field)))
        elif (line.sku, line.source) not in items:
            message = no_such_item(line.sku, line.source or "", products.get(line.sku))
            errors.append(UserError("UNKNOWN_SOURCE_ITEM", message, (*path, "sku")))
        else:
            items[line.sku, line.source] += line.quantity
            if not is_quantity(items[line.sku, line.source]):
                message = "A quantity on hand stays below 100,000,000,000."
                errors.append(UserError("INVALID_QUANTITY", message, (*path, "quantity")))
    refuse_if(errors)
    moved = [line for _, line in lines if line.quantity > 0]
    async with freeing(client, await queues_of(client, items_of(moved))) as cover:
        await _move_items(client, moved, 1)
    return cover


async def source_errors(client: Client, stock: str, lines: Sequence[LineChange], managed: set[str]) -> list[UserError]:
    """SOURCE_REQUIRED, UNKNOWN_SOURCE and SOURCE_NOT_ELIGIBLE for lines that are to leave."""
    named = sorted({line.source for line in lines if line.source and is_code(line.source)})
    rows = await fetch(client, _SOURCES, named, stock)
    eligible = {row["code"]: bool(row["is_eligible"]) for row in rows}
    alike = await look_alikes(client, SOURCE, [source for source in named if source not in eligible])
    errors = []
    for index, line in enumerate(lines):
        path = ("lines", str(index), "source")
        if line.source is None:
            if line.sku in managed:
                errors.append(UserError("SOURCE_REQUIRED", f"Say which source {visible(line.sku)} leaves.", path))
        elif line.source not in eligible:
            message = no_such("source", line.source, alike.get(line.source))
            errors.append(UserError("UNKNOWN_SOURCE", message, path))
        elif not eligible[line.source]:
            message = f"Source {visible(line.source)} is disabled, or not one of the order's stock {visible(stock)}."
            errors.append(UserError("SOURCE_NOT_ELIGIBLE", message, path))
    return errors


async def lower_items(client: Client, leaving: Sequence[LineChange], lines: Sequence[LineChange]) -> list[UserError]:
    """Lower the items that lines leave; NOT_ENOUGH_AT_SOURCE, and nothing lowered, where one would fall below 0."""
    asked: dict[tuple[str, str], Decimal] = {}
    for line in leaving:
        place = line.sku, line.source or ""
        asked[place] = asked.get(place, ZERO) + line.quantity
    records = [{"sku": sku, "source": source} for sku, source in sorted(asked)]
    rows = await fetch(client, _LOCK_ITEMS, records) if records else []
    on_hand = {(row["sku"], row["source"]): from_units(row["quantity"]) for row in rows}
    short = {place for place, quantity in asked.items() if quantity > on_hand.get(place, ZERO)}
    if short:
        return [
            UserError(
                "NOT_ENOUGH_AT_SOURCE",
                f"Only {show(max(on_hand.get((line.sku, line.source or ''), ZERO), ZERO))} of {visible(line.sku)} lie at"
                f" {visible(line.source or '')}.",
                ("lines", str(index), "quantity"),
            )
            for index, line in enumerate(lines)
            if (line.sku, line.source or "") in short
        ]
    await _move_items(client, leaving, -1)
    return []


async def _move_items(client: Client, lines: Sequence[LineChange], sign: int) -> None:
    moved: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        place = line.sku, line.source or ""
        moved[place] = moved.get(place, ZERO) + line.quantity
    records = [
        {"sku": sku, "source": source, "quantity": sign * to_units(quantity)}
        for (sku, source), quantity in moved.items()
    ]
    if records:
        await fetch(client, _MOVE_ITEMS, records)
