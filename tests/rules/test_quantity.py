"""Quantities: exact decimals with at most four places, below 10^11 in size."""

from decimal import Decimal

import pytest

from rules.quantity import from_units, is_quantity, plain, show, to_units


@pytest.mark.parametrize(
    "text", ["0", "-50", "2.5", "0.0001", "-0.0001", "2.50000000", "1E+2", "99999999999.9999", "-99999999999.9999"]
)
def test_at_most_four_places_below_the_limit_are_a_quantity(text: str) -> None:
    assert is_quantity(Decimal(text))


@pytest.mark.parametrize("text", ["0.00001", "2.50001", "99999999999.99999", "1E-400"])
def test_a_fifth_place_is_no_quantity(text: str) -> None:
    assert not is_quantity(Decimal(text))


@pytest.mark.parametrize("text", ["100000000000", "-100000000000", "1E+11", "1E+400"])
def test_the_limit_itself_is_no_quantity(text: str) -> None:
    assert not is_quantity(Decimal(text))


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_is_no_quantity(text: str) -> None:
    assert not is_quantity(Decimal(text))


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0", 0),
        ("25", 250_000),
        ("-50", -500_000),
        ("2.5", 25_000),
        ("-0.5", -5_000),
        ("0.0001", 1),
        ("-99999999999.9999", -999_999_999_999_999),
    ],
)
def test_a_quantity_is_stored_in_ten_thousandths(text: str, units: int) -> None:
    assert to_units(Decimal(text)) == units
    assert from_units(units) == Decimal(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("25.0000", "25"),
        ("1E+2", "100"),
        ("-50.0", "-50"),
        ("2.5000", "2.5"),
        ("0.0001", "0.0001"),
        ("0.0000", "0"),
        ("-0.5", "-0.5"),
        ("99999999999.9999", "99999999999.9999"),
    ],
)
def test_a_quantity_is_shown_without_trailing_zeros_or_an_exponent(text: str, shown: str) -> None:
    assert show(Decimal(text)) == shown
    assert str(plain(Decimal(text))) == shown


@pytest.mark.parametrize(("units", "text"), [(250_000, "25"), (1_000_000, "100"), (25_000, "2.5"), (1, "0.0001")])
def test_what_comes_out_of_storage_has_no_trailing_zeros(units: int, text: str) -> None:
    assert str(from_units(units)) == text
