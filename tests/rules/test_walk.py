"""The walk: the nearest rule wins, each setting alone, with its provenance; and which rule rules at an instant."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from rules.scope import DEFAULT, GLOBAL, Scope, scope_of
from rules.setting import CATALOGUE, BackorderMode, SettingKey, SettingValue
from rules.walk import EffectiveSetting, Rules, ScopeRule, in_force
from tests.builders import NOW, SKU, Value, a_rule, available, own, rules_at, rules_of, stocked, value_of

NORTH = scope_of("north", SKU)
TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


def walked(rules: Rules, key: str = "out_of_stock_threshold", scope: Scope = NORTH) -> EffectiveSetting:
    return rules.walk(CATALOGUE[SettingKey(key)], scope)


def ruling(*rows: ScopeRule) -> SettingValue | None:
    found = in_force(rows, NOW)
    return found.value if found else None


AT_GLOBAL = a_rule(value=-1)
AT_SOURCE = a_rule(value=-2, source="north")
AT_PRODUCT = a_rule(value=-3, sku=SKU)
AT_PRODUCT_SOURCE = a_rule(value=-4, source="north", sku=SKU)


def test_product_at_source_rule_beats_product_rule() -> None:
    assert walked(rules_of(AT_PRODUCT, AT_PRODUCT_SOURCE)).rule == AT_PRODUCT_SOURCE


def test_product_rule_beats_source_rule() -> None:
    assert walked(rules_of(AT_SOURCE, AT_PRODUCT)).rule == AT_PRODUCT


def test_source_rule_beats_global_rule() -> None:
    assert walked(rules_of(AT_GLOBAL, AT_SOURCE)).rule == AT_SOURCE


def test_global_rule_beats_the_shipped_default() -> None:
    found = walked(rules_of(AT_GLOBAL))
    assert (found.value, found.scope, found.rule) == (-1, GLOBAL, AT_GLOBAL)


@pytest.mark.parametrize("key", list(SettingKey))
def test_the_shipped_default_answers_where_no_rule_stands(key: SettingKey) -> None:
    assert walked(rules_of(), key) == EffectiveSetting(key, CATALOGUE[key].default, DEFAULT, None, ())


def test_an_answer_keeps_the_rules_it_hides_nearest_first() -> None:
    found = walked(rules_of(AT_GLOBAL, AT_SOURCE, AT_PRODUCT, AT_PRODUCT_SOURCE))
    assert found.rule == AT_PRODUCT_SOURCE
    assert found.scope == NORTH
    assert found.overridden == (AT_PRODUCT, AT_SOURCE, AT_GLOBAL)


def test_each_setting_walks_alone() -> None:
    rules = rules_of(*own(backorders=BackorderMode.ALLOW), *rules_at(out_of_stock_threshold=-50))
    assert walked(rules, "backorders").scope == scope_of(None, SKU)
    assert walked(rules, "out_of_stock_threshold").scope == GLOBAL


@pytest.mark.parametrize(
    ("key", "near", "far"),
    [
        ("out_of_stock_threshold", 0, -50),
        ("only_x_left_threshold", 0, 5),
        ("manage_stock", False, True),
        ("enable_qty_increments", False, True),
        ("backorders", BackorderMode.NO_BACKORDERS, BackorderMode.ALLOW),
    ],
)
def test_zero_false_and_no_backorders_are_values_like_any_other(key: str, near: Value, far: Value) -> None:
    setting = SettingKey(key)
    found = walked(rules_of(a_rule(setting, far), a_rule(setting, near, sku=SKU)), key)
    assert found.value == value_of(near)
    assert len(found.overridden) == 1


def test_rules_of_other_products_and_sources_are_not_asked() -> None:
    others = (a_rule(sku="sku-2"), a_rule(source="south"), a_rule(source="south", sku=SKU), a_rule(sku=SKU.upper()))
    assert walked(rules_of(*others)).rule is None
    assert walked(rules_of(*others, AT_GLOBAL)).overridden == ()


def test_a_product_without_rules_of_its_own_inherits_as_any_other() -> None:
    rules = rules_of(
        AT_SOURCE, a_rule(value=-9, source="south"), a_rule(sku="sku-2"), *rules_at(backorders=BackorderMode.ALLOW)
    )
    assert [walked(rules, scope=scope_of(source, SKU)).value for source in ("north", "south", "north")] == [-2, -9, -2]
    assert walked(rules, scope=scope_of("west", SKU)).rule is None


def test_a_setting_that_is_not_per_source_never_asks_a_source() -> None:
    stray = rules_at(source="north", manage_stock=False) + rules_at(source="north", sku=SKU, manage_stock=False)
    assert available(stocked(source="north"), rules=stray).is_stock_managed


def test_asked_at_the_product_a_per_source_setting_passes_the_sources_over() -> None:
    rules = rules_of(AT_GLOBAL, AT_SOURCE, AT_PRODUCT_SOURCE)
    assert walked(rules, scope=scope_of(None, SKU)).rule == AT_GLOBAL
    assert walked(rules_of(AT_GLOBAL, AT_PRODUCT), scope=scope_of(None, SKU)).rule == AT_PRODUCT


def test_what_is_inherited_leaves_out_the_rule_of_the_scope_itself() -> None:
    rules = rules_of(AT_GLOBAL, AT_SOURCE, AT_PRODUCT, AT_PRODUCT_SOURCE)
    threshold = CATALOGUE[SettingKey.OUT_OF_STOCK_THRESHOLD]
    scopes = (NORTH, scope_of(None, SKU), scope_of("north", None), GLOBAL)
    assert [rules.inherited(threshold, scope).value for scope in scopes] == [-3, -1, -1, 0]


def test_where_a_scope_has_no_rule_it_inherits_what_it_has() -> None:
    threshold = CATALOGUE[SettingKey.OUT_OF_STOCK_THRESHOLD]
    assert rules_of(AT_GLOBAL, AT_SOURCE).inherited(threshold, NORTH).rule == AT_SOURCE
    assert rules_of().inherited(threshold, NORTH).rule is None


def test_only_the_rules_of_a_scope_stand_at_it() -> None:
    rules = rules_of(AT_GLOBAL, AT_PRODUCT, *own(backorders=BackorderMode.ALLOW))
    assert set(rules.at(scope_of(None, SKU))) == {"out_of_stock_threshold", "backorders"}
    assert rules.at(scope_of(None, SKU))[SettingKey.OUT_OF_STOCK_THRESHOLD] == AT_PRODUCT
    assert rules.at(NORTH) == {}


def test_a_plain_rule_holds_always() -> None:
    assert ruling(a_rule(value=1)) == 1
    assert a_rule().holds_at(datetime.min.replace(tzinfo=UTC))
    assert a_rule().holds_at(datetime.max.replace(tzinfo=UTC))


def test_the_start_belongs_to_the_window() -> None:
    assert ruling(a_rule(value=1, starts=NOW)) == 1
    assert ruling(a_rule(value=1, starts=NOW, ends=NOW + HOUR)) == 1
    assert ruling(a_rule(value=1, starts=NOW + TICK)) is None


def test_the_end_does_not_belong_to_the_window() -> None:
    assert ruling(a_rule(value=1, ends=NOW + TICK)) == 1
    assert ruling(a_rule(value=1, starts=NOW - HOUR, ends=NOW)) is None


def test_of_two_windows_that_touch_the_later_one_holds_at_the_edge() -> None:
    assert ruling(a_rule(value=1, starts=NOW - HOUR, ends=NOW), a_rule(value=2, starts=NOW, ends=NOW + HOUR)) == 2


CLOSED = a_rule(value=1, starts=NOW - HOUR, ends=NOW + HOUR)


@pytest.mark.parametrize("open_ended", [a_rule(value=2), a_rule(value=2, starts=NOW), a_rule(value=None, starts=NOW)])
def test_a_closed_window_beats_every_open_ended_change(open_ended: ScopeRule) -> None:
    assert ruling(CLOSED, open_ended) == ruling(open_ended, CLOSED) == 1


def test_a_window_that_has_only_an_end_is_closed() -> None:
    assert ruling(a_rule(value=1, ends=NOW + TICK), a_rule(value=2, starts=NOW)) == 1


def test_among_open_ended_changes_the_latest_start_wins() -> None:
    plain, old, new = a_rule(value=1), a_rule(value=2, starts=NOW - 2 * HOUR), a_rule(value=3, starts=NOW - HOUR)
    not_yet = a_rule(value=4, starts=NOW + HOUR)
    assert {ruling(*rows) for rows in permutations((plain, old, new, not_yet))} == {3}


def test_a_plain_rule_has_the_earliest_start() -> None:
    assert ruling(a_rule(value=2, starts=NOW - 10_000 * HOUR), a_rule(value=1)) == 2


def test_a_null_that_wins_means_no_rule() -> None:
    assert ruling(a_rule(value=1), a_rule(value=None, starts=NOW)) is None
    assert ruling(a_rule(value=1), a_rule(value=None, starts=NOW - HOUR, ends=NOW + HOUR)) is None
    assert ruling(a_rule(value=1, starts=NOW), a_rule(value=None, starts=NOW - HOUR)) == 1


def test_where_a_null_wins_the_walk_goes_on_outwards() -> None:
    found = walked(rules_of(AT_PRODUCT, a_rule(value=None, sku=SKU, starts=NOW, ends=NOW + HOUR), AT_GLOBAL))
    assert (found.rule, found.overridden) == (AT_GLOBAL, ())


def test_when_a_window_ends_what_lies_below_returns() -> None:
    window = a_rule(value=9, sku=SKU, starts=NOW, ends=NOW + HOUR)
    values = [walked(rules_of(AT_PRODUCT, window, at=at)).value for at in (NOW - TICK, NOW, NOW + HOUR - TICK)]
    assert values == [-3, 9, 9]
    assert walked(rules_of(AT_PRODUCT, window, at=NOW + HOUR)).rule == AT_PRODUCT


def test_a_closed_window_further_out_does_not_beat_a_plain_rule_nearer() -> None:
    assert walked(rules_of(CLOSED, AT_SOURCE)).rule == AT_SOURCE


def test_windows_of_different_settings_do_not_meet() -> None:
    rules = rules_of(CLOSED, *rules_at(backorders=BackorderMode.ALLOW))
    assert walked(rules).rule == CLOSED
    assert walked(rules, "backorders").value is BackorderMode.ALLOW


def test_a_rule_that_does_not_rule_now_is_not_hidden_either() -> None:
    later = a_rule(value=9, starts=NOW + HOUR)
    assert walked(rules_of(later, AT_PRODUCT)).overridden == ()
