"""Writing products."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.database import Client, transaction
from models.product import searchable
from models.sql import fetch
from resolvers.errors import refuse_if
from resolvers.upserts import row_errors
from rules.validation import code_errors, text_errors

_ROWS = "rows($1, sku text, name text, search text)"
_INSERT = f"""
INSERT INTO product (sku, name, search) SELECT r.sku, COALESCE(r.name, r.sku), r.search FROM {_ROWS}
WHERE TRUE ORDER BY r.sku ON CONFLICT (sku) DO NOTHING
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


async def upsert_products(rows: Sequence[ProductRow]) -> int:
    """Write these products, all or none, and return how many rows were given; Refused for unlawful rows."""
    errors = list(row_errors("products", [row.sku for row in rows]))
    for index, row in enumerate(rows):
        errors += code_errors(row.sku, ("products", str(index), "sku"))
        errors += text_errors(row.name, ("products", str(index), "name"))
    refuse_if(errors)

    async def write(client: Client) -> None:
        await write_products(client, rows)

    if rows:
        await transaction(write)
    return len(rows)


async def write_products(client: Client, rows: Sequence[ProductRow]) -> None:
    """Write these lawful products, at least one and none of them twice, within a transaction."""
    records = [{"sku": row.sku, "name": row.name, "search": searchable(row.sku, row.name or row.sku)} for row in rows]
    await fetch(client, _INSERT, records)
    await fetch(client, _LOCK, [row.sku for row in rows])
    await fetch(client, _UPDATE, records)
