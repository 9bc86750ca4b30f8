"""The cases of Magento's Multi-Source Inventory, each asked of a real database that holds its world.

Cases of one world are asked of one database, and each fails by itself. What cannot be asked, and what our law
rules otherwise, stands in one table with its reason: no case is dropped silently.
"""

from typing import Any

import pytest

from tests.resolvers.msi_answers import ANSWERS, reasons_of
from tests.resolvers.msi_world import Case, build, load_cases

NOT_ASKED = {
    # Kinds: what they ask about is not there yet, and where our law will answer otherwise, its words.
    "low_stock": 'Asks for a report. The law: "at or below its notify quantity"; "lists items at zero and below too".',
    "reservation_count": "Asks for the rows that an order and its refund write.",
    "reservation_inconsistency": "Asks to compare orders with the ledger.",
    "reservation_metadata": "Asks what an order writes beside its reservation.",
    "source_deduction": 'Asks for shipping and returns. The law: "No such call changes an item\'s in-stock status".',
    "source_qty_after_events": "Asks for orders and invoices. The law: shipping lowers a source item; there is no invoice.",
    "source_selection": "Asks for a proposal of sources. The law: a shipment names its source.",
    # Single cases; others of their kind are asked.
    "Integration.SourceDeductionForVirtualProductsOnMultiStockTest.009": "Asks for orders and invoices.",
    "Integration.SourceDeductionForVirtualProductsOnMultiStockTest.010": "Asks for orders and invoices.",
    "Integration.SourceDeductionForVirtualProductsOnMultiStockTest.011": "Asks for orders and invoices.",
    "Inventory.BundleProductOnlyXLeftInStockTest.001": "Asks about a bundle; the law knows no composite products.",
    "IsProductSalableCondition.BackOrderNotifyCustomerConditionTest.009": (
        'Tells 8 late of 5 asked. The law: the backordered part is "not below 0 and not above q".'
    ),
}
"""By kind, or by the id of a case: why it is not asked."""

OUR_CODES = {
    "The requested sku is not assigned to given stock.": "NOT_ASSIGNED_TO_STOCK",
    "No linked stock found": "UNKNOWN_SALES_CHANNEL",
}
"""What the errors that the cases expect are called here."""

CASES = load_cases()
ASKED = [case for case in CASES if case.kind in ANSWERS and case.id not in NOT_ASKED]


def worlds(cases: list[Case]) -> list[pytest.ParameterSet]:
    """The cases by their world; a world is called by its first case."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.world_key, []).append(case)
    return [pytest.param(group, id=group[0].id) for group in found.values()]


def expected_of(case: Case) -> Any:
    """What a case expects, in our words: the quantity of a notice, the code of an error."""
    if case.kind == "backorder_notice":
        return [notice["backorder_qty"] for notice in case.expected]
    if isinstance(case.expected, dict) and "error" in case.expected:
        return {"error": OUR_CODES[case.expected["error"]]}
    return case.expected


@pytest.mark.parametrize("cases", worlds(ASKED))
async def test_the_answers_are_what_the_cases_of_a_world_expect(
    db: None, cases: list[Case], subtests: pytest.Subtests
) -> None:
    await build(cases[0])

    for case in cases:
        with subtests.test(case.id):
            assert await ANSWERS[case.kind](case) == expected_of(case)
            if case.reasons is not None:
                assert await reasons_of(case) == [OUR_CODES[message] for message in case.reasons]


def test_every_case_is_asked_or_listed_with_a_reason() -> None:
    asked = {case.id for case in ASKED}
    listed = {case.id for case in CASES if {case.id, case.kind} & NOT_ASKED.keys()}

    assert asked | listed == {case.id for case in CASES}
    assert not asked & listed
    assert (len(asked), len(listed), len(CASES)) == (226, 25, 251)


def test_every_reason_is_that_of_some_case() -> None:
    assert NOT_ASKED.keys() <= {case.id for case in CASES} | {case.kind for case in CASES}
