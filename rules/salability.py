"""Whether a quantity can be bought now, how much of it would be late, and what could be bought instead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from math import lcm

from rules.calculator import Availability, quantity_of
from rules.key import no_such
from rules.quantity import UNITS, ZERO, from_units, show, to_units
from rules.setting import BackorderMode, SettingKey


class SalabilityErrorCode(StrEnum):
    """Why a quantity cannot be bought."""

    UNKNOWN_PRODUCT = "UNKNOWN_PRODUCT"
    NOT_ASSIGNED_TO_STOCK = "NOT_ASSIGNED_TO_STOCK"
    NO_SOURCE_IN_STOCK = "NO_SOURCE_IN_STOCK"
    NOT_ENOUGH_QUANTITY = "NOT_ENOUGH_QUANTITY"
    BELOW_MIN_SALE_QTY = "BELOW_MIN_SALE_QTY"
    ABOVE_MAX_SALE_QTY = "ABOVE_MAX_SALE_QTY"
    NOT_A_QTY_INCREMENT = "NOT_A_QTY_INCREMENT"
    DECIMALS_NOT_ALLOWED = "DECIMALS_NOT_ALLOWED"


@dataclass(frozen=True, slots=True)
class SalabilityError:
    """One failed check, with a sentence for the shopper."""

    code: SalabilityErrorCode
    message: str


@dataclass(frozen=True, slots=True)
class Salability:
    """The answer for one requested quantity; salable when no check failed."""

    sku: str
    requested_qty: Decimal
    backordered_qty: Decimal
    max_salable_qty: Decimal
    mode: BackorderMode
    errors: tuple[SalabilityError, ...]

    @property
    def is_salable(self) -> bool:
        """Whether the quantity can be bought now."""
        return not self.errors

    @property
    def notice(self) -> str | None:
        """What ALLOW_AND_NOTIFY tells the customer about the late part."""
        if self.mode is not BackorderMode.ALLOW_AND_NOTIFY or self.backordered_qty == 0:
            return None
        late, now = self.backordered_qty, self.requested_qty - self.backordered_qty
        rest = "is on backorder and ships" if late == 1 else "are on backorder and ship"
        if now == 0:
            what = "This one" if late == 1 else f"All {show(late)}"
            return f"{what} {rest} when stock arrives."
        return f"{show(now)} can ship now; the remaining {show(late)} {rest} when stock arrives."


def salability(sku: str, found: Availability | None, quantity: Decimal) -> Salability:
    """Judge one quantity of a product; found is None where no product has the SKU."""
    if found is None:
        return _refused(sku, quantity, SalabilityErrorCode.UNKNOWN_PRODUCT, no_such("product", sku))
    if not found.position.is_assigned:
        return _refused(
            sku, quantity, SalabilityErrorCode.NOT_ASSIGNED_TO_STOCK, "This product is not sold in this sales channel."
        )
    best = max_salable_qty(found)
    errors = (*_cart_errors(found, quantity), *_stock_errors(found, quantity, best))
    late = ZERO if errors else backordered_qty(found, quantity)
    return Salability(sku, quantity, late, best, found.mode, errors)


def backordered_qty(found: Availability, quantity: Decimal) -> Decimal:
    """The part of a salable quantity that waits for stock: q - (Q + R), within 0 and q."""
    if not found.is_stock_managed or not found.mode.allows:
        return ZERO
    return min(max(quantity - found.shippable, ZERO), quantity)


def max_salable_qty(found: Availability) -> Decimal:
    """The greatest quantity that is salable now; 0 where none is.

    The step is the smallest common multiple of the increment and, without decimals, of one unit.
    """
    if not found.position.is_assigned:
        return ZERO
    bound = _quantity(found, SettingKey.MAX_SALE_QTY)
    if found.is_stock_managed:
        if not found.counting:
            return ZERO
        if not found.is_unlimited:
            bound = min(bound, found.sum_of_terms)
    step = 1 if _flag(found, SettingKey.QTY_USES_DECIMALS) else UNITS
    if _flag(found, SettingKey.ENABLE_QTY_INCREMENTS):
        step = lcm(step, to_units(_quantity(found, SettingKey.QTY_INCREMENTS)))
    best = from_units(to_units(bound) // step * step)
    return best if best >= _quantity(found, SettingKey.MIN_SALE_QTY) else ZERO


def cart_salability(lines: Sequence[tuple[str, Availability | None, Decimal]]) -> list[Salability]:
    """Judge a cart as a whole: one answer a line, in order.

    Lines of one SKU are added up; errors and the largest salable quantity are of the sum, and the late part is given to
    the last of these lines first. A line of 0 or less cannot be bought, whatever the sum.
    """
    totals: dict[str, Decimal] = {}
    smallest: dict[str, Decimal] = {}
    for sku, _, quantity in lines:
        totals[sku] = totals.get(sku, ZERO) + quantity
        smallest[sku] = min(smallest.get(sku, quantity), quantity)
    judged = {
        sku: salability(sku, found, totals[sku] if smallest[sku] > 0 else smallest[sku]) for sku, found, _ in lines
    }
    late = {sku: answer.backordered_qty for sku, answer in judged.items()}
    answers = []
    for sku, _, quantity in reversed(lines):
        part = min(late[sku], quantity) if late[sku] > 0 else ZERO
        late[sku] -= part
        answers.append(replace(judged[sku], requested_qty=quantity, backordered_qty=part))
    return answers[::-1]


def _refused(sku: str, quantity: Decimal, code: SalabilityErrorCode, message: str) -> Salability:
    return Salability(sku, quantity, ZERO, ZERO, BackorderMode.NO_BACKORDERS, (SalabilityError(code, message),))


def _cart_errors(found: Availability, quantity: Decimal) -> list[SalabilityError]:
    errors = []
    least, most = _quantity(found, SettingKey.MIN_SALE_QTY), _quantity(found, SettingKey.MAX_SALE_QTY)
    if quantity < least:
        errors.append(_error("BELOW_MIN_SALE_QTY", f"The fewest you may purchase is {show(least)}."))
    if quantity > most:
        errors.append(_error("ABOVE_MAX_SALE_QTY", f"The most you may purchase is {show(most)}."))
    if _flag(found, SettingKey.ENABLE_QTY_INCREMENTS):
        step = _quantity(found, SettingKey.QTY_INCREMENTS)
        if quantity % step != 0:
            errors.append(_error("NOT_A_QTY_INCREMENT", f"You can buy this product only in multiples of {show(step)}."))
    if quantity != quantity.to_integral_value() and not _flag(found, SettingKey.QTY_USES_DECIMALS):
        errors.append(_error("DECIMALS_NOT_ALLOWED", f"You can buy only whole units, not {show(quantity)}."))
    return errors


def _stock_errors(found: Availability, quantity: Decimal, best: Decimal) -> list[SalabilityError]:
    if not found.is_stock_managed:
        return []
    if not found.counting:
        return [_error("NO_SOURCE_IN_STOCK", "This product is out of stock.")]
    if found.is_unlimited or found.sum_of_terms >= quantity:
        return []
    asked = show(quantity)
    if best > 0:
        return [_error("NOT_ENOUGH_QUANTITY", f"You asked for {asked}, but only {show(best)} can be bought now.")]
    return [_error("NOT_ENOUGH_QUANTITY", f"You asked for {asked}, but none can be bought now.")]


def _error(code: str, message: str) -> SalabilityError:
    return SalabilityError(SalabilityErrorCode(code), message)


def _quantity(found: Availability, key: SettingKey) -> Decimal:
    return quantity_of(found.config.settings[key].value)


def _flag(found: Availability, key: SettingKey) -> bool:
    return found.config.settings[key].value is True
