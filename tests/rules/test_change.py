"""Changes of rules: what differs, the rows before and after, and the windows that may not overlap."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.change import (
    PLAIN,
    Held,
    Place,
    RuleChange,
    RulesChange,
    Window,
    applied,
    difference,
    overlapping,
    place_of,
    undone,
    window_of,
)
from rules.scope import GLOBAL, Scope, scope_of
from rules.setting import BackorderMode, SettingKey, SettingValue
from rules.walk import ScopeRule, in_force, precedence
from tests.builders import NOW, SKU, Value, a_rule, value_of
from tests.rules.worlds import LAW, VALUES

THRESHOLD, MINIMUM = SettingKey.OUT_OF_STOCK_THRESHOLD, SettingKey.MIN_SALE_QTY
TICK, HOUR = timedelta(microseconds=1), timedelta(hours=1)
CLOSED = Window(NOW, NOW + HOUR)
LATER = Window(NOW + HOUR, NOW + 2 * HOUR)
OPEN = Window(NOW)


def asked(scope: Scope = GLOBAL, **values: Value) -> RulesChange:
    settings = {SettingKey(key): value_of(value) for key, value in values.items()}
    return RulesChange(scope.type, scope.source, scope.sku, settings)


def row_in(window: Window, value: Value = -50, *, row: int = 1) -> ScopeRule:
    return a_rule(value=value, starts=window.start, ends=window.end, row=row)


def held(value: Value) -> Held:
    return Held(value_of(value))


def changed(before: Held | None, after: Held | None, window: Window = PLAIN) -> RuleChange:
    return RuleChange(GLOBAL, THRESHOLD, before, after, window)


def stands(rows: Iterable[ScopeRule]) -> set[tuple[Place, SettingValue | None]]:
    return {(place_of(row), row.value) for row in rows}


def test_a_value_sets_replaces_or_leaves_as_it_is() -> None:
    change = asked(out_of_stock_threshold="-50.0000")
    assert difference([change], PLAIN, []) == [changed(None, held(-50))]
    assert difference([change], PLAIN, [a_rule(value=-7)]) == [changed(held(-7), held(-50))]
    assert difference([change], PLAIN, [a_rule(value=-50)]) == []


def test_null_removes_a_plain_rule_and_is_nothing_where_there_is_none() -> None:
    change = asked(out_of_stock_threshold=None)
    assert difference([change], PLAIN, [a_rule(value=-7)]) == [changed(held(-7), None)]
    assert difference([change], PLAIN, []) == []
    assert difference([change], PLAIN, [row_in(CLOSED), row_in(OPEN)]) == []


@pytest.mark.parametrize("value", [0, False, BackorderMode.NO_BACKORDERS])
def test_zero_false_and_no_backorders_are_values_and_no_removals(value: Value) -> None:
    key = {int: THRESHOLD, bool: SettingKey.MANAGE_STOCK}.get(type(value), SettingKey.BACKORDERS)
    (found,) = difference([RulesChange(GLOBAL.type, settings={key: value_of(value)})], PLAIN, [])
    assert (found.before, found.after) == (None, held(value))


def test_a_window_is_a_row_of_its_own_beside_the_others() -> None:
    rows = [a_rule(value=-50), row_in(LATER, -50), row_in(Window(NOW, NOW + HOUR + TICK), -50), row_in(OPEN, -50)]
    assert difference([asked(out_of_stock_threshold=-50)], CLOSED, rows) == [changed(None, held(-50), CLOSED)]
    assert difference([asked(out_of_stock_threshold=-9)], OPEN, rows) == [changed(held(-50), held(-9), OPEN)]


@pytest.mark.parametrize("other", [PLAIN, OPEN, Window(None, NOW + TICK), Window(NOW + HOUR - TICK)])
def test_null_in_a_window_hides_what_stands_in_a_part_of_it(other: Window) -> None:
    change = asked(out_of_stock_threshold=None)
    assert difference([change], CLOSED, [row_in(other)]) == [changed(None, held(None), CLOSED)]
    assert difference([change], CLOSED, [row_in(other), row_in(CLOSED, None)]) == []


def test_null_in_a_window_with_nothing_to_hide_is_nothing() -> None:
    change = asked(out_of_stock_threshold=None)
    strangers = [a_rule(MINIMUM, 2), a_rule(sku=SKU), a_rule(source="north"), row_in(LATER), row_in(Window(None, NOW))]
    assert difference([change], CLOSED, strangers) == []


def test_differences_stand_in_the_order_of_the_call() -> None:
    calls = [asked(scope_of(None, SKU), min_sale_qty=2, max_sale_qty=None), asked(min_sale_qty=3, manage_stock=False)]
    found = difference(calls, PLAIN, [])
    assert [(each.scope, each.setting.value) for each in found] == [
        (scope_of(None, SKU), "min_sale_qty"),
        (GLOBAL, "min_sale_qty"),
        (GLOBAL, "manage_stock"),
    ]


def test_a_row_that_is_replaced_keeps_its_id_and_takes_the_new_revision() -> None:
    rows = [a_rule(value=-1, row=7), row_in(CLOSED, -2, row=8), a_rule(MINIMUM, 3, row=9)]
    after = applied(rows, [changed(held(-1), held(-5))], revision=4)
    assert {(row.id, row.value, row.revision) for row in after} == {(7, -5, 4), (8, -2, 1), (9, 3, 1)}


def test_a_new_row_has_no_id_yet_and_a_removed_one_is_gone() -> None:
    rows = [a_rule(value=-1, row=7)]
    after = applied(rows, [changed(held(-1), None), changed(None, held(None), CLOSED)])
    assert [(row.id, row.value, window_of(row)) for row in after] == [(0, None, CLOSED)]


def test_the_undoing_of_a_change_gives_back_the_rows_before_it() -> None:
    rows = [a_rule(value=-1), row_in(CLOSED, None), row_in(OPEN, 4)]
    changes = [changed(held(-1), None), changed(held(None), held(-3), CLOSED), changed(None, held(0), LATER)]
    assert stands(undone(applied(rows, changes), changes)) == stands(rows)
    assert [each.inverse.inverse for each in changes] == changes


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        (PLAIN, PLAIN, True),
        (PLAIN, CLOSED, True),
        (CLOSED, LATER, False),
        (CLOSED, Window(NOW + HOUR - TICK, NOW + 2 * HOUR), True),
        (CLOSED, Window(None, NOW), False),
        (CLOSED, Window(None, NOW + TICK), True),
        (CLOSED, Window(NOW + TICK, NOW + 2 * TICK), True),
        (OPEN, Window(NOW + 9000 * HOUR), True),
        (OPEN, Window(None, NOW), False),
    ],
)
def test_two_windows_overlap_where_one_instant_is_in_both(first: Window, second: Window, meet: bool) -> None:
    assert first.overlaps(second) is second.overlaps(first) is meet


def test_a_window_tells_what_it_is() -> None:
    assert [window.is_plain for window in (PLAIN, OPEN, CLOSED, Window(None, NOW))] == [True, False, False, False]
    assert [window.is_closed for window in (PLAIN, OPEN, CLOSED, Window(None, NOW))] == [False, False, True, True]
    texts = ["always", "from 2030-06-01 12:00:00 UTC", "until 2030-06-01 12:00:00 UTC"]
    assert [str(window) for window in (PLAIN, OPEN, Window(None, NOW))] == texts
    assert str(CLOSED) == "from 2030-06-01 12:00:00 UTC until 2030-06-01 13:00:00 UTC"


def overlaps_of(change: RuleChange, *rows: ScopeRule, now: datetime = NOW) -> list[Window]:
    return [window_of(row) for _, row in overlapping([change], applied(rows, [change]), now)]


def test_closed_windows_of_one_scope_and_setting_may_not_overlap() -> None:
    change, wide = changed(None, held(-1), CLOSED), Window(NOW - HOUR, NOW + 2 * HOUR)
    assert overlaps_of(change, row_in(wide)) == [wide]
    assert overlaps_of(change, row_in(wide, None)) == [wide]
    assert overlaps_of(changed(None, held(None), CLOSED), row_in(wide)) == [wide]


def test_windows_that_touch_do_not_overlap() -> None:
    assert overlaps_of(changed(None, held(-1), CLOSED), row_in(LATER), row_in(Window(NOW - HOUR, NOW))) == []


def test_open_ended_rows_overlap_nothing() -> None:
    assert overlaps_of(changed(None, held(-1), CLOSED), a_rule(), row_in(OPEN)) == []
    assert overlaps_of(changed(None, held(-1), OPEN), row_in(CLOSED)) == []
    assert overlaps_of(changed(None, held(-1)), row_in(CLOSED)) == []


def test_windows_of_other_scopes_and_settings_overlap_nothing() -> None:
    wide = partial(a_rule, starts=NOW - HOUR, ends=NOW + 2 * HOUR)
    others = [wide(MINIMUM, 2), wide(sku=SKU), wide(source="north")]
    assert overlaps_of(changed(None, held(-1), CLOSED), *others) == []


def test_replacing_or_removing_a_window_overlaps_nothing() -> None:
    assert overlaps_of(changed(held(-1), held(-2), CLOSED), row_in(CLOSED, -1)) == []
    wide = row_in(Window(NOW - HOUR, NOW + 2 * HOUR))
    assert overlaps_of(changed(held(-1), None, CLOSED), row_in(CLOSED, -1), wide) == []


def test_a_window_that_has_ended_stands_in_nobodys_way() -> None:
    ended = row_in(Window(NOW - HOUR, NOW + TICK))
    change = changed(None, held(-1), CLOSED)
    assert overlaps_of(change, ended, now=NOW + TICK) == []
    assert overlaps_of(change, ended, now=NOW) == [window_of(ended)]


INSTANTS = [NOW + number * HOUR for number in range(4)]
EDGES = [None, *INSTANTS]
WINDOWS = [Window(a, b) for a, b in product(EDGES, EDGES) if a is None or b is None or a < b]
KEYS = (THRESHOLD, SettingKey.BACKORDERS)
SCOPES = (GLOBAL, scope_of("north", None), scope_of(None, SKU))
PLACES = list(product(SCOPES, KEYS, WINDOWS))


@st.composite
def stores(draw: st.DrawFn) -> list[ScopeRule]:
    """Lawful rows at some places; those without a window hold a value."""
    found = []
    for row, (scope, key, window) in enumerate(draw(st.lists(st.sampled_from(PLACES), unique=True, max_size=12)), 1):
        value = draw(VALUES[key] if window.is_plain else st.none() | VALUES[key])
        found.append(ScopeRule(row, scope, key, value, 1, window.start, window.end))
    return found


@st.composite
def calls(draw: st.DrawFn) -> list[RulesChange]:
    """What one call may ask: no scope and setting twice."""
    settings = st.fixed_dictionaries({}, optional={key: st.none() | VALUES[key] for key in KEYS})
    scopes = draw(st.lists(st.sampled_from(SCOPES), unique=True, max_size=3))
    return [RulesChange(scope.type, scope.source, scope.sku, draw(settings)) for scope in scopes]


@LAW
@given(stores(), calls(), st.sampled_from(WINDOWS))
def test_to_undo_a_difference_is_to_have_the_rows_before_it(
    rows: list[ScopeRule], call: list[RulesChange], window: Window
) -> None:
    changes = difference(call, window, rows)
    after = applied(rows, changes)
    assert stands(undone(after, changes)) == stands(rows)
    assert difference(call, window, after) == []


@LAW
@given(stores(), calls(), st.sampled_from(WINDOWS), st.sampled_from([datetime.min.replace(tzinfo=UTC), *INSTANTS]))
def test_a_change_rules_in_its_window_unless_a_schedule_beats_it_and_nowhere_else(
    rows: list[ScopeRule], call: list[RulesChange], window: Window, instant: datetime
) -> None:
    changes = difference(call, window, rows)
    after = applied(rows, changes)
    assume(not list(overlapping(changes, after, NOW - HOUR)))  # such a call is refused
    for scope, key in product(SCOPES, KEYS):
        settings = {change.scope: change.settings for change in call}.get(scope, {})
        before_here, here = ([r for r in each if (r.scope, r.setting) == (scope, key)] for each in (rows, after))
        mine = ScopeRule(0, scope, key, settings.get(key), 1, window.start, window.end)
        beaten = any(row.holds_at(instant) and precedence(row) > precedence(mine) for row in before_here)
        found, expected = in_force(here, instant), in_force(before_here, instant)
        if key in settings and mine.holds_at(instant) and not beaten and not (window.is_plain and mine.value is None):
            assert (found.value if found else None) == mine.value
        elif key not in settings or not mine.holds_at(instant) or beaten:
            assert found == expected
