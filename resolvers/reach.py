"""Which products a rule at a scope can reach."""

from collections.abc import Iterable

from rules.scope import Scope, ScopeType


def reached(scopes: Iterable[Scope]) -> tuple[str, list[str], list[str]]:
    """The products that rules at these scopes can reach: SQL on `product p`, with $1 (SKUs) and $2 (sources)."""
    named = list(scopes)
    skus = sorted({scope.sku for scope in named if scope.sku})
    sources = sorted({scope.source for scope in named if scope.source and not scope.sku})
    at_source = "EXISTS (SELECT 1 FROM source_item f WHERE f.product_id = p.sku AND f.source_id = ANY($2))"
    everything = "TRUE" if any(scope.type is ScopeType.GLOBAL for scope in named) else "FALSE"
    return f"({everything} OR p.sku = ANY($1) OR {at_source})", skus, sources
