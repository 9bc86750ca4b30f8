"""Warnings about source items: goods that nothing can sell from where they lie."""

from collections.abc import Mapping

from rules.calculator import Availability, mode_of, strongest
from rules.held import some
from rules.key import visible
from rules.validation import Advice, Path

Sold = Mapping[tuple[str, str], Availability]
"""What can be sold of each SKU in each stock."""


def source_disabled(source: str, path: Path) -> Advice:
    """Goods that lie at a disabled source."""
    message = f"Source {visible(source)} is disabled: nothing that lies there can be sold until it is enabled."
    return Advice("SOURCE_DISABLED", message, path)


def unlinked_source(source: str, path: Path) -> Advice:
    """Goods that are counted at a source which feeds no stock."""
    message = f"No stock is linked to source {visible(source)}: nothing that lies there can be sold until one is."
    return Advice("UNLINKED_SOURCE", message, path)


def nothing_sellable(skus: list[str], path: Path) -> Advice:
    """Products whose last item in stock went out of stock, though backorders are on."""
    message = (
        f"No source has {some(skus)} in stock any more: backorders are on and sell nothing until a source item of an"
        " enabled source is set to in stock."
    )
    return Advice("NOTHING_SELLABLE", message, path)


def no_longer_sellable(before: Sold, after: Sold) -> list[tuple[str, str]]:
    """What (SKU, stock) was sold with backorders on, and has no item that counts any more."""
    return sorted(place for place, was in before.items() if _allows(was) and not is_sellable(after.get(place)))


def is_sellable(found: Availability | None) -> bool:
    """Whether an item counts in the stock; None: the product is not assigned to it."""
    return found is not None and bool(found.counting)


def _allows(was: Availability) -> bool:
    if not was.counting or not was.is_stock_managed:
        return False
    enabled = [each for each in was.config.sources if each.item.is_enabled]
    return strongest(mode_of(each) for each in enabled).allows
