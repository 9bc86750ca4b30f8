"""The terms: the signed quantities that a salable quantity is the sum of, each with its source and its rule."""

from decimal import Decimal

from rules.calculator import Term, TermKind
from rules.setting import BackorderMode
from tests.builders import SKU, a_rule, available, own, rules_at, stocked

ALLOW = BackorderMode.ALLOW


def test_the_terms_are_the_sources_the_reservations_and_the_thresholds() -> None:
    shared, [at_east] = own(out_of_stock_threshold=-50), rules_at(source="east", sku=SKU, out_of_stock_threshold=-20)
    items = (stocked(5, "east"), stocked(7, "north"), stocked(9, "west"), stocked(9, "off", is_enabled=False))
    found = available(*items, rules=[*own(backorders=ALLOW), *shared, at_east], reserved=-2)
    assert found.terms == (
        Term(TermKind.SOURCE_QUANTITY, Decimal(5), "east"),
        Term(TermKind.SOURCE_QUANTITY, Decimal(7), "north"),
        Term(TermKind.SOURCE_QUANTITY, Decimal(9), "west"),
        Term(TermKind.RESERVATIONS, Decimal(-2)),
        Term(TermKind.OUT_OF_STOCK_THRESHOLD, Decimal(20), "east", at_east),
        Term(TermKind.OUT_OF_STOCK_THRESHOLD, Decimal(50), None, shared[0]),
    )
    assert found.sum_of_terms == found.salable_qty == 89


def test_reservations_of_zero_are_a_term_and_thresholds_of_zero_are_none() -> None:
    for rules in ((), own(out_of_stock_threshold=-50), own(backorders=ALLOW, out_of_stock_threshold=50)):
        assert [term.kind for term in available(stocked(), rules=rules).terms] == ["SOURCE_QUANTITY", "RESERVATIONS"]
    assert [term.kind for term in available(stocked(is_in_stock=False)).terms] == ["RESERVATIONS"]


def test_an_unlimited_product_has_no_threshold_terms() -> None:
    rules = [*own(out_of_stock_threshold=4), a_rule(value=0, source="west"), *rules_at(source="west", backorders=ALLOW)]
    assert {term.kind for term in available(stocked(5, "east"), stocked(5, "west"), rules=rules).terms} == {
        "SOURCE_QUANTITY",
        "RESERVATIONS",
    }


def test_where_stock_is_not_managed_there_are_no_terms() -> None:
    assert not available(stocked(), rules=own(manage_stock=False)).terms
