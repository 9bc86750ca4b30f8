"""What was told of an open line, and what there is to tell of it now.

Staff hear how many units wait, the customer how many of those that were told to be late can ship after all. Units ship from
the front of a line and are canceled from its end: those that wait are its last.
"""

from dataclasses import dataclass
from decimal import Decimal

from rules.allocation import Coverage, coverage, supply_of
from rules.position import Position
from rules.quantity import ZERO


@dataclass(frozen=True, slots=True)
class Told:
    """What was told last of a line: how many of its units wait, and how many of these the customer was told are late."""

    waiting: Decimal = ZERO
    late: Decimal = ZERO

    def after_cancel(self, quantity: Decimal) -> "Told":
        """What stays told when so many units are canceled: nobody hears that they are freed."""
        return Told(max(self.waiting - quantity, ZERO), max(self.late - quantity, ZERO))

    def within(self, open_qty: Decimal) -> "Told":
        """What stays told of so many open units, the last of the line."""
        return Told(min(self.waiting, open_qty), min(self.late, open_qty))


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell of a line, and what is told of it then.

    uncovered: units that were covered and wait; freed: units that waited and are covered; customer_freed: those among them
    of which the customer was told that they are late.
    """

    told: Told
    uncovered: Decimal
    freed: Decimal
    customer_freed: Decimal


def news_of(told: Told, now: Coverage) -> News:
    """What differs from what was told; the customer hears of a unit once."""
    was = told.within(now.shippable + now.waiting)
    return News(
        Told(now.waiting, min(was.late, now.waiting)),
        max(now.waiting - was.waiting, ZERO),
        max(was.waiting - now.waiting, ZERO),
        max(was.late - now.waiting, ZERO),
    )


def told_at_placement(quantity: Decimal, position: Position, noticed: Decimal) -> Told:
    """What the placement of a reserved line tells; noticed is how many units its notice calls late.

    The reservations are minus the open reserved units, all of which are ahead of a new line.
    """
    supply = supply_of(item.quantity for item in position.items if item.is_enabled)
    waiting = coverage(quantity, -position.reservations, supply).waiting
    return Told(waiting, min(noticed, waiting))


def told_before(late_at_placement: Decimal, before: Coverage, *, has_address: bool) -> Told:
    """What counts as told of a line from before this was kept: what waited, and to an address what was late at placement."""
    return Told(before.waiting, min(late_at_placement, before.waiting) if has_address else ZERO)
