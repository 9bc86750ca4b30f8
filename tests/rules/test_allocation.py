"""Supply covers open units, oldest placement first; goods are taken by priority."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rules.allocation import Coverage, SupplyEnd, coverage, coverage_before, never_waits, supply_of, take
from tests.rules.worlds import LAW, ORDERED, QUANTITIES

ZERO = Decimal(0)
QUEUES = st.lists(ORDERED, max_size=6)
OFFERS = st.lists(QUANTITIES, max_size=4).map(lambda quantities: [(f"s{i}", each) for i, each in enumerate(quantities)])


def covered(demand: list[Decimal], supply: Decimal) -> list[Coverage]:
    return [coverage(each, sum(demand[:place], ZERO), supply) for place, each in enumerate(demand)]


def taken(needed: int, *quantities: int) -> list[tuple[str, int]]:
    offered = zip("abcd", map(Decimal, quantities), strict=False)
    return [(source, int(part)) for source, part in take(Decimal(needed), offered)]


def test_the_older_line_is_covered_first_and_the_younger_one_waits_for_the_rest() -> None:
    assert covered([Decimal(30), Decimal(40)], Decimal(35)) == [
        Coverage(Decimal(30), ZERO),
        Coverage(Decimal(5), Decimal(35)),
    ]


def test_a_line_behind_more_than_there_is_waits_whole() -> None:
    assert coverage(Decimal(3), Decimal(8), Decimal(5)) == Coverage(ZERO, Decimal(3))


def test_what_is_not_reserved_or_not_managed_never_waits() -> None:
    assert never_waits(Decimal(7)) == Coverage(Decimal(7), ZERO)


def test_supply_is_the_sum_of_its_sources_and_not_below_0() -> None:
    assert supply_of([]) == 0
    assert supply_of([Decimal(10), Decimal(-4)]) == 6
    assert supply_of([Decimal(3), Decimal(-4)]) == 0


def test_goods_are_taken_in_the_order_of_the_sources_until_nothing_is_needed() -> None:
    assert taken(7, 5, 4, 9) == [("a", 5), ("b", 2)]
    assert taken(5, 5, 4) == [("a", 5)]


def test_nothing_is_taken_where_nothing_lies() -> None:
    assert taken(7, 0, -5, 3) == [("c", 3)]
    assert taken(0, 5) == []
    assert taken(4) == []


@LAW
@given(QUEUES, QUANTITIES.map(abs))
def test_a_queue_ships_all_that_there_is_and_no_more_than_is_asked(demand: list[Decimal], supply: Decimal) -> None:
    lines = covered(demand, supply)
    assert sum((line.shippable for line in lines), ZERO) == min(supply, sum(demand, ZERO))
    for line, asked in zip(lines, demand, strict=True):
        assert line.shippable + line.waiting == asked
        assert line.shippable >= 0
        assert line.waiting >= 0


@LAW
@given(QUEUES, QUANTITIES.map(abs))
def test_no_line_ships_while_an_older_one_waits(demand: list[Decimal], supply: Decimal) -> None:
    lines = covered(demand, supply)
    for place, line in enumerate(lines):
        if line.shippable > 0:
            assert all(older.waiting == 0 for older in lines[:place])


@LAW
@given(QUEUES, QUANTITIES.map(abs), ORDERED)
def test_a_delivery_never_makes_a_line_wait(demand: list[Decimal], supply: Decimal, more: Decimal) -> None:
    for before, after in zip(covered(demand, supply), covered(demand, supply + more), strict=True):
        assert after.waiting <= before.waiting


@LAW
@given(QUEUES.filter(bool), QUANTITIES.map(abs))
def test_cancelling_the_oldest_line_frees_exactly_what_it_held(demand: list[Decimal], supply: Decimal) -> None:
    before, after = covered(demand, supply), covered(demand[1:], supply)
    freed = sum((line.shippable for line in after), ZERO) - sum((line.shippable for line in before[1:]), ZERO)
    assert freed == min(before[0].shippable, sum((line.waiting for line in before[1:]), ZERO))
    assert all(younger.waiting <= line.waiting for younger, line in zip(after, before[1:], strict=True))


@LAW
@given(ORDERED, OFFERS)
def test_a_source_gives_only_what_it_has_and_only_once_those_before_it_are_empty(
    needed: Decimal, offers: list[tuple[str, Decimal]]
) -> None:
    on_hand, given_by = dict(offers), dict(take(needed, offers))
    total = sum((max(quantity, ZERO) for quantity in on_hand.values()), ZERO)
    assert sum(given_by.values(), ZERO) == min(needed, total)
    assert list(given_by) == [source for source, _ in offers if source in given_by]
    assert all(0 < part <= on_hand[source] for source, part in given_by.items())
    for source in [*given_by][:-1]:
        assert given_by[source] == on_hand[source]


@LAW
@given(QUEUES, QUANTITIES)
def test_where_the_supply_ends_tells_of_each_line_what_the_demand_ahead_does(
    demand: list[Decimal], supply: Decimal
) -> None:
    supply = supply_of([supply])
    end, ahead = None, ZERO
    for line, each in enumerate(demand):
        if ahead + each > supply:
            end = SupplyEnd(line, supply - ahead)
            break
        ahead += each
    assert [coverage_before(end, line, each) for line, each in enumerate(demand)] == covered(demand, supply)
