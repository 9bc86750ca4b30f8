"""Rows become values of our types, on both databases."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import pytest

from models.database import Client, reader
from models.rows import columns, fetch_as, rows_as
from models.where import Where

INSTANT = datetime(2026, 3, 1, 12, 30, 0, 123_456, tzinfo=UTC)
MICROSECONDS = 1_772_368_200_123_456


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


@dataclass(frozen=True, slots=True)
class Row:
    """One of each."""

    sku: str
    quantity: Decimal
    late: Decimal | None
    at: datetime
    ended: datetime | None
    is_open: bool
    number: int
    names: Annotated[tuple[str, ...], words]


@pytest.mark.usefixtures("db")
async def test_columns_enter_as_our_types() -> None:
    [row] = await fetch_as(
        reader(),
        Row,
        "SELECT 'TENT' AS sku, SUM(r.quantity) AS quantity, NULL AS late, CAST($2 AS bigint) AS at, NULL AS ended,"
        " 1 = 1 AS is_open, COUNT(*) AS number, 'a b' AS names FROM rows($1, quantity bigint)",
        [{"quantity": 20_000}, {"quantity": 5_001}],
        MICROSECONDS,
    )
    assert row == Row("TENT", Decimal("2.5001"), None, INSTANT, None, True, 2, ("a", "b"))
    assert [type(value) for value in (row.quantity, row.at, row.is_open, row.number)] == [Decimal, datetime, bool, int]


def test_what_may_be_missing_is_read_where_it_is_there() -> None:
    row = {
        "sku": "A",
        "quantity": 0,
        "late": 12_500,
        "at": 0,
        "ended": MICROSECONDS,
        "is_open": 0,
        "number": 1,
        "names": "",
    }
    [found] = rows_as(Row, [row])
    assert (found.late, found.ended, found.is_open) == (Decimal("1.25"), INSTANT, False)


def test_a_field_without_a_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="late"):
        rows_as(Row, [{"sku": "A", "quantity": 0}])


def test_the_columns_of_a_row_are_named() -> None:
    assert columns(Row, "l").startswith("l.sku, l.quantity, l.late, l.at")


def test_values_are_parameters_wherever_they_stand() -> None:
    where = Where("main")
    assert str(where) == "TRUE"
    where.add("sku = {} AND stock <> {}", "A'; --", "B")
    more = where.copy()
    more.any_of("search LIKE {}", ["x", "y"])
    more.any_of("search LIKE {}", [])
    assert str(where) == "sku = $2 AND stock <> $3"
    assert str(more) == "sku = $2 AND stock <> $3 AND (search LIKE $4 OR search LIKE $5) AND FALSE"
    assert more.parameters == ["main", "A'; --", "B", "x", "y"]
    assert where.parameters == ["main", "A'; --", "B"]


@pytest.mark.usefixtures("db")
async def test_no_condition_holds_for_all_and_false_for_none() -> None:
    async def codes(client: Client, where: Where) -> int:
        rows = await fetch_as(client, Code, f"SELECT code FROM source WHERE {where}", *where.parameters)
        return len(rows)

    nothing = Where()
    nothing.any_of("code = {}", [])
    assert await codes(reader(), Where()) == 1
    assert await codes(reader(), nothing) == 0


@dataclass(frozen=True, slots=True)
class Code:
    """One column."""

    code: str
