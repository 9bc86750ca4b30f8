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


def no_longer_sellable(before: Sold, after: Sold) -> list[str]:
    """The SKUs that were sold with backorders on in a stock, and of which no item counts there any more."""
    return sorted({sku for (sku, stock), was in before.items() if _is_cut_off(was, after.get((sku, stock)))})


def _is_cut_off(before: Availability, after: Availability | None) -> bool:
    if not before.counting or (after is not None and after.counting) or not before.is_stock_managed:
        return False
    enabled = [each for each in before.config.sources if each.item.is_enabled]
    return strongest(mode_of(each) for each in enabled).allows
