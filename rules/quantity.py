"""Quantities of goods: exact decimals with at most four places, below 10^11 in size."""

from decimal import Decimal

PLACES = 4
LIMIT = Decimal(10) ** 11
UNITS = 10**PLACES
ZERO = Decimal(0)


def is_quantity(value: Decimal) -> bool:
    """Whether a decimal is finite, has at most four places and is below 10^11 in size."""
    if not value.is_finite() or (value != 0 and value.adjusted() >= 11):
        return False
    exponent = value.as_tuple().exponent
    return exponent >= -PLACES or value == round(value, PLACES)  # type: ignore[operator]  # finite: the exponent is an int


def to_units(value: Decimal) -> int:
    """A quantity in ten-thousandths, the whole number that the tables store."""
    return int(value.scaleb(PLACES))


def from_units(units: int) -> Decimal:
    """The quantity of a number of ten-thousandths, with no trailing zeros (25, 2.5, 0.0001)."""
    whole, rest = divmod(units, UNITS)
    return Decimal(whole) if rest == 0 else Decimal(units).scaleb(-PLACES).normalize()


def show(value: Decimal) -> str:
    """A quantity as people write it: 25, -50, 2.5; never 2.5000 or 1E+2."""
    return f"{plain(value):f}"


def plain(value: Decimal) -> Decimal:
    """The same quantity without trailing zeros, a positive exponent or a minus before 0."""
    return (value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()) + 0
