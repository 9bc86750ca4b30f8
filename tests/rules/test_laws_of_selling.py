"""The laws of selling over random worlds: the largest salable quantity, the late part, the status, and carts."""

from decimal import Decimal
from math import lcm

from hypothesis import given
from hypothesis import strategies as st

from rules.calculator import Availability, StockStatus
from rules.quantity import from_units, to_units
from rules.salability import Salability, cart_salability
from rules.setting import BackorderMode
from tests.builders import SKU, available, judged, own, stocked
from tests.rules.worlds import LAW, ORDERED, QUANTITIES, SELLS_ANYTHING, World, worlds

TINY = Decimal("0.0001")
WORLDS = worlds() | worlds().map(lambda world: world.with_own(**SELLS_ANYTHING))


def carted(found: Availability, *quantities: Decimal) -> list[Salability]:
    return cart_salability([(SKU, found, quantity) for quantity in quantities])


@LAW
@given(worlds())
def test_the_status_agrees_with_what_can_be_bought(world: World) -> None:
    found = world.with_own(**SELLS_ANYTHING).found
    is_in_stock = found.stock_status is StockStatus.IN_STOCK
    assert is_in_stock == judged(found, TINY).is_salable
    assert is_in_stock == (judged(found, TINY).max_salable_qty > 0)


@LAW
@given(WORLDS, ORDERED)
def test_the_largest_salable_quantity_is_salable_and_one_step_more_is_not(world: World, quantity: Decimal) -> None:
    found = world.found
    best = judged(found, quantity).max_salable_qty
    increment, units = world.value("qty_increments"), 1 if world.value("qty_uses_decimals") else 10_000
    if world.value("enable_qty_increments") and isinstance(increment, Decimal):
        units = lcm(units, to_units(increment))
    assert best == 0 or judged(found, best).is_salable
    assert not judged(found, best + from_units(units)).is_salable
    assert not judged(found, quantity).is_salable or quantity <= best


STEPS = st.sampled_from(["0.25", "0.75", "1", "1.5", "2", "4.5"])
LEAST = st.sampled_from(["0.25", "1", "1.25", "3"])


@LAW
@given(
    st.integers(-8, 50).map(lambda number: Decimal(number) / 4),
    STEPS,
    LEAST,
    st.booleans(),
    st.sampled_from(BackorderMode),
)
def test_no_quantity_on_a_grid_is_better_than_the_largest_salable_one(
    on_hand: Decimal, step: str, least: str, decimals: bool, mode: BackorderMode
) -> None:
    limits = own(min_sale_qty=least, max_sale_qty=10, enable_qty_increments=True, qty_increments=step)
    rules = [*limits, *own(qty_uses_decimals=decimals, backorders=mode, out_of_stock_threshold=-3)]
    found = available(stocked(on_hand), rules=rules)
    grid = [Decimal(number) / 4 for number in range(1, 60)]
    best = max((quantity for quantity in grid if judged(found, quantity).is_salable), default=Decimal(0))
    assert judged(found, 1).max_salable_qty == best


@LAW
@given(WORLDS, ORDERED)
def test_the_late_part_is_within_nothing_and_all_of_it(world: World, quantity: Decimal) -> None:
    found = world.found
    answer = judged(found, quantity)
    assert 0 <= answer.backordered_qty <= quantity
    on_time = quantity - answer.backordered_qty
    if answer.is_salable and found.is_stock_managed:
        assert on_time == min(quantity, max(found.shippable, Decimal(0)))
    else:
        assert on_time == quantity


@LAW
@given(WORLDS, QUANTITIES)
def test_a_cart_of_one_line_is_judged_as_the_line_alone(world: World, quantity: Decimal) -> None:
    found = world.found
    assert carted(found, quantity) == [judged(found, quantity)]


@LAW
@given(WORLDS, st.lists(ORDERED, min_size=2, max_size=4))
def test_splitting_a_line_changes_nothing_of_the_whole(world: World, parts: list[Decimal]) -> None:
    found = world.found
    whole = judged(found, sum(parts, Decimal(0)))
    answers = carted(found, *parts)
    assert sum(answer.backordered_qty for answer in answers) == whole.backordered_qty
    assert {(answer.errors, answer.max_salable_qty) for answer in answers} == {(whole.errors, whole.max_salable_qty)}
    assert all(0 <= answer.backordered_qty <= part for answer, part in zip(answers, parts, strict=True))
    late = [answer.backordered_qty for answer in answers]
    first = next((at for at, part in enumerate(late) if part > 0), len(parts))
    assert late[first + 1 :] == parts[first + 1 :]
