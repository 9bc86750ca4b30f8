"""The kinds of column that both databases must hold alike."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tortoise import fields

from rules.key import LONGEST_FOLDED
from rules.quantity import from_units, to_units

CODE_LENGTH = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

BEGINNING = datetime.min.replace(tzinfo=UTC)
"""Stands for 'no start': unique keys need a value, since NULLs never collide."""
END = datetime.max.replace(tzinfo=UTC)
"""Stands for 'no end'."""


class CodeField(fields.CharField[str]):
    """A SKU or a code: sorted byte by byte on both databases, so that keyset pages agree."""

    def __init__(self, max_length: int = CODE_LENGTH, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    class _db_postgres:  # noqa: N801  # the name that Tortoise looks for
        SQL_TYPE = f'VARCHAR({CODE_LENGTH}) COLLATE "C"'


class FoldedKeyField(fields.CharField[str]):
    """What a row's key has in common with those that look like it; null until it is written (models/folding.py)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST_FOLDED, "null": True} | kwargs)


class QuantityField(fields.BigIntField):
    """A quantity with a Decimal face, stored as whole ten-thousandths: exact in sums and comparisons."""

    field_type = Decimal  # the Python face; the column stays BIGINT

    def to_db_value(self, value: Any, instance: Any) -> int | None:  # noqa: ARG002  # Tortoise's signature
        """Decimal to ten-thousandths."""
        return None if value is None else to_units(value)

    def to_python_value(self, value: Any) -> Any:
        """Ten-thousandths to Decimal."""
        return from_units(value) if isinstance(value, int) else value


class InstantField(fields.BigIntField):
    """An instant, stored as microseconds since 1970 in UTC: the same order and the same value on both databases."""

    field_type = datetime  # the Python face; the column stays BIGINT

    def to_db_value(self, value: Any, instance: Any) -> int | None:  # noqa: ARG002  # Tortoise's signature
        """Instant to microseconds."""
        return None if value is None else to_microseconds(value)

    def to_python_value(self, value: Any) -> Any:
        """Microseconds to instant."""
        return from_microseconds(value) if isinstance(value, int) else value


def to_microseconds(instant: datetime) -> int:
    """Microseconds from 1970 to an instant, exactly."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(microseconds: int) -> datetime:
    """The instant so many microseconds after 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)
