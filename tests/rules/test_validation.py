"""What makes a code, a text, a scope or a rule unlawful, and the path that the error names."""

from decimal import Decimal

import pytest

from rules.scope import ScopeType
from rules.setting import CATALOGUE, BackorderMode, SettingKey, SettingValue
from rules.validation import UserError, code_errors, is_code, is_text, scope_errors, setting_errors, text_errors

PATH = ("input", "rules", "0")


def told(errors: list[UserError]) -> list[tuple[str, tuple[str, ...]]]:
    return [(error.code, error.path) for error in errors]


@pytest.mark.parametrize("value", ["a", "A" * 64, "24-MB01", "sku with spaces", "Größe/42", "货号", "😀" * 64])
def test_one_to_64_characters_are_a_code(value: str) -> None:
    assert is_code(value)
    assert not list(code_errors(value, PATH))


@pytest.mark.parametrize("value", ["", "A" * 65, "😀" * 65, "a\nb", "a\x00", "\x7f", "\ud800"])
def test_nothing_too_much_or_a_control_character_is_no_code(value: str) -> None:
    assert not is_code(value)
    assert told(list(code_errors(value, PATH))) == [("INVALID_CODE", PATH)]


@pytest.mark.parametrize("value", ["line\nbreak", "tab\t", "null\x00", "\x85", "half \udfff"])
def test_control_characters_and_halves_of_a_pair_are_no_text(value: str) -> None:
    assert not is_text(value)
    assert told(list(text_errors(value, PATH))) == [("INVALID_TEXT", PATH)]


def test_a_text_may_be_left_out_but_not_empty() -> None:
    assert not list(text_errors(None, PATH))
    assert told(list(text_errors("", PATH))) == [("INVALID_TEXT", PATH)]


def test_a_text_has_255_characters_unless_more_are_allowed() -> None:
    assert not list(text_errors("a" * 255, PATH))
    assert told(list(text_errors("a" * 256, PATH))) == [("INVALID_TEXT", PATH)]
    assert not list(text_errors("a" * 1000, PATH, 1000))
    [error] = text_errors("a" * 1001, PATH, 1000)
    assert "1,000" in error.message


@pytest.mark.parametrize(
    ("type_", "source", "sku"),
    [
        (ScopeType.GLOBAL, None, None),
        (ScopeType.SOURCE, "north", None),
        (ScopeType.PRODUCT, None, "sku-1"),
        (ScopeType.PRODUCT_SOURCE, "north", "sku-1"),
    ],
)
def test_a_scope_that_names_what_its_type_names_is_lawful(
    type_: ScopeType, source: str | None, sku: str | None
) -> None:
    assert not list(scope_errors(type_, source, sku, PATH))


@pytest.mark.parametrize(
    ("type_", "source", "sku", "wrong"),
    [
        (ScopeType.GLOBAL, "north", None, ["source"]),
        (ScopeType.GLOBAL, "", None, ["source"]),
        (ScopeType.GLOBAL, None, "sku-1", ["sku"]),
        (ScopeType.SOURCE, None, None, ["source"]),
        (ScopeType.SOURCE, "north", "sku-1", ["sku"]),
        (ScopeType.PRODUCT, None, None, ["sku"]),
        (ScopeType.PRODUCT, "north", None, ["source", "sku"]),
        (ScopeType.PRODUCT_SOURCE, None, "sku-1", ["source"]),
        (ScopeType.PRODUCT_SOURCE, "north", None, ["sku"]),
    ],
)
def test_a_scope_names_neither_less_nor_more_than_its_type(
    type_: ScopeType, source: str | None, sku: str | None, wrong: list[str]
) -> None:
    assert told(list(scope_errors(type_, source, sku, PATH))) == [("INVALID_SCOPE", (*PATH, field)) for field in wrong]


def test_no_rule_stands_at_the_shipped_default() -> None:
    found = told(list(scope_errors(ScopeType.DEFAULT, "north", "sku-1", PATH)))
    assert found == [("DEFAULT_CANNOT_CHANGE", (*PATH, "type"))]


def test_the_names_of_a_scope_are_codes() -> None:
    found = told(list(scope_errors(ScopeType.PRODUCT_SOURCE, "", "A" * 65, PATH)))
    assert found == [("INVALID_CODE", (*PATH, "source")), ("INVALID_CODE", (*PATH, "sku"))]


@pytest.mark.parametrize("key", list(SettingKey))
@pytest.mark.parametrize("type_", list(ScopeType))
def test_a_setting_is_refused_at_every_scope_but_its_own(key: SettingKey, type_: ScopeType) -> None:
    setting = CATALOGUE[key]
    refused = [] if type_ in setting.scopes else [("SETTING_NOT_ALLOWED_AT_SCOPE", PATH)]
    assert told(list(setting_errors(setting, type_, setting.default, PATH))) == refused
    assert told(list(setting_errors(setting, type_, None, PATH))) == refused


@pytest.mark.parametrize(
    ("key", "value", "bound"),
    [
        ("min_sale_qty", Decimal(0), "above 0"),
        ("max_sale_qty", Decimal(-1), "above 0"),
        ("qty_increments", Decimal(0), "above 0"),
        ("only_x_left_threshold", Decimal("-0.0001"), "at least 0"),
        ("notify_for_quantity_below", Decimal(-1), "at least 0"),
    ],
)
def test_a_value_outside_its_bounds_is_refused(key: str, value: SettingValue, bound: str) -> None:
    [error] = setting_errors(CATALOGUE[SettingKey(key)], ScopeType.PRODUCT, value, PATH)
    assert (error.code, error.path) == ("OUT_OF_BOUNDS", PATH)
    assert bound in error.message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("min_sale_qty", Decimal("0.0001")),
        ("only_x_left_threshold", Decimal(0)),
        ("out_of_stock_threshold", Decimal(-50)),
        ("backorders", BackorderMode.ALLOW),
        ("manage_stock", False),
    ],
)
def test_a_value_within_its_bounds_is_lawful(key: str, value: SettingValue) -> None:
    assert not list(setting_errors(CATALOGUE[SettingKey(key)], ScopeType.PRODUCT, value, PATH))


def test_a_value_at_a_wrong_scope_is_told_once() -> None:
    found = told(list(setting_errors(CATALOGUE[SettingKey.MIN_SALE_QTY], ScopeType.SOURCE, Decimal(0), PATH)))
    assert found == [("SETTING_NOT_ALLOWED_AT_SCOPE", PATH)]
