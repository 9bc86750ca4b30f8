"""What a change of supply makes wait of the lines that it covered."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rules.allocation import coverage
from rules.held import HeldOrders, SupplyChange
from tests.rules.worlds import LAW, ORDERED, QUANTITIES

ZERO = Decimal(0)
SUPPLIES = st.none() | QUANTITIES.map(abs)


def change(before: Decimal | int | None, after: Decimal | int | None) -> SupplyChange:
    return SupplyChange("TENT", "default", *(None if each is None else Decimal(each) for each in (before, after)))


def held(*lines: tuple[int, str, int]) -> HeldOrders:
    found = HeldOrders()
    for order, sku, units in lines:
        found.add(order, sku, Decimal(units))
    return found


def messages(found: HeldOrders, since: datetime | None = None, *, is_preview: bool = False) -> list[str]:
    return [each.message for each in found.advice(("items",), since=since, is_preview=is_preview)]


def test_a_line_waits_newly_for_what_the_old_supply_covered_and_the_new_one_does_not() -> None:
    assert change(10, 2).newly_waiting(Decimal(8), ZERO) == 6
    assert change(10, 2).newly_waiting(Decimal(8), Decimal(8)) == 2
    assert change(10, 2).newly_waiting(Decimal(8), Decimal(10)) == 0
    assert change(2, 10).newly_waiting(Decimal(8), ZERO) == 0
    assert change(None, 2).newly_waiting(Decimal(8), ZERO) == 6
    assert change(2, None).newly_waiting(Decimal(8), ZERO) == 0


@LAW
@given(st.lists(ORDERED, max_size=6), SUPPLIES, SUPPLIES)
def test_the_lines_of_a_queue_add_up_to_what_all_of_it_waits_for(
    demand: list[Decimal], before: Decimal | None, after: Decimal | None
) -> None:
    taking = change(before, after)
    whole = sum(demand, ZERO)
    waiting = [ZERO if supply is None else coverage(whole, ZERO, supply).waiting for supply in (before, after)]
    newly = sum((taking.newly_waiting(each, sum(demand[:place], ZERO)) for place, each in enumerate(demand)), ZERO)
    assert newly == max(waiting[1] - waiting[0], ZERO)
    assert newly == 0 or taking.takes_cover


def test_units_are_added_up_and_each_order_is_counted_once() -> None:
    found = held((1, "TENT", 6), (2, "TENT", 0), (1, "LAMP", 1))
    assert (int(found.units), found.orders, found.skus) == (7, 1, ["TENT", "LAMP"])


def test_the_warning_says_when_they_wait() -> None:
    sale = datetime(2100, 1, 2, 3, 4, tzinfo=UTC)
    one, more = held((1, "TENT", 1)), held((1, "TENT", 6), (2, "LAMP", 1))
    end = "the stock of TENT, LAMP {} not cover them."
    assert messages(HeldOrders()) == []
    assert messages(one) == ["1 unit of 1 order waits now: the stock of TENT does not cover them."]
    assert messages(more) == ["7 units of 2 orders wait now: " + end.format("does")]
    assert messages(more, sale) == ["7 units of 2 orders will wait from 2100-01-02 03:04 UTC: " + end.format("will")]
    assert messages(more, is_preview=True) == ["7 units of 2 orders would wait: " + end.format("would")]


def test_a_count_that_was_cut_off_says_at_least_whatever_was_found() -> None:
    found = held(*((order, f"SKU-{order}", 1) for order in range(12)))
    found.is_cut_off = True
    (message,) = messages(found)
    assert message.startswith("At least 12 units of 12 orders wait now: the stock of SKU-0, ")
    assert message.endswith("SKU-9 and 2 more does not cover them; more open lines are touched than were counted.")
    nothing = HeldOrders(is_cut_off=True)
    assert messages(nothing) == [
        "At least 0 units of 0 orders wait now: more open lines are touched than were counted."
    ]
