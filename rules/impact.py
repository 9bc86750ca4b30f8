"""What a change of rules does to the catalogue: states before and after, counted and ranked."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from rules.calculator import Availability, AvailabilityKind, BackorderLimitKind, StockStatus
from rules.quantity import ZERO
from rules.unlimited import NewlyUnlimited

MOST_IMPACTS = 100


@dataclass(frozen=True, slots=True)
class ProductState:
    """What a change can change of a product in a sales channel."""

    salable_qty: Decimal | None
    stock_status: StockStatus
    kind: AvailabilityKind
    limit_kind: BackorderLimitKind
    limit: Decimal | None

    @classmethod
    def of(cls, found: Availability) -> "ProductState":
        """The state that an answer tells."""
        return cls(found.salable_qty, found.stock_status, found.kind, *found.backorder_limit)

    @property
    def is_finite(self) -> bool:
        """Whether its salable quantity is all that can be sold: stock is managed, and backorders have an end."""
        return self.salable_qty is not None and self.limit_kind is not BackorderLimitKind.UNLIMITED


@dataclass(frozen=True, slots=True)
class ProductImpact:
    """A product in a sales channel whose state a change would alter."""

    sku: str
    sales_channel: str
    before: ProductState
    after: ProductState

    @property
    def delta(self) -> Decimal | None:
        """The change of the salable quantity; None where it is without end before or after."""
        if not (self.before.is_finite and self.after.is_finite):
            return None
        return (self.after.salable_qty or ZERO) - (self.before.salable_qty or ZERO)

    @property
    def becomes_unlimited(self) -> bool:
        """Whether its orders would have no limit any more."""
        unlimited = BackorderLimitKind.UNLIMITED
        return self.after.limit_kind is unlimited and self.before.limit_kind is not unlimited

    @property
    def rank(self) -> tuple[bool, bool, Decimal, str, str]:
        """Sorts the largest change first: to unlimited, others without end, then by size, then by SKU and channel."""
        delta = self.delta
        size = ZERO if delta is None else -abs(delta)
        return not self.becomes_unlimited, delta is not None, size, self.sku, self.sales_channel


@dataclass(slots=True)
class Impact:
    """The sum of a change: how many states differ, which flip, and the 100 largest; its memory is bounded."""

    affected_count: int = 0
    become_in_stock_count: int = 0
    become_out_of_stock_count: int = 0
    become_unlimited_count: int = 0
    unlimited: NewlyUnlimited = field(default_factory=NewlyUnlimited)
    salable_qty_delta: Decimal = ZERO
    _largest: list[ProductImpact] = field(default_factory=list)

    def add(self, impact: ProductImpact) -> None:
        """Count one product of one sales channel, if its state differs."""
        if impact.before == impact.after:
            return
        self.affected_count += 1
        self.become_unlimited_count += impact.becomes_unlimited
        if impact.before.stock_status is not impact.after.stock_status:
            becomes_in_stock = impact.after.stock_status is StockStatus.IN_STOCK
            self.become_in_stock_count += becomes_in_stock
            self.become_out_of_stock_count += not becomes_in_stock
        self.salable_qty_delta += impact.delta or ZERO
        self._largest.append(impact)
        if len(self._largest) >= 10 * MOST_IMPACTS:
            self._largest = _largest_of(self._largest)

    @property
    def impacts(self) -> list[ProductImpact]:
        """The largest changes, the largest first; at most 100."""
        return _largest_of(self._largest)


def _largest_of(impacts: Iterable[ProductImpact]) -> list[ProductImpact]:
    return heapq.nsmallest(MOST_IMPACTS, impacts, key=lambda impact: impact.rank)
