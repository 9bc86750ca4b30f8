"""Which products a rule at a scope can reach."""

from collections.abc import Iterable

from models.database import Client, reader
from models.sql import fetch
from rules.scope import Scope, ScopeType

_NAMED = "SELECT p.sku FROM product p WHERE p.sku = ANY($1) AND p.sku > $2 ORDER BY p.sku LIMIT {most:d}"
_REACHED = "SELECT p.sku FROM product p WHERE {condition} AND p.sku > $3 ORDER BY p.sku LIMIT {most:d}"


def reached(scopes: Iterable[Scope]) -> tuple[str, list[str], list[str]]:
    """The products that rules at these scopes can reach: SQL on `product p`, with $1 (SKUs) and $2 (sources)."""
    named = list(scopes)
    skus = sorted({scope.sku for scope in named if scope.sku})
    sources = sorted({scope.source for scope in named if scope.source and not scope.sku})
    at_source = "EXISTS (SELECT 1 FROM source_item f WHERE f.product_id = p.sku AND f.source_id = ANY($2))"
    everything = "TRUE" if any(scope.type is ScopeType.GLOBAL for scope in named) else "FALSE"
    return f"({everything} OR p.sku = ANY($1) OR {at_source})", skus, sources


async def products_reached(client: Client, scopes: Iterable[Scope], last: str, most: int) -> list[str]:
    """The next products behind a SKU, at most so many, that rules at these scopes can reach; one statement.

    Scopes that all name a product are looked up by their SKUs: the rest of the catalogue is not read.
    """
    named = list(scopes)
    condition, skus, sources = reached(named)
    if all(scope.sku for scope in named):
        rows = await fetch(client, _NAMED.format(most=most), skus, last)
    else:
        rows = await fetch(client, _REACHED.format(condition=condition, most=most), skus, sources, last)
    return [row["sku"] for row in rows]


async def reached_count(scopes: Iterable[Scope], client: Client | None = None) -> int:
    """How many products rules at these scopes can reach; one statement."""
    client = client or reader()
    named = list(scopes)
    condition, skus, sources = reached(named)
    if all(scope.sku for scope in named):
        rows = await fetch(client, "SELECT COUNT(*) AS n FROM product p WHERE p.sku = ANY($1)", skus)
    else:
        rows = await fetch(client, f"SELECT COUNT(*) AS n FROM product p WHERE {condition}", skus, sources)
    return int(rows[0]["n"])
