"""Magento's columns as rules: every combination of a value and its flag, for every setting."""

from decimal import Decimal

import pytest

from rules.magento import (
    COLUMNS,
    LARGEST,
    SMALLEST,
    Column,
    Gap,
    gaps_of,
    quantity_of,
    settings_of,
    status_of,
    unguarded,
)
from rules.setting import CATALOGUE, BackorderMode, SettingKey, SettingValue, SettingValueType

GOOD: dict[SettingValueType, dict[str, SettingValue]] = {
    SettingValueType.BOOLEAN: {"0": False, "1": True, " 1 ": True},
    SettingValueType.QUANTITY: {"1": Decimal(1), "1.0000": Decimal(1), "2.5": Decimal("2.5"), " +3 ": Decimal(3)},
    SettingValueType.BACKORDER_MODE: {
        "0": BackorderMode.NO_BACKORDERS,
        "1": BackorderMode.ALLOW,
        "2": BackorderMode.ALLOW_AND_NOTIFY,
    },
}
BAD = {
    SettingValueType.BOOLEAN: ["2", "yes", "-1"],
    SettingValueType.QUANTITY: ["many", "1e3", "NaN", "1,5", "0.00001", "100000000000", "9" * 65, "\u0663"],
    SettingValueType.BACKORDER_MODE: ["3", "ALLOW", "1.0"],
}
GIVEN = [(column, text) for column in COLUMNS for text in GOOD[CATALOGUE[column.setting].type]]
FLAGS = [None, "", " ", "0", "1"]


def _row(column: Column, value: str | None, flag: str | None) -> dict[str, str]:
    cells = {column.value: value, column.flag or "": flag if column.flag else None}
    return {name: text for name, text in cells.items() if text is not None}


def test_every_setting_but_one_has_its_columns() -> None:
    assert {column.setting for column in COLUMNS} == set(SettingKey) - {SettingKey.ONLY_X_LEFT_THRESHOLD}
    assert [column.setting for column in COLUMNS if column.flag is None] == [SettingKey.QTY_USES_DECIMALS]
    assert [column.setting for column in COLUMNS if column.needs_flag] == [SettingKey.MANAGE_STOCK]


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize(("column", "text"), GIVEN)
def test_a_value_is_set_unless_its_flag_says_use_config(column: Column, text: str, flag: str | None) -> None:
    settings, faults = settings_of(_row(column, text, flag))
    assert faults == []
    value = GOOD[CATALOGUE[column.setting].type][text]
    is_missing = flag is None or not flag.strip()
    if column.flag is not None and flag == "1":
        assert settings == {column.setting: None}
    elif column.setting is SettingKey.MANAGE_STOCK and is_missing:
        assert settings == {}
    else:
        assert settings == {column.setting: value}


@pytest.mark.parametrize("flag", [None, "", " ", "1"])
@pytest.mark.parametrize("text", [None, "", " "])
@pytest.mark.parametrize("column", COLUMNS)
def test_no_value_leaves_the_rule_unless_its_flag_says_use_config(
    column: Column, text: str | None, flag: str | None
) -> None:
    settings, faults = settings_of(_row(column, text, flag))
    assert faults == []
    assert settings == ({column.setting: None} if column.flag is not None and flag == "1" else {})


@pytest.mark.parametrize("text", [None, "", " "])
@pytest.mark.parametrize("column", [column for column in COLUMNS if column.flag is not None])
def test_a_flag_of_0_without_its_value_is_named(column: Column, text: str | None) -> None:
    settings, faults = settings_of(_row(column, text, "0"))
    assert settings == {}
    assert faults == [
        f"{column.value} is empty, but {column.flag} is 0: give the value, or 1 to use the configuration's"
    ]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_of_magentos_own_name_means_the_same(column: Column) -> None:
    text = "1"
    for flag in (None, "0", "1"):
        public = settings_of(_row(column, text, flag))
        for value_name in column.values:
            for flag_name in column.flags:
                cells = {value_name: text} | ({} if flag is None else {flag_name: flag})
                assert settings_of(cells) == public


def test_every_name_of_the_stock_item_is_known() -> None:
    own = "manage_stock backorders min_qty notify_stock_qty min_sale_qty max_sale_qty enable_qty_increments qty_increments"
    assert {column.values[-1] for column in COLUMNS} == {*own.split(), "is_qty_decimal"}


def test_two_names_of_one_thing_may_agree_and_not_differ() -> None:
    assert settings_of({"out_of_stock_qty": "-5", "min_qty": "-5.0000"}) == (
        {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(-5)},
        [],
    )
    assert settings_of({"allow_backorders": "", "backorders": "1"})[0] == {SettingKey.BACKORDERS: BackorderMode.ALLOW}
    settings, faults = settings_of({"allow_backorders": "1", "backorders": "0", "min_qty": "-5"})
    assert settings == {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(-5)}
    assert faults == ["allow_backorders is 1 and backorders is 0: they are two names of one thing"]
    flags = {"use_config_enable_qty_inc": "1", "use_config_enable_qty_increments": "0", "enable_qty_increments": "1"}
    assert len(settings_of(flags)[1]) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_cart_qty", SMALLEST),
        ("min_sale_qty", SMALLEST),
        ("max_cart_qty", LARGEST),
        ("max_sale_qty", LARGEST),
        ("qty_increments", SMALLEST),
    ],
)
def test_a_0_that_means_no_limit_sets_none(name: str, value: Decimal) -> None:
    column = next(column for column in COLUMNS if name in column.values)
    for text in ("0", "0.0000", "-0"):
        cells = {name: text, **({column.flag: "0"} if column.flag else {})}
        assert settings_of(cells) == ({column.setting: value}, [])
        assert list(gaps_of(cells)) == [(Gap.ZERO_IS_NO_LIMIT, name)]
    config = {name: "0", **({column.flag: "1"} if column.flag else {})}
    assert settings_of(config) == ({column.setting: None}, [])
    assert list(gaps_of(config)) == []


def test_a_0_is_a_value_where_magento_says_so() -> None:
    settings, faults = settings_of({"out_of_stock_qty": "0", "notify_on_stock_below": "0"})
    assert settings == {
        SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(0),
        SettingKey.NOTIFY_FOR_QUANTITY_BELOW: Decimal(0),
    }
    assert faults == []


def test_manage_stock_without_its_flag_is_named() -> None:
    assert list(gaps_of({"manage_stock": "0"})) == [(Gap.VALUE_WITHOUT_FLAG, "manage_stock")]
    assert list(gaps_of({"manage_stock": "0", "use_config_manage_stock": "0"})) == []


@pytest.mark.parametrize("column", COLUMNS)
def test_a_value_that_cannot_be_read_is_named_unless_it_is_not_read(column: Column) -> None:
    for text in BAD[CATALOGUE[column.setting].type]:
        settings, faults = settings_of(_row(column, text, "0"))
        assert settings == {}
        assert [fault.split()[0] for fault in faults] == [column.value]
        if column.flag is not None:
            assert settings_of(_row(column, text, "1")) == ({column.setting: None}, [])


@pytest.mark.parametrize("column", [column for column in COLUMNS if column.flag is not None])
@pytest.mark.parametrize("flag", ["2", "yes", "-1"])
def test_a_flag_is_0_or_1(column: Column, flag: str) -> None:
    assert settings_of(_row(column, "1", flag)) == ({}, [f"{column.flag} must be 0 or 1"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notify_on_stock_below", "-1"),
        ("min_cart_qty", "-1"),
        ("max_cart_qty", "-0.0001"),
        ("qty_increments", "-2"),
    ],
)
def test_a_value_out_of_bounds_is_named(name: str, text: str) -> None:
    settings, faults = settings_of({name: text})
    assert settings == {}
    assert len(faults) == 1
    assert faults[0].startswith(f"{name}: ")


def test_a_threshold_may_have_any_sign() -> None:
    # Magento itself writes a blank before a minus.
    assert settings_of({"out_of_stock_qty": " -50.0000"})[0] == {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(-50)}


def test_all_that_is_wrong_with_a_row_is_named_and_the_rest_is_read() -> None:
    settings, faults = settings_of({"allow_backorders": "7", "min_cart_qty": "x", "is_qty_decimal": "1", "weight": "?"})
    assert settings == {SettingKey.QTY_USES_DECIMALS: True}
    assert len(faults) == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [("25", "25"), (" -2.5000 ", "-2.5"), ("+1", "1"), (".5", "0.5"), ("5.", "5"), ("-0", "0"), ("1.00000", "1")],
)
def test_quantities_are_read_exactly(text: str, shown: str) -> None:
    assert str(quantity_of(text)) == shown


@pytest.mark.parametrize("text", ["", ".", "-", "1 000", "1_000", "Infinity", "--1", "99999999999.99999"])
def test_what_is_no_quantity_is_none(text: str) -> None:
    assert quantity_of(text) is None


def test_a_status_is_a_digit_or_a_word_in_any_case() -> None:
    assert [status_of(text) for text in ("1", "In_Stock", " IN_STOCK ")] == [True] * 3
    assert [status_of(text) for text in ("0", "out_of_stock", "OUT_OF_STOCK")] == [False] * 3
    assert [status_of(text) for text in ("", "2", "yes", "true", "in stock")] == [None] * 5


def test_the_blank_before_a_formula_is_taken_off_again() -> None:
    assert [unguarded(text) for text in (" -X", " =X", " +X")] == ["-X", "=X", "+X"]
    assert [unguarded(text) for text in (" X", "  -X", "-X", "")] == [" X", "  -X", "-X", ""]
