"""Rows as values: the columns of a statement enter as the fields of a dataclass, in our types.

    @dataclass(frozen=True, slots=True)
    class Line:
        sku: str
        quantity: Decimal  # from whole ten-thousandths
        placed_at: datetime  # from microseconds, in UTC
        is_open: bool
        late: Decimal | None
        events: Annotated[tuple[str, ...], names]  # by a function of ours

    lines = await fetch_as(client, Line, "SELECT sku, quantity, placed_at, is_open, late, events FROM ...")

A field takes the column of its name, and every field has one; columns that no field bears are left.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from tortoise.backends.base.client import BaseDBAsyncClient

from models.fields import from_microseconds
from models.sql import fetch
from rules.quantity import from_units

R = TypeVar("R")
Read = Callable[[Any], Any]


def _quantity(units: Any) -> Decimal:
    return from_units(int(units))  # sums are Decimal on PostgreSQL


_READS: Mapping[Any, Read | None] = {
    Decimal: _quantity,
    datetime: from_microseconds,
    bool: bool,  # a number on SQLite
    int: int,
    str: None,
}


async def fetch_as(client: BaseDBAsyncClient, row_type: type[R], sql: str, *parameters: Any) -> list[R]:
    """Run one statement and return its rows as values of a dataclass; parameters as `models.sql.fetch` takes them."""
    return rows_as(row_type, await fetch(client, sql, *parameters))


def rows_as(row_type: type[R], rows: Iterable[Mapping[str, Any]]) -> list[R]:
    """These rows as values of a dataclass; KeyError where a field has no column."""
    values, reads = _plans.get(row_type) or _plans.setdefault(row_type, _plan(row_type))
    make: Callable[..., R] = row_type
    return [
        make(*[value if read is None else read(value) for value, read in zip(values(row), reads, strict=True)])
        for row in rows
    ]


def columns(row_type: type[Any], table: str = "") -> str:
    """The columns that a dataclass reads, as SQL; of a table (or its alias) where one is named."""
    prefix = f"{table}." if table else ""
    return ", ".join(f"{prefix}{field.name}" for field in fields(row_type))


Plan = tuple[Callable[[Mapping[str, Any]], tuple[Any, ...]], list[Read | None]]
_plans: dict[type[Any], Plan] = {}


def _plan(row_type: type[Any]) -> Plan:
    hints = get_type_hints(row_type, include_extras=True)
    names = [field.name for field in fields(row_type)]
    pick = itemgetter(*names)
    return (pick if len(names) > 1 else lambda row: (pick(row),)), [_read(hints[name]) for name in names]


def _read(hint: Any) -> Read | None:
    if get_origin(hint) is Annotated:
        own: Read = hint.__metadata__[0]
        return own
    if get_origin(hint) in (Union, UnionType):
        [known] = [each for each in get_args(hint) if each is not NoneType]
        read = _read(known)
        return None if read is None else lambda value: None if value is None else read(value)
    return _READS[hint]
