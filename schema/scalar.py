"""The scalars: exact quantities, instants with an offset, values of settings."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from graphql.language import FloatValueNode, IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from rules.quantity import is_quantity, plain
from rules.setting import BackorderMode

SettingValue = NewType("SettingValue", object)
"""The value of one setting, as the API shows it."""

LONGEST_NUMBER = 64
"""Characters of a number; none that is lawful has more, and reading a long one takes long."""


_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _refuse(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def show_number(value: Decimal) -> int | Decimal:
    """A quantity for the response: a whole number without a point, or the exact decimal."""
    return int(value) if value == value.to_integral_value() else plain(value)


def _read_quantity(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise _refuse("A quantity is a JSON number, such as 12 or 2.5.")
    # A float comes only from Python callers; its shortest text is the number that was meant.
    return _checked(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))


def _read_quantity_literal(node: ValueNode, _variables: Any = None) -> Decimal:
    if not isinstance(node, IntValueNode | FloatValueNode):
        raise _refuse("A quantity is a number, such as 12 or 2.5.")
    if len(node.value) > LONGEST_NUMBER:
        raise _refuse("A quantity is below 100000000000 in size and has at most four decimal places.")
    try:
        return _checked(Decimal(node.value))
    except InvalidOperation as error:
        raise _refuse("A quantity is a number, such as 12 or 2.5.") from error


def _checked(value: Decimal) -> Decimal:
    if not is_quantity(value):
        raise _refuse("A quantity is below 100000000000 in size and has at most four decimal places.")
    return plain(value)


def _show_instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_instant(value: Any) -> datetime:
    try:
        is_instant = isinstance(value, str) and _INSTANT.fullmatch(value)
        in_utc = datetime.fromisoformat(value).astimezone(UTC) if is_instant else None
    except (ValueError, OverflowError):
        in_utc = None
    if in_utc is None:
        raise _refuse("An instant is ISO 8601 with an offset, such as 2026-11-27T00:00:00Z.")
    return in_utc


def _read_instant_literal(node: ValueNode, _variables: Any = None) -> datetime:
    return _read_instant(node.value if isinstance(node, StringValueNode) else None)


def _show_setting_value(value: Any) -> bool | int | Decimal | str:
    if isinstance(value, Decimal):
        return show_number(value)
    return value.name if isinstance(value, BackorderMode) else bool(value)


SCALARS: Mapping[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Quantity",
        description="A quantity of goods: a JSON number with at most four decimal places, below 10^11 in size (whole"
        " quantities print without a point). Exact decimal arithmetic from the database to the response; never binary"
        " floating point.",
        serialize=show_number,
        parse_value=_read_quantity,
        parse_literal=_read_quantity_literal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, ISO 8601 with an offset.",
        serialize=_show_instant,
        parse_value=_read_instant,
        parse_literal=_read_instant_literal,
    ),
    SettingValue: strawberry.scalar(
        name="SettingValue",
        description="The value of one setting: a boolean, a quantity or the name of a BackorderMode, as the setting's"
        " definition says.",
        serialize=_show_setting_value,
    ),
}
