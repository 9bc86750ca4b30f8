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
from resolvers.goods import YIELD_EVERY, SourceItem, goods_sql, position_of, source_item_of
from resolvers.keys import PRODUCT, keys_of, look_alikes
from resolvers.rules_in_force import rules_by_scope
from resolvers.sales_channels import Channel, channel_by_code
from rules.calculator import Availability, availability
from rules.key import with_hint
from rules.position import config_of
from rules.salability import Salability, SalabilityErrorCode, cart_salability
from rules.validation import is_code

MOST_SKUS = 500
MOST_LINES = 1_000


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
