"""The locks of selling: whoever moves reservations, lines or goods of a SKU in a stock holds its balance first."""

from collections.abc import Iterable

from models.database import Client
from models.sql import fetch

Key = tuple[str, str]
"""A SKU and a stock."""

_MAKE = """
INSERT INTO balance (sku, stock, quantity) SELECT r.sku, r.stock, 0 FROM rows($1, sku text, stock text)
JOIN product p ON p.sku = r.sku WHERE TRUE ORDER BY r.sku, r.stock ON CONFLICT (sku, stock) DO NOTHING
"""
_LOCK = """
SELECT b.id FROM balance b JOIN rows($1, sku text, stock text) ON b.sku = r.sku AND b.stock = r.stock
ORDER BY b.sku, b.stock FOR NO KEY UPDATE OF b
"""


async def lock_balances(client: Client, keys: Iterable[Key]) -> None:
    """Hold the balances of these SKUs in these stocks until the transaction ends, made where they were not; two statements.

    Everybody takes all that they need at once, by SKU and stock: no two wait for each other in a circle.
    """
    records = [{"sku": sku, "stock": stock} for sku, stock in sorted(set(keys))]
    if records:
        await fetch(client, _MAKE, records)
        await fetch(client, _LOCK, records)
