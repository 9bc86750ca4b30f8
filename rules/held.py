"""Promises that a change breaks: units of accepted orders that were covered before it, and wait because of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from rules.allocation import coverage, never_waits
from rules.key import visible
from rules.quantity import ZERO, show
from rules.validation import Advice, Path

MOST_NAMED = 10
"""SKUs that a message names."""


@dataclass(frozen=True, slots=True)
class SupplyChange:
    """What covers the queue of a SKU in a stock before and after a change; None: its stock is not managed, nothing waits."""

    sku: str
    stock: str
    before: Decimal | None
    after: Decimal | None

    @property
    def takes_cover(self) -> bool:
        """Whether a line can wait because of it."""
        return self.after is not None and (self.before is None or self.after < self.before)

    def newly_waiting(self, open_qty: Decimal, ahead: Decimal) -> Decimal:
        """The units of a line, behind so many open reserved units, that wait after the change and did not before."""
        return max(_waiting(open_qty, ahead, self.after) - _waiting(open_qty, ahead, self.before), ZERO)


def _waiting(open_qty: Decimal, ahead: Decimal, supply: Decimal | None) -> Decimal:
    return (never_waits(open_qty) if supply is None else coverage(open_qty, ahead, supply)).waiting


@dataclass(slots=True)
class HeldOrders:
    """The units that wait because of a change, of how many orders; a count that was cut off is a lower bound."""

    units: Decimal = ZERO
    is_cut_off: bool = False
    _orders: set[int] = field(default_factory=set)
    _skus: dict[str, None] = field(default_factory=dict)

    def add(self, order: int, sku: str, units: Decimal) -> None:
        """Count what waits newly of one line."""
        if units > 0:
            self.units += units
            self._orders.add(order)
            self._skus[sku] = None

    @property
    def orders(self) -> int:
        """How many orders they belong to."""
        return len(self._orders)

    @property
    def skus(self) -> list[str]:
        """The SKUs that they are of, in the order in which they were found."""
        return list(self._skus)

    def advice(self, path: Path, *, since: datetime | None = None, is_preview: bool = False) -> Iterator[Advice]:
        """WOULD_HOLD_ORDERS where units wait; since: the instant from which they will, is_preview: they would."""
        if not self.units and not self.is_cut_off:
            return
        units = f"{show(self.units)} {'unit' if self.units == 1 else 'units'}"
        orders = f"{self.orders:,} {'order' if self.orders == 1 else 'orders'}"
        will = "would" if is_preview else "will" if since else None
        wait = f"{will} wait" if will else "waits now" if self.units == 1 else "wait now"
        start = f" from {since:%Y-%m-%d %H:%M %Z}" if since else ""
        least = "At least " if self.is_cut_off else ""
        why = f"the stock of {some(self.skus)} {will or 'does'} not cover them" if self.units else ""
        rest = "more open lines are touched than were counted" if self.is_cut_off else ""
        message = f"{least}{units} of {orders} {wait}{start}: {'; '.join(filter(None, (why, rest)))}."
        yield Advice("WOULD_HOLD_ORDERS", message, path)


def some(named: list[str]) -> str:
    """The first ten names, and how many more there are."""
    more = f" and {len(named) - MOST_NAMED:,} more" if len(named) > MOST_NAMED else ""
    return ", ".join(visible(sku) for sku in named[:MOST_NAMED]) + more
