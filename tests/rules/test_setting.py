"""The catalogue of settings: its ten entries, their defaults, bounds and scopes, and the texts that rows store."""

from decimal import Decimal

import pytest

from rules.scope import ScopeType
from rules.setting import (
    CATALOGUE,
    PER_PRODUCT,
    PER_SOURCE,
    BackorderMode,
    Setting,
    SettingKey,
    SettingValue,
    SettingValueType,
)

BOOLEAN, QUANTITY, MODE = SettingValueType.BOOLEAN, SettingValueType.QUANTITY, SettingValueType.BACKORDER_MODE
GLOBAL_OR_PRODUCT = {ScopeType.GLOBAL, ScopeType.PRODUCT}
ANY = {ScopeType.GLOBAL, ScopeType.SOURCE, ScopeType.PRODUCT, ScopeType.PRODUCT_SOURCE}
ALL = list(CATALOGUE.values())


def setting(key: str) -> Setting:
    return CATALOGUE[SettingKey(key)]


@pytest.mark.parametrize(
    ("key", "label", "type_", "default", "scopes"),
    [
        ("manage_stock", "Manage Stock", BOOLEAN, True, GLOBAL_OR_PRODUCT),
        ("backorders", "Backorders", MODE, BackorderMode.NO_BACKORDERS, ANY),
        ("out_of_stock_threshold", "Out-of-Stock Threshold", QUANTITY, Decimal(0), ANY),
        ("notify_for_quantity_below", "Notify for Quantity Below", QUANTITY, Decimal(1), ANY),
        ("only_x_left_threshold", "Only X left Threshold", QUANTITY, Decimal(0), GLOBAL_OR_PRODUCT),
        ("min_sale_qty", "Minimum Qty Allowed in Shopping Cart", QUANTITY, Decimal(1), GLOBAL_OR_PRODUCT),
        ("max_sale_qty", "Maximum Qty Allowed in Shopping Cart", QUANTITY, Decimal(10_000), GLOBAL_OR_PRODUCT),
        ("enable_qty_increments", "Enable Qty Increments", BOOLEAN, False, GLOBAL_OR_PRODUCT),
        ("qty_increments", "Qty Increments", QUANTITY, Decimal(1), GLOBAL_OR_PRODUCT),
        ("qty_uses_decimals", "Qty Uses Decimals", BOOLEAN, False, {ScopeType.PRODUCT}),
    ],
)
def test_the_catalogue_holds_this_setting(
    key: str, label: str, type_: SettingValueType, default: SettingValue, scopes: set[ScopeType]
) -> None:
    found = setting(key)
    assert (found.label, found.type, found.default, set(found.scopes)) == (label, type_, default, scopes)
    assert type(found.default) is type(default)


def test_every_key_has_one_entry_in_the_order_of_the_keys() -> None:
    assert list(CATALOGUE) == [found.key for found in ALL] == list(SettingKey)


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.key)
def test_every_setting_explains_itself_in_sentences(found: Setting) -> None:
    assert found.help.endswith(".")


def test_three_settings_are_walked_once_per_source() -> None:
    assert [found.key for found in PER_SOURCE] == ["backorders", "out_of_stock_threshold", "notify_for_quantity_below"]
    assert [found.key for found in PER_PRODUCT] == [key for key in SettingKey if not CATALOGUE[key].is_per_source]
    assert len(PER_PRODUCT) == 7


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.key)
def test_every_default_is_within_its_bounds(found: Setting) -> None:
    assert found.accepts(found.default)


def test_the_out_of_stock_threshold_may_have_any_sign() -> None:
    assert all(setting("out_of_stock_threshold").accepts(Decimal(value)) for value in ("-50", "0", "50"))


@pytest.mark.parametrize("key", ["notify_for_quantity_below", "only_x_left_threshold"])
def test_some_quantities_may_be_zero_but_not_less(key: str) -> None:
    assert setting(key).accepts(Decimal(0))
    assert not setting(key).accepts(Decimal("-0.0001"))


@pytest.mark.parametrize("key", ["min_sale_qty", "max_sale_qty", "qty_increments"])
def test_some_quantities_must_be_above_zero(key: str) -> None:
    assert setting(key).accepts(Decimal("0.0001"))
    assert not setting(key).accepts(Decimal(0))


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("manage_stock", True, "true"),
        ("manage_stock", False, "false"),
        ("backorders", BackorderMode.ALLOW_AND_NOTIFY, "ALLOW_AND_NOTIFY"),
        ("out_of_stock_threshold", Decimal("-50.0000"), "-50"),
        ("out_of_stock_threshold", Decimal("1E+2"), "100"),
        ("out_of_stock_threshold", Decimal("2.50"), "2.5"),
    ],
)
def test_a_value_is_stored_as_plain_text_and_read_back(key: str, value: SettingValue, text: str) -> None:
    assert setting(key).write(value) == text
    assert setting(key).read(text) == value


def test_allow_and_notify_is_the_strongest_mode() -> None:
    assert sorted(BackorderMode, key=lambda mode: mode.strength) == ["NO_BACKORDERS", "ALLOW", "ALLOW_AND_NOTIFY"]


def test_only_no_backorders_stops_orders_at_zero() -> None:
    assert [mode.allows for mode in BackorderMode] == [False, True, True]
