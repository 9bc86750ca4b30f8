"""Where a rule stands, and which scope is nearer."""

from dataclasses import dataclass
from enum import StrEnum

from rules.key import visible


class ScopeType(StrEnum):
    """The kinds of scope, from the outermost to the nearest; DEFAULT holds what ships with the program, never a rule."""

    DEFAULT = "DEFAULT"
    GLOBAL = "GLOBAL"
    SOURCE = "SOURCE"
    PRODUCT = "PRODUCT"
    PRODUCT_SOURCE = "PRODUCT_SOURCE"

    @property
    def names_source(self) -> bool:
        """Whether a scope of this type names a source."""
        return self in (ScopeType.SOURCE, ScopeType.PRODUCT_SOURCE)

    @property
    def names_sku(self) -> bool:
        """Whether a scope of this type names a product."""
        return self in (ScopeType.PRODUCT, ScopeType.PRODUCT_SOURCE)


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope; source and sku are None where its type names none."""

    type: ScopeType
    source: str | None = None
    sku: str | None = None

    def __str__(self) -> str:
        """The scope in words, for messages."""
        match self.type:
            case ScopeType.DEFAULT:
                return "the shipped default"
            case ScopeType.GLOBAL:
                return "global"
            case ScopeType.SOURCE:
                return f"source {visible(self.source or '')}"
            case ScopeType.PRODUCT:
                return f"product {visible(self.sku or '')}"
            case ScopeType.PRODUCT_SOURCE:
                return f"product {visible(self.sku or '')} at source {visible(self.source or '')}"


DEFAULT = Scope(ScopeType.DEFAULT)
GLOBAL = Scope(ScopeType.GLOBAL)


def scope_of(source: str | None, sku: str | None) -> Scope:
    """The scope that names this source and this product (None or '': names none)."""
    if sku:
        return Scope(ScopeType.PRODUCT_SOURCE, source, sku) if source else Scope(ScopeType.PRODUCT, None, sku)
    return Scope(ScopeType.SOURCE, source) if source else GLOBAL
