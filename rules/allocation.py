"""Which open lines the stock covers: oldest placement first; what it does not reach waits.

The hold is derived, never a number that can drift: cancelling an older order frees younger ones, and so does a delivery.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from rules.quantity import ZERO


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of a line's open units may ship now, and what waits."""

    shippable: Decimal
    waiting: Decimal


@dataclass(frozen=True, slots=True)
class SupplyEnd:
    """The first line of a queue that its supply does not cover whole, and what the supply leaves for it."""

    line: int
    left: Decimal


def supply_of(quantities: Iterable[Decimal]) -> Decimal:
    """The supply of a SKU in a stock: the sum at its linked, enabled sources, whatever their status, not below 0."""
    return max(sum(quantities, ZERO), ZERO)


def coverage(open_qty: Decimal, ahead: Decimal, supply: Decimal) -> Coverage:
    """What a supply leaves for a line behind so many open reserved units of older lines."""
    shippable = min(max(supply - ahead, ZERO), open_qty)
    return Coverage(shippable, open_qty - shippable)


def coverage_before(end: SupplyEnd | None, line: int, open_qty: Decimal) -> Coverage:
    """What of a line may ship, by where the supply of its queue ends (None: behind all of its lines).

    Lines are known by ids that grow with placement: it is what `coverage` says of the demand ahead, without adding it up.
    """
    if end is None or line < end.line:
        return never_waits(open_qty)
    shippable = min(end.left, open_qty) if line == end.line else ZERO
    return Coverage(shippable, open_qty - shippable)


def never_waits(open_qty: Decimal) -> Coverage:
    """The coverage of a line that is not reserved, or whose stock is not managed now."""
    return Coverage(open_qty, ZERO)


def take(needed: Decimal, offered: Iterable[tuple[str, Decimal]]) -> Iterator[tuple[str, Decimal]]:
    """How much to take from each source, in their order: as much as lies there, until nothing is needed."""
    for source, quantity in offered:
        part = min(max(quantity, ZERO), needed)
        if part > 0:
            needed -= part
            yield source, part
