"""Products as a sales channel sees them: goods from one statement, rules from another, the rest is the calculator's."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from models.database import Client, reader
from models.sql import fetch
from resolvers.errors import RequestError
from resolvers.keys import PRODUCT, keys_of, look_alikes
from resolvers.rules_in_force import rules_by_scope
from resolvers.sales_channels import Channel, channel_by_code
from rules.calculator import Availability, availability
from rules.key import with_hint
from rules.position import Position, StockedItem, config_of
from rules.quantity import ZERO, from_units
from rules.salability import Salability, SalabilityErrorCode, cart_salability
from rules.validation import is_code

MOST_SKUS = 500
MOST_LINES = 1_000
YIELD_EVERY = 100
"""Products between two turns of the event loop."""

# Items and reservations come from one statement, so that no shipment is seen by half.
GOODS = """
SELECT p.sku, p.name, b.quantity AS reserved, i.source_id AS source, s.name AS source_name, s.enabled,
       i.quantity, i.in_stock, l.priority
FROM product p
LEFT JOIN balance b ON b.sku = p.sku AND b.stock = $1
LEFT JOIN source_item i ON i.product_id = p.sku {items}
LEFT JOIN source s ON s.code = i.source_id
LEFT JOIN stock_source l ON l.source_id = i.source_id AND l.stock_id = $1
WHERE {products}
ORDER BY p.sku, l.priority, i.source_id
"""
ONLY_LINKED = "AND i.source_id IN (SELECT source_id FROM stock_source WHERE stock_id = $1)"


@dataclass(frozen=True, slots=True)
class Source:
    """A place that holds goods."""

    code: str
    name: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One SKU at one source."""

    source: Source
    sku: str
    quantity: Decimal
    is_in_stock: bool


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product as one sales channel sees it; source_items holds its items at all sources where they were asked for."""

    sku: str
    name: str
    sales_channel: str
    source_items: tuple[SourceItem, ...]
    availability: Availability


async def products_by_sku(
    skus: Sequence[str], sales_channel: str | None, *, all_items: bool, as_of: datetime | None = None
) -> list[ProductView | None]:
    """The products of these SKUs in the order asked, None where there is none; TOO_MANY above 500.

    as_of asks for the rules of that instant, with today's quantities. Three statements, whatever the number of SKUs, and
    one more where a SKU is not as a new one must be.
    """
    if len(skus) > MOST_SKUS:
        raise RequestError("TOO_MANY", f"At most {MOST_SKUS} SKUs can be asked for at once.")
    channel = await channel_by_code(sales_channel)
    keys = await keys_of(PRODUCT, skus)
    asked = [keys.of(sku) for sku in skus]
    found = await views_of_skus(reader(), asked, channel, as_of or datetime.now(UTC), all_items=all_items)
    return [found.get(sku) for sku in asked]


async def salability_of(lines: Sequence[tuple[str, Decimal]], sales_channel: str | None) -> list[Salability]:
    """Judge a cart as a whole, one answer a line; TOO_MANY above 500 SKUs or 1,000 lines."""
    skus = {sku for sku, _ in lines}
    if len(skus) > MOST_SKUS or len(lines) > MOST_LINES:
        raise RequestError("TOO_MANY", f"A cart has at most {MOST_SKUS} SKUs and {MOST_LINES:,} lines.")
    channel = await channel_by_code(sales_channel)
    keys = await keys_of(PRODUCT, skus)
    lines = [(keys.of(sku), quantity) for sku, quantity in lines]
    skus = {sku for sku, _ in lines}
    found = {
        sku: view.availability
        for sku, view in (await views_of_skus(reader(), skus, channel, datetime.now(UTC), all_items=False)).items()
    }
    return await with_hints(reader(), cart_salability([(sku, found.get(sku), quantity) for sku, quantity in lines]))


async def with_hints(client: Client, answers: list[Salability]) -> list[Salability]:
    """These answers, and where there is no such product, which one there is that only looks like it; one statement then."""
    unknown = [each.sku for each in answers if any(e.code is SalabilityErrorCode.UNKNOWN_PRODUCT for e in each.errors)]
    alike = await look_alikes(client, PRODUCT, unknown)
    return [
        replace(each, errors=tuple(replace(e, message=with_hint(e.message, alike[each.sku])) for e in each.errors))
        if each.sku in alike
        else each
        for each in answers
    ]


async def views_of_skus(
    client: Client, skus: Iterable[str], channel: Channel, instant: datetime, *, all_items: bool
) -> dict[str, ProductView]:
    """The products of these SKUs as the connection sees them, by SKU; two statements."""
    known = sorted({sku for sku in skus if is_code(sku)})
    sql = goods_sql("p.sku = ANY($2)", all_items=all_items)
    rows = await fetch(client, sql, channel.stock, known) if known else []
    return {view.sku: view async for view in views(client, rows, channel, instant, all_items=all_items)}


def goods_sql(products: str, *, all_items: bool) -> str:
    """The statement for the goods of the products that a condition names; $1 is the stock."""
    return GOODS.format(items="" if all_items else ONLY_LINKED, products=products)


async def views(
    client: Client, rows: Sequence[dict[str, Any]], channel: Channel, instant: datetime, *, all_items: bool
) -> AsyncIterator[ProductView]:
    """The views of the products in these rows, in their order; the event loop gets its turn all along."""
    if not rows:
        return
    linked = {row["source"] for row in rows if row["priority"] is not None}
    rules = await rules_by_scope(client, {row["sku"] for row in rows}, linked, instant)
    for number, (sku, group) in enumerate(groupby(rows, key=itemgetter("sku")), start=1):
        of_product = list(group)
        position = position_of(of_product)
        yield ProductView(
            sku,
            of_product[0]["name"],
            channel.code,
            tuple([source_item_of(row) for row in of_product if row["source"] is not None]) if all_items else (),
            availability(position, config_of(rules, sku, position)),
        )
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)


def position_of(rows: Sequence[dict[str, Any]]) -> Position:
    """The goods of one product in one stock, of its rows with source, quantity, in_stock, enabled, priority, reserved."""
    return Position(
        tuple(
            [
                StockedItem(row["source"], from_units(row["quantity"]), bool(row["in_stock"]), bool(row["enabled"]))
                for row in rows
                if row["priority"] is not None
            ]
        ),
        from_units(rows[0]["reserved"] or 0) if rows else ZERO,
    )


def source_item_of(row: dict[str, Any]) -> SourceItem:
    """The value of a row with the columns source, source_name, enabled, sku, quantity and in_stock."""
    source = Source(row["source"], row["source_name"], bool(row["enabled"]))
    return SourceItem(source, row["sku"], from_units(row["quantity"]), bool(row["in_stock"]))
