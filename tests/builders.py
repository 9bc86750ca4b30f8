"""Builders with dull defaults: a test names only what its sentence is about.

One product (SKU), one instant (NOW), numbers as ints or texts, settings by keyword.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from rules.calculator import Availability, availability
from rules.position import Position, StockedItem, config_of
from rules.salability import Salability, SalabilityErrorCode, salability
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey, SettingValue
from rules.walk import Rules, ScopeRule

NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)
SKU = "sku-1"

Number = int | str | Decimal
Value = bool | Number | BackorderMode | None


def value_of(value: Value) -> SettingValue | None:
    """A setting's value; numbers may be written as ints or texts."""
    return value if value is None or isinstance(value, bool | BackorderMode) else Decimal(value)


def a_rule(
    setting: SettingKey = SettingKey.OUT_OF_STOCK_THRESHOLD,
    value: Value = -50,
    *,
    source: str | None = None,
    sku: str | None = None,
    starts: datetime | None = None,
    ends: datetime | None = None,
    row: int = 1,
) -> ScopeRule:
    """One row of the rule store; without a source and a SKU it stands at global, without an edge it holds always."""
    return ScopeRule(row, scope_of(source, sku), setting, value_of(value), 1, starts, ends)


def rules_at(*, source: str | None = None, sku: str | None = None, **values: Value) -> tuple[ScopeRule, ...]:
    """Plain rules of one scope: rules_at(sku=SKU, out_of_stock_threshold=-50)."""
    return tuple(a_rule(SettingKey(key), value, source=source, sku=sku) for key, value in values.items())


def own(**values: Value) -> tuple[ScopeRule, ...]:
    """Plain rules of the product itself."""
    return tuple(a_rule(SettingKey(key), value, sku=SKU) for key, value in values.items())


def rules_of(*rows: ScopeRule, at: datetime = NOW) -> Rules:
    """The rules in force at an instant."""
    return Rules(rows, at)


def stocked(
    quantity: Number = 25, source: str = "default", *, is_in_stock: bool = True, is_enabled: bool = True
) -> StockedItem:
    """One source item; it counts unless the test says otherwise."""
    return StockedItem(source, Decimal(quantity), is_in_stock, is_enabled)


def available(
    *items: StockedItem, rules: Iterable[ScopeRule] = (), reserved: Number = 0, at: datetime = NOW
) -> Availability:
    """What can be sold of the product with these items, rules and reservations (0 or below)."""
    position = Position(items, Decimal(reserved))
    return availability(position, config_of(Rules(rules, at), SKU, position))


def judged(found: Availability | None, quantity: Number) -> Salability:
    """The judgement of one requested quantity of the product."""
    return salability(SKU, found, Decimal(quantity))


def codes_of(answer: Salability) -> list[SalabilityErrorCode]:
    """The codes of the checks that failed, in their order."""
    return [error.code for error in answer.errors]
