"""Goods: the items of products at sources, and how the rows of a stock become what the calculator is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rules.position import Position, StockedItem
from rules.quantity import ZERO, from_units

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
GOODS_OF_ALL_STOCKS = """
SELECT p.sku, i.source_id AS source, s.enabled, i.quantity, i.in_stock, l.stock_id AS stock, l.priority,
       b.quantity AS reserved
FROM product p
LEFT JOIN source_item i ON i.product_id = p.sku
LEFT JOIN source s ON s.code = i.source_id
LEFT JOIN stock_source l ON l.source_id = i.source_id
LEFT JOIN balance b ON b.sku = p.sku AND b.stock = l.stock_id
WHERE p.sku = ANY($1)
ORDER BY p.sku, l.stock_id, l.priority, i.source_id
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


def goods_sql(products: str, *, all_items: bool) -> str:
    """The statement for the goods of the products that a condition names; $1 is the stock."""
    return GOODS.format(items="" if all_items else ONLY_LINKED, products=products)


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
