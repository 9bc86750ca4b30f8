"""Where to ship from, by source priority: a proposal, nothing is held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.database import Client, snapshot
from models.sql import fetch
from resolvers.errors import RequestError
from resolvers.keys import PRODUCT, keys_of
from resolvers.orders.orders import order_by_number
from resolvers.orders.place_order import MOST_LINES
from resolvers.queue import managed_skus
from resolvers.sales_channels import channel_by_code
from rules.allocation import take
from rules.quantity import ZERO, from_units
from rules.validation import is_code

_ITEMS = """
SELECT i.product_id AS sku, i.source_id AS source, i.quantity FROM source_item i
JOIN source s ON s.code = i.source_id AND s.enabled
JOIN stock_source l ON l.source_id = i.source_id AND l.stock_id = $1
WHERE i.product_id = ANY($2) ORDER BY i.product_id, l.priority, i.source_id
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to take where (SKU, source, quantity), and whether that is all that is needed; false where nothing is."""

    is_shippable: bool
    items: list[tuple[str, str, Decimal]]


async def source_selection(
    order_number: str | None, lines: Sequence[tuple[str, Decimal]] | None, sales_channel: str | None
) -> Selection:
    """Select for an order's shippable part, or for the lines of a cart; BAD_USER_INPUT unless exactly one is given.

    Goods whose stock is not managed leave from no source.
    """
    if (order_number is None) is (lines is None):
        raise RequestError("BAD_USER_INPUT", "Give exactly one of orderNumber and lines.")
    if lines is None:
        order = await order_by_number(order_number or "")
        if order is None:
            raise RequestError("BAD_USER_INPUT", "There is no order of this number.")
        may_ship = {line.sku: line.coverage.shippable for line in order.lines}
        return await snapshot(lambda client: _select(client, order.stock, may_ship))
    if len(lines) > MOST_LINES:
        raise RequestError("TOO_MANY", f"A cart has at most {MOST_LINES:,} lines.")
    if any(quantity <= 0 for _, quantity in lines):
        raise RequestError("BAD_USER_INPUT", "A quantity must be above 0.")
    channel = await channel_by_code(sales_channel)
    needed: dict[str, Decimal] = {}
    keys = await keys_of(PRODUCT, [sku for sku, _ in lines])
    for sku, quantity in [(keys.of(sku), quantity) for sku, quantity in lines]:
        needed[sku] = needed.get(sku, ZERO) + quantity
    return await snapshot(lambda client: _select(client, channel.stock, needed))


async def _select(client: Client, stock: str, needed: Mapping[str, Decimal]) -> Selection:
    skus = sorted(sku for sku in needed if is_code(sku))
    offered: dict[str, list[tuple[str, Decimal]]] = {}
    for row in await fetch(client, _ITEMS, stock, skus):
        offered.setdefault(row["sku"], []).append((row["source"], from_units(row["quantity"])))
    known = {row["sku"] for row in await fetch(client, "SELECT sku FROM product WHERE sku = ANY($1)", skus)}
    managed = await managed_skus(client, known)
    items, is_shippable = [], any(quantity > 0 for quantity in needed.values())
    for sku, quantity in needed.items():
        if sku in known and sku not in managed:
            continue
        taken = list(take(quantity, offered.get(sku, ())))
        items += [(sku, source, part) for source, part in taken]
        is_shippable = is_shippable and sum((part for _, part in taken), ZERO) == quantity
    return Selection(is_shippable, items)
