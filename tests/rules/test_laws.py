"""The laws of the walk and the calculator over random worlds: what holds whatever the goods and the rules."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.calculator import Availability, AvailabilityKind, StockStatus, TermKind
from rules.position import StockedItem
from rules.quantity import from_units, is_quantity, show, to_units
from rules.scope import GLOBAL, ScopeType, scope_of
from rules.setting import CATALOGUE, PER_PRODUCT, PER_SOURCE, BackorderMode, SettingKey
from rules.walk import Rules, ScopeRule, in_force
from tests.builders import NOW, SKU, available, judged, rules_at
from tests.rules.worlds import (
    LAW,
    MODES,
    PLACES,
    QUANTITIES,
    SKUS,
    SOURCES,
    Place,
    World,
    items,
    values_of,
    worlds,
)


def figures(found: Availability) -> tuple[object, ...]:
    """Everything that is told of a product, but for what it was worked out from."""
    return (
        *(found.mode, found.is_unlimited, found.groups, found.effective_threshold, found.on_hand, found.terms),
        *(found.is_stock_managed, found.salable_qty, found.stock_status, found.only_x_left, found.kind),
        *(found.backorder_limit, found.sum_of_terms),
    )


@LAW
@given(worlds(), st.sampled_from(SOURCES), st.sampled_from(SKUS), st.sampled_from(SettingKey))
def test_the_nearest_rule_wins_and_hides_the_others(world: World, source: str, sku: str, key: SettingKey) -> None:
    told = world.nearest_first(key, source, sku)
    found = Rules(world.rows, NOW).walk(CATALOGUE[key], scope_of(source, sku))
    ranked = [rule for rule in (found.rule, *found.overridden) if rule is not None]
    assert [(rule.scope.type, rule.value) for rule in ranked] == told
    assert (found.scope.type, found.value) == (told[0] if told else (ScopeType.DEFAULT, CATALOGUE[key].default))


@LAW
@given(worlds(), st.permutations(SKUS), st.permutations(SOURCES))
def test_walking_all_settings_at_once_is_walking_each(world: World, skus: list[str], sources: list[str]) -> None:
    together, alone = Rules(world.rows, NOW), Rules(world.rows, NOW)
    for sku in skus:
        product = scope_of(None, sku)
        assert together.of_product(sku) == {each.key: alone.walk(each, product) for each in PER_PRODUCT}
        for source in sources:
            asked = tuple(alone.walk(each, scope_of(source, sku)) for each in PER_SOURCE)
            assert together.of_product_at(source, sku) == asked


@LAW
@given(worlds(), st.sampled_from(SettingKey), st.sampled_from(PLACES))
def test_each_setting_walks_alone(world: World, key: SettingKey, place: Place) -> None:
    assume(key != place[0])
    changed = replace(world, values=world.values | {place: CATALOGUE[place[0]].default})
    scope = scope_of("north", SKU)
    before, after = (Rules(each.rows, NOW).walk(CATALOGUE[key], scope) for each in (world, changed))
    assert (after.value, after.scope) == (before.value, before.scope)


@LAW
@given(worlds(), st.sampled_from(PLACES))
def test_what_is_inherited_is_what_would_hold_without_the_rule(world: World, place: Place) -> None:
    key, scope = place
    without = Rules([row for row in world.rows if (row.setting, row.scope) != place], NOW)
    found = Rules(world.rows, NOW).inherited(CATALOGUE[key], scope)
    expected = without.walk(CATALOGUE[key], scope)
    assert (found.value, found.scope, found.overridden) == (expected.value, expected.scope, expected.overridden)


HOURS = st.integers(-4, 4)
EDGES = st.lists(HOURS, unique=True, max_size=6).map(sorted)


@LAW
@given(st.lists(st.none() | HOURS, unique=True, max_size=4), EDGES, st.sets(st.integers(0, 6)), st.randoms())
def test_a_closed_window_rules_before_the_latest_start(
    starts: list[int | None], edges: list[int], nulls: set[int], random: Random
) -> None:
    closed = list(zip(edges[::2], edges[1::2], strict=False))
    windows = [*closed, *((start, None) for start in starts)]
    rows = [
        ScopeRule(row, GLOBAL, SettingKey.MANAGE_STOCK, None if row in nulls else False, 1, at(start), at(end))
        for row, (start, end) in enumerate(windows)
    ]
    now_closed = [row for row, (start, end) in enumerate(closed) if start <= 0 < end]
    begun = [(-99 if start is None else start, row) for row, start in enumerate(starts, len(closed))]
    now_open = [row for start, row in sorted(begun) if start <= 0]
    ruling = [*now_closed, *now_open[::-1], None][0]
    found = in_force(random.sample(rows, len(rows)), NOW)
    assert found == (None if ruling is None or ruling in nulls else rows[ruling])


def at(hour: int | None) -> datetime | None:
    return None if hour is None else NOW + timedelta(hours=hour)


@LAW
@given(worlds())
def test_the_terms_add_up_to_what_is_salable(world: World) -> None:
    found = world.found
    total = sum((item.quantity for item in world.counting), world.reserved) - world.effective_threshold
    assert found.effective_threshold == world.effective_threshold
    assert found.is_unlimited == world.is_unlimited
    assert found.sum_of_terms == total
    assert found.is_stock_managed == world.value("manage_stock")
    if found.is_stock_managed:
        assert sum(term.quantity for term in found.terms) == total
        assert sum(term.kind is TermKind.SOURCE_QUANTITY for term in found.terms) == len(world.counting)
        assert sum(term.kind is TermKind.RESERVATIONS for term in found.terms) == 1
        assert all(term.quantity for term in found.terms if term.kind is TermKind.OUT_OF_STOCK_THRESHOLD)
    else:
        assert not found.terms


@LAW
@given(worlds())
def test_the_salable_quantity_is_cut_off_at_zero_unless_unlimited(world: World) -> None:
    found = world.found
    total = sum((item.quantity for item in world.counting), world.reserved) - world.effective_threshold
    if not world.value("manage_stock"):
        assert found.salable_qty is None
        assert (found.stock_status is StockStatus.IN_STOCK) == bool(world.items)
    elif not world.counting:
        assert found.salable_qty == 0
        assert found.stock_status is StockStatus.OUT_OF_STOCK
    else:
        assert found.salable_qty == (total if world.is_unlimited else max(total, 0))
        assert (found.stock_status is StockStatus.IN_STOCK) == (world.is_unlimited or total > 0)


@LAW
@given(worlds(), st.integers(0, 60))
def test_availability_follows_from_the_status_the_goods_and_only_x_left(world: World, few: int) -> None:
    found = world.with_own(only_x_left_threshold=few).found
    salable = found.salable_qty
    shows = salable is not None and not world.is_unlimited and 0 < salable <= few
    assert found.only_x_left == (salable if shows else None)
    if found.stock_status is StockStatus.OUT_OF_STOCK:
        assert found.kind is AvailabilityKind.OUT_OF_STOCK
    elif salable is not None and sum((item.quantity for item in world.counting), world.reserved) <= 0:
        assert found.kind is AvailabilityKind.BACK_ORDER
    else:
        assert found.kind is (AvailabilityKind.LIMITED_AVAILABILITY if shows else AvailabilityKind.IN_STOCK)


@LAW
@given(st.sampled_from([None, SKU]), QUANTITIES, MODES, items(at_least=1))
def test_a_rule_counts_once_over_any_number_of_sources(
    sku: str | None, threshold: Decimal, mode: BackorderMode, goods: tuple[StockedItem, ...]
) -> None:
    assume(any(item.counts for item in goods))
    rules = rules_at(sku=sku, out_of_stock_threshold=threshold, backorders=mode)
    gathered = StockedItem("one", sum((item.quantity for item in goods if item.counts), Decimal(0)), True, True)
    spread, one = available(*goods, rules=rules), available(gathered, rules=rules)
    assert spread.effective_threshold == one.effective_threshold
    assert spread.salable_qty == one.salable_qty
    assert len(spread.groups) == 1


@LAW
@given(worlds(at_least=1), QUANTITIES, st.data())
def test_a_larger_threshold_never_sells_more_unless_it_lifts_the_limit(
    world: World, threshold: Decimal, data: st.DataObject
) -> None:
    key = SettingKey.OUT_OF_STOCK_THRESHOLD
    place = data.draw(
        st.sampled_from([place for place in world.values if place[0] is key] or [(key, scope_of(None, SKU))])
    )
    small, large = sorted((threshold, data.draw(QUANTITIES)))
    before = replace(world, values=world.values | {place: small}).with_own(manage_stock=True).found
    after = replace(world, values=world.values | {place: large}).with_own(manage_stock=True).found
    assert after.is_unlimited or not before.is_unlimited
    if after.is_unlimited == before.is_unlimited:
        assert after.salable_qty is not None
        assert before.salable_qty is not None
        assert after.salable_qty <= before.salable_qty
        assert judged(after, 1).max_salable_qty <= judged(before, 1).max_salable_qty


@LAW
@given(worlds(at_least=1), st.booleans())
def test_an_item_that_does_not_count_changes_nothing_but_by_its_absence(world: World, disabled: bool) -> None:
    last = world.items[-1]
    absent = replace(last, is_enabled=False) if disabled else replace(last, is_in_stock=False)
    without = world.with_items(world.items[:-1]).found
    assume(without.is_stock_managed or without.position.is_assigned)
    assert figures(world.with_items((*world.items[:-1], absent)).found) == figures(without)


@LAW
@given(worlds())
def test_neither_the_order_of_items_nor_of_rules_changes_what_is_salable(world: World) -> None:
    found = world.found
    turned = available(*world.items[::-1], rules=world.rows[::-1], reserved=world.reserved)
    assert (turned.salable_qty, turned.mode, turned.kind) == (found.salable_qty, found.mode, found.kind)


@pytest.mark.parametrize("key", list(SettingKey))
@LAW
@given(st.data())
def test_what_a_row_stores_is_read_back(key: SettingKey, data: st.DataObject) -> None:
    setting = CATALOGUE[key]
    value = data.draw(values_of(setting))
    read = setting.read(setting.write(value))
    assert read == value
    assert type(read) is type(value)


@LAW
@given(QUANTITIES)
def test_a_quantity_survives_storage_and_is_shown_as_itself(quantity: Decimal) -> None:
    assert is_quantity(quantity)
    assert from_units(to_units(quantity)) == Decimal(show(quantity)) == quantity
    assert show(quantity * Decimal("1.0000")) == show(quantity) == str(from_units(to_units(quantity)))
