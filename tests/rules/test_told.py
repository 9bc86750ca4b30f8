"""What is told of a line follows what was told of it."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rules.allocation import Coverage, coverage
from rules.position import Position, StockedItem
from rules.told import News, Told, news_of, told_at_placement, told_before
from tests.rules.worlds import LAW

OPEN = 9
WAITS = st.integers(0, OPEN)


def covers(waiting: int, open_qty: int = OPEN) -> Coverage:
    """So many of the open units wait."""
    return Coverage(Decimal(open_qty - waiting), Decimal(waiting))


def told(waiting: int, late: int = 0) -> Told:
    """Staff were told that so many wait, and the customer that so many of them are late."""
    return Told(Decimal(waiting), Decimal(late))


def said(news: News) -> tuple[Told, int, int, int]:
    """What is told then; how many units lost their cover, are freed, and are freed for the customer."""
    return news.told, int(news.uncovered), int(news.freed), int(news.customer_freed)


def test_what_is_as_it_was_told_is_no_news() -> None:
    news = news_of(told(4, 2), covers(4))
    assert said(news) == (told(4, 2), 0, 0, 0)


def test_units_that_lose_their_cover_are_told_to_staff_alone() -> None:
    news = news_of(told(2, 2), covers(9))
    assert said(news) == (told(9, 2), 7, 0, 0)


def test_units_that_are_freed_are_told_to_the_customer_as_far_as_they_were_told_late() -> None:
    news = news_of(told(9, 2), covers(1))
    assert said(news) == (told(1, 1), 0, 8, 1)


def test_what_has_left_since_is_not_freed() -> None:
    news = news_of(told(5, 5), covers(1, open_qty=2))
    assert said(news) == (told(1, 1), 0, 1, 1)


def test_canceled_units_are_the_last_of_the_line() -> None:
    assert told(5, 3).after_cancel(Decimal(4)) == told(1, 0)
    assert told(5, 3).after_cancel(Decimal(9)) == told(0, 0)


def test_a_new_line_is_told_to_wait_for_what_no_enabled_source_holds_and_late_for_no_more_than_its_notice_says() -> (
    None
):
    items = (
        StockedItem("a", Decimal(6), is_in_stock=True, is_enabled=True),
        StockedItem("b", Decimal(2), is_in_stock=False, is_enabled=True),
        StockedItem("c", Decimal(9), is_in_stock=True, is_enabled=False),
    )
    position = Position(items, Decimal(-3))
    assert told_at_placement(Decimal(9), position, Decimal(6)) == told(4, 4)
    assert told_at_placement(Decimal(9), position, Decimal(0)) == told(4, 0)
    assert told_at_placement(Decimal(5), position, Decimal(2)) == told(0, 0)


def test_of_a_line_from_before_counts_what_waited_and_to_an_address_what_was_late() -> None:
    assert told_before(Decimal(5), covers(3), has_address=True) == told(3, 3)
    assert told_before(Decimal(2), covers(3), has_address=True) == told(3, 2)
    assert told_before(Decimal(5), covers(3), has_address=False) == told(3, 0)


@LAW
@given(WAITS, WAITS, st.lists(WAITS, max_size=8))
def test_tellings_add_up_and_a_customer_hears_of_a_unit_once(waiting: int, late: int, then: list[int]) -> None:
    was = told(waiting, min(waiting, late))
    kept, staff, customer = was, was.waiting, Decimal(0)
    for number in then:
        news = news_of(kept, covers(number))
        assert not (news.uncovered and news.freed)
        assert news.customer_freed <= news.freed
        assert news.told.late <= news.told.waiting == number
        kept, staff, customer = news.told, staff + news.uncovered - news.freed, customer + news.customer_freed
    assert staff == kept.waiting
    assert customer == was.late - kept.late == max(was.late - min([*then, waiting]), 0)


@LAW
@given(st.integers(1, 9), st.integers(0, 9), st.integers(0, 20), st.integers(0, 9))
def test_a_cancellation_frees_no_unit_of_its_own_line(open_qty: int, ahead: int, supply: int, canceled: int) -> None:
    canceled = min(canceled, open_qty)
    before = coverage(Decimal(open_qty), Decimal(ahead), Decimal(supply))
    after = coverage(Decimal(open_qty - canceled), Decimal(ahead), Decimal(supply))
    kept = Told(before.waiting, before.waiting).after_cancel(Decimal(canceled))
    assert news_of(kept, after).told == kept
