"""Writing products."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.database import Client, transaction
from models.product import searchable
from models.sql import fetch
from resolvers.errors import refuse_if
from resolvers.keys import PRODUCT, keys_of, look_alike_advice
from resolvers.upserts import row_errors
from rules.key import folded
from rules.validation import Advice, text_errors

_ROWS = "rows($1, sku text, name text, search text, folded text)"
_INSERT = f"""
INSERT INTO product (sku, name, search, folded) SELECT r.sku, COALESCE(r.name, r.sku), r.search, r.folded FROM {_ROWS}
WHERE TRUE ORDER BY r.sku ON CONFLICT (sku) DO NOTHING RETURNING sku
"""
_LOCK = "SELECT sku FROM product WHERE sku = ANY($1) ORDER BY sku FOR NO KEY UPDATE"
_UPDATE = f"""
UPDATE product SET name = r.name, search = r.search FROM {_ROWS} WHERE product.sku = r.sku AND product.name <> r.name
"""


@dataclass(frozen=True, slots=True)
class ProductRow:
    """What to write of one product; a name of None stays as it is."""

    sku: str
    name: str | None = None


async def upsert_products(rows: Sequence[ProductRow]) -> tuple[int, list[Advice]]:
    """Write these products, all or none, and return how many rows were given; Refused for unlawful rows.

    LOOKS_LIKE is advised for each new product whose SKU differs from another one only by case or spaces.
    """
    keys = await keys_of(PRODUCT, [row.sku for row in rows])
    rows = [replace(row, sku=keys.of(row.sku)) for row in rows]
    errors = list(row_errors("products", [row.sku for row in rows]))
    for index, row in enumerate(rows):
        errors += keys.errors(row.sku, ("products", str(index), "sku"))
        errors += text_errors(row.name, ("products", str(index), "name"))
    refuse_if(errors)

    async def write(client: Client) -> list[Advice]:
        made = await write_products(client, rows)
        paths = {row.sku: ("products", str(index), "sku") for index, row in enumerate(rows) if row.sku in made}
        return await look_alike_advice(client, PRODUCT, paths)

    return len(rows), await transaction(write) if rows else []


async def write_products(client: Client, rows: Sequence[ProductRow]) -> set[str]:
    """Write these lawful products, at least one and none of them twice, within a transaction; returns the new SKUs."""
    records = [
        {
            "sku": row.sku,
            "name": row.name,
            "search": searchable(row.sku, row.name or row.sku),
            "folded": folded(row.sku),
        }
        for row in rows
    ]
    made = {row["sku"] for row in await fetch(client, _INSERT, records)}
    await fetch(client, _LOCK, [row.sku for row in rows])
    await fetch(client, _UPDATE, records)
    return made
