"""Orders, as values: lines with their units, and the two statuses that follow from them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rules.quantity import ZERO


class OrderStatus(StrEnum):
    """Where an order is; a backorder does not change it."""

    PROCESSING = "PROCESSING"
    COMPLETE = "COMPLETE"
    CANCELED = "CANCELED"


class PaymentStatus(StrEnum):
    """Funds are captured at placement; canceled and refunded units count as paid back."""

    CAPTURED = "CAPTURED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"


@dataclass(frozen=True, slots=True)
class Units:
    """The units of one line; refunded ones are of the shipped ones."""

    ordered: Decimal
    shipped: Decimal
    canceled: Decimal
    refunded: Decimal

    @property
    def open(self) -> Decimal:
        """Ordered, neither shipped nor canceled."""
        return self.ordered - self.shipped - self.canceled


def order_status(lines: Sequence[Units]) -> OrderStatus:
    """PROCESSING while any unit is open; else COMPLETE if any was shipped; else CANCELED."""
    if any(line.open > 0 for line in lines):
        return OrderStatus.PROCESSING
    return OrderStatus.COMPLETE if any(line.shipped > 0 for line in lines) else OrderStatus.CANCELED


def payment_status(lines: Sequence[Units]) -> PaymentStatus:
    """REFUNDED where canceled and refunded units are all that was ordered, PARTIALLY_REFUNDED where they are some."""
    back = [line.canceled + line.refunded for line in lines]
    if not any(quantity > 0 for quantity in back):
        return PaymentStatus.CAPTURED
    is_all = all(quantity == line.ordered for quantity, line in zip(back, lines, strict=True))
    return PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED


def may_be_put_back(taken: Decimal, put_back: Decimal) -> Decimal:
    """How many units of a line refunds may still add to a count: those that shipments took off one, not below 0."""
    return max(taken - put_back, ZERO)


def put_back(refunded: Iterable[Decimal], may_go_back: Decimal) -> Iterator[Decimal]:
    """How much of each of these refund lines of one order line is added to a count: in their order, until nothing may."""
    for quantity in refunded:
        part = min(quantity, may_go_back)
        may_go_back -= part
        yield part
