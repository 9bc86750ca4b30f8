"""What an order is called follows from its units."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.order import OrderStatus, PaymentStatus, Units, may_be_put_back, order_status, payment_status, put_back
from tests.rules.worlds import LAW

Line = tuple[int, int, int, int]


def units(line: Line) -> Units:
    """Ordered, shipped, canceled, refunded."""
    return Units(*map(Decimal, line))


@st.composite
def lines(draw: st.DrawFn) -> Units:
    """A line that can be: nothing moved that was not there."""
    ordered = draw(st.integers(1, 6))
    shipped = draw(st.integers(0, ordered))
    return units((ordered, shipped, draw(st.integers(0, ordered - shipped)), draw(st.integers(0, shipped))))


LINES = st.lists(lines(), min_size=1, max_size=3)


def test_what_is_neither_shipped_nor_canceled_is_open() -> None:
    assert units((10, 3, 2, 1)).open == 5


@pytest.mark.parametrize(
    ("of", "status"),
    [
        ([(5, 0, 0, 0)], "PROCESSING"),
        ([(5, 4, 0, 0)], "PROCESSING"),
        ([(5, 0, 4, 0)], "PROCESSING"),
        ([(5, 5, 0, 0), (2, 0, 0, 0)], "PROCESSING"),
        ([(5, 5, 0, 0)], "COMPLETE"),
        ([(5, 1, 4, 0)], "COMPLETE"),
        ([(5, 0, 5, 0), (2, 2, 0, 0)], "COMPLETE"),
        ([(5, 5, 0, 5)], "COMPLETE"),
        ([(5, 0, 5, 0)], "CANCELED"),
        ([(5, 0, 5, 0), (2, 0, 2, 0)], "CANCELED"),
    ],
)
def test_an_order_is_processing_while_a_unit_is_open_and_then_complete_if_any_was_shipped(
    of: list[Line], status: str
) -> None:
    assert order_status([units(line) for line in of]) == status


@pytest.mark.parametrize(
    ("of", "status"),
    [
        ([(5, 0, 0, 0)], "CAPTURED"),
        ([(5, 5, 0, 0)], "CAPTURED"),
        ([(5, 5, 0, 1)], "PARTIALLY_REFUNDED"),
        ([(5, 0, 1, 0)], "PARTIALLY_REFUNDED"),
        ([(5, 0, 5, 0), (2, 2, 0, 0)], "PARTIALLY_REFUNDED"),
        ([(5, 0, 5, 0), (2, 2, 0, 1)], "PARTIALLY_REFUNDED"),
        ([(5, 0, 5, 0)], "REFUNDED"),
        ([(5, 5, 0, 5)], "REFUNDED"),
        ([(5, 3, 2, 3), (2, 0, 2, 0)], "REFUNDED"),
    ],
)
def test_canceled_and_refunded_units_count_as_paid_back(of: list[Line], status: str) -> None:
    assert payment_status([units(line) for line in of]) == status


@LAW
@given(LINES)
def test_the_status_says_whether_anything_can_still_ship(order: list[Units]) -> None:
    is_open = sum(line.open for line in order) > 0
    assert (order_status(order) is OrderStatus.PROCESSING) == is_open
    if not is_open:
        assert (order_status(order) is OrderStatus.COMPLETE) == (sum(line.shipped for line in order) > 0)


@LAW
@given(LINES)
def test_an_order_is_refunded_when_as_much_was_paid_back_as_was_ordered(order: list[Units]) -> None:
    back, ordered = sum(line.canceled + line.refunded for line in order), sum(line.ordered for line in order)
    assert (payment_status(order) is PaymentStatus.REFUNDED) == (back == ordered)
    assert (payment_status(order) is PaymentStatus.CAPTURED) == (back == 0)


@LAW
@given(
    st.integers(0, 9),
    st.lists(st.lists(st.integers(1, 6), max_size=4), max_size=4),
)
def test_refunds_put_back_what_was_taken_once_and_in_their_order(taken: int, refunds: list[list[int]]) -> None:
    back = 0
    for lines in refunds:
        left = may_be_put_back(Decimal(taken), Decimal(back))
        parts = list(put_back(map(Decimal, lines), left))
        assert all(0 <= part <= line for part, line in zip(parts, lines, strict=True))
        assert sum(parts) == min(sum(lines), taken - back)
        first = next((index for index, part in enumerate(parts) if part < lines[index]), len(parts))
        assert not any(parts[first + 1 :])
        back += int(sum(parts))
    assert back <= taken


def test_where_more_was_put_back_than_taken_nothing_more_is() -> None:
    assert may_be_put_back(Decimal(2), Decimal(3)) == 0
