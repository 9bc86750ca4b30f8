"""Salability: every check with its code, the largest salable quantity, the late part, and carts."""

from decimal import Decimal

import pytest

from rules.calculator import Availability
from rules.salability import Salability, backordered_qty, cart_salability
from rules.setting import BackorderMode
from tests.builders import SKU, Number, available, codes_of, judged, own, rules_at, stocked

OFF, ALLOW, NOTIFY = BackorderMode.NO_BACKORDERS, BackorderMode.ALLOW, BackorderMode.ALLOW_AND_NOTIFY
WORKED = own(out_of_stock_threshold=-50, backorders=NOTIFY)
IN_PARTS = own(qty_uses_decimals=True, min_sale_qty="0.0001")


def cart(*lines: tuple[str, Availability | None, Number]) -> list[Salability]:
    return cart_salability([(sku, found, Decimal(quantity)) for sku, found, quantity in lines])


def test_an_order_of_30_from_25_on_hand_is_5_late() -> None:
    answer = judged(available(stocked(25), rules=WORKED), 30)
    assert answer.is_salable
    assert answer.backordered_qty == 5
    assert answer.max_salable_qty == 75
    assert answer.mode is NOTIFY


def test_after_that_order_the_largest_salable_quantity_is_45() -> None:
    found = available(stocked(25), rules=WORKED, reserved=-30)
    assert judged(found, 45).is_salable
    assert codes_of(judged(found, 46)) == ["NOT_ENOUGH_QUANTITY"]
    assert judged(found, 46).max_salable_qty == 45


def test_an_unknown_product_stands_alone() -> None:
    answer = judged(None, -1)
    assert codes_of(answer) == ["UNKNOWN_PRODUCT"]
    assert not answer.is_salable
    assert answer.max_salable_qty == 0
    assert answer.backordered_qty == 0
    assert answer.mode is OFF


@pytest.mark.parametrize("managed", [True, False])
def test_a_product_that_is_not_assigned_stands_alone(managed: bool) -> None:
    answer = judged(available(rules=own(manage_stock=managed)), "-1.5")
    assert codes_of(answer) == ["NOT_ASSIGNED_TO_STOCK"]
    assert answer.max_salable_qty == 0


def test_less_than_the_minimum_is_refused() -> None:
    found = available(stocked(), rules=own(min_sale_qty=3))
    assert codes_of(judged(found, 2)) == ["BELOW_MIN_SALE_QTY"]
    assert "3" in judged(found, 2).errors[0].message
    assert judged(found, 3).is_salable


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_and_less_than_nothing_are_below_every_minimum(quantity: int) -> None:
    assert codes_of(judged(available(stocked(), rules=IN_PARTS), quantity)) == ["BELOW_MIN_SALE_QTY"]


def test_more_than_the_maximum_is_refused() -> None:
    found = available(stocked(), rules=own(max_sale_qty=10))
    assert codes_of(judged(found, 11)) == ["ABOVE_MAX_SALE_QTY"]
    assert judged(found, 10).is_salable
    assert judged(found, 10).max_salable_qty == 10


def test_an_increment_binds_only_where_increments_are_enabled() -> None:
    assert judged(available(stocked(), rules=own(qty_increments=4)), 3).is_salable
    found = available(stocked(), rules=own(qty_increments=4, enable_qty_increments=True))
    assert codes_of(judged(found, 6)) == ["NOT_A_QTY_INCREMENT"]
    assert judged(found, 8).is_salable


def test_parts_of_a_unit_are_refused_unless_the_product_uses_decimals() -> None:
    assert codes_of(judged(available(stocked()), "1.5")) == ["DECIMALS_NOT_ALLOWED"]
    assert judged(available(stocked(), rules=own(qty_uses_decimals=True)), "1.5").is_salable
    assert judged(available(stocked()), "1.0000").is_salable


def test_no_source_in_stock_is_told_where_nothing_counts() -> None:
    answer = judged(available(stocked(25, is_in_stock=False), rules=own(backorders=ALLOW), reserved=3), 1)
    assert codes_of(answer) == ["NO_SOURCE_IN_STOCK"]
    assert answer.max_salable_qty == 0


def test_not_enough_quantity_says_how_many_can_be_bought() -> None:
    answer = judged(available(stocked(5)), 6)
    assert codes_of(answer) == ["NOT_ENOUGH_QUANTITY"]
    assert answer.errors[0].message == "You asked for 6, but only 5 can be bought now."
    none = judged(available(stocked(5), rules=own(min_sale_qty=6)), 6)
    assert none.errors[0].message == "You asked for 6, but none can be bought now."


def test_every_failing_check_is_told() -> None:
    both = own(min_sale_qty=3, max_sale_qty=2, enable_qty_increments=True, qty_increments=2)
    cart_codes = ["BELOW_MIN_SALE_QTY", "ABOVE_MAX_SALE_QTY", "NOT_A_QTY_INCREMENT", "DECIMALS_NOT_ALLOWED"]
    assert codes_of(judged(available(stocked(1), rules=both), "2.5")) == [*cart_codes, "NOT_ENOUGH_QUANTITY"]
    out = available(stocked(1, is_in_stock=False), rules=both)
    assert codes_of(judged(out, "2.5")) == [*cart_codes, "NO_SOURCE_IN_STOCK"]


def test_unmanaged_stock_sells_whatever_the_quantities_say() -> None:
    found = available(stocked(0, is_in_stock=False), rules=own(manage_stock=False, max_sale_qty=40, backorders=ALLOW))
    answer = judged(found, 40)
    assert answer.is_salable
    assert answer.backordered_qty == 0
    assert answer.max_salable_qty == 40
    assert codes_of(judged(found, 41)) == ["ABOVE_MAX_SALE_QTY"]


def test_no_part_of_an_order_is_late_where_stock_is_not_managed() -> None:
    answer = judged(available(stocked(0), rules=[*WORKED, *own(manage_stock=False)]), 5)
    assert answer.is_salable
    assert answer.backordered_qty == 0
    assert answer.notice is None


def test_no_part_of_an_order_is_late_without_backorders() -> None:
    assert backordered_qty(available(stocked(5)), Decimal(6)) == 0


def test_an_unlimited_product_sells_up_to_the_maximum() -> None:
    answer = judged(available(stocked(-5), rules=own(backorders=ALLOW)), 10_000)
    assert answer.is_salable
    assert answer.max_salable_qty == 10_000
    assert answer.backordered_qty == 10_000


@pytest.mark.parametrize(
    ("on_hand", "increment", "decimals", "best"),
    [
        (5, "1.5", False, "3"),
        (5, "1.5", True, "4.5"),
        (5, "0.0003", True, "4.9998"),
        (5, "0.3", False, "3"),
        ("5.9", "1", False, "5"),
        (5, "6", False, "0"),
        (0, "1", False, "0"),
        (-3, "1", False, "0"),
    ],
)
def test_the_largest_salable_quantity_meets_increments_and_whole_units(
    on_hand: Number, increment: str, decimals: bool, best: str
) -> None:
    rules = own(enable_qty_increments=True, qty_increments=increment, qty_uses_decimals=decimals, min_sale_qty="0.0001")
    assert judged(available(stocked(on_hand), rules=rules), 1).max_salable_qty == Decimal(best)


def test_nothing_is_salable_where_the_minimum_is_above_what_is_left() -> None:
    assert judged(available(stocked(5), rules=own(min_sale_qty=5)), 5).max_salable_qty == 5
    assert judged(available(stocked(5), rules=own(min_sale_qty="5.5")), 6).max_salable_qty == 0


def test_5_ordered_with_5_already_on_backorder_are_5_late() -> None:
    found = available(stocked(0), rules=WORKED, reserved=-5)
    assert judged(found, 5).backordered_qty == 5


@pytest.mark.parametrize(("quantity", "late"), [(25, 0), ("25.5", "0.5"), (26, 1), (75, 50), (76, 0)])
def test_the_late_part_is_what_the_goods_on_hand_do_not_reach(quantity: Number, late: Number) -> None:
    found = available(stocked(25), rules=[*WORKED, *own(qty_uses_decimals=True)])
    assert judged(found, quantity).backordered_qty == Decimal(late)


def test_a_positive_threshold_of_one_source_delays_nothing() -> None:
    rules = [
        *rules_at(source="east", out_of_stock_threshold=5),
        *rules_at(source="west", out_of_stock_threshold=-20, backorders=ALLOW),
    ]
    answer = judged(available(stocked(10, "east"), stocked(0, "west"), rules=rules), 12)
    assert answer.max_salable_qty == 25
    assert answer.backordered_qty == 2


@pytest.mark.parametrize(
    ("quantity", "notice"),
    [
        (26, "25 can ship now; the remaining 1 is on backorder"),
        (30, "25 can ship now; the remaining 5 are on backorder"),
    ],
)
def test_the_customer_is_told_which_part_is_late(quantity: int, notice: str) -> None:
    assert str(judged(available(stocked(25), rules=WORKED), quantity).notice).startswith(notice)


def test_the_customer_is_told_nothing_where_nothing_is_late() -> None:
    assert judged(available(stocked(25), rules=WORKED), 25).notice is None


def test_the_customer_is_told_where_all_of_it_is_late() -> None:
    answer = judged(available(stocked(0), rules=WORKED), 30)
    assert str(answer.notice).startswith("All 30 are on backorder")


def test_the_customer_is_told_nothing_without_notify() -> None:
    assert judged(available(stocked(0), rules=own(backorders=ALLOW)), 30).notice is None


def test_the_lines_of_one_product_are_added_up() -> None:
    found = available(stocked(5))
    first, second = cart((SKU, found, 3), (SKU, found, 4))
    assert [codes_of(first), codes_of(second)] == [["NOT_ENOUGH_QUANTITY"]] * 2
    assert "7" in first.errors[0].message
    assert first.requested_qty == 3
    assert second.requested_qty == 4
    assert first.max_salable_qty == 5
    assert second.max_salable_qty == 5


def test_two_lines_may_meet_a_minimum_that_neither_meets_alone() -> None:
    found = available(stocked(5), rules=own(min_sale_qty=3))
    assert all(answer.is_salable for answer in cart((SKU, found, 1), (SKU, found, 2)))


def test_the_late_part_is_given_to_the_last_lines_first() -> None:
    found = available(stocked(25), rules=WORKED)
    answers = cart((SKU, found, 20), ("sku-2", available(stocked(1)), 1), (SKU, found, 10), (SKU, found, 3))
    assert [answer.backordered_qty for answer in answers] == [0, 0, 5, 3]


def test_the_lines_of_other_products_are_judged_alone() -> None:
    answers = cart(("sku-1", available(stocked(5)), 5), ("SKU-1", available(stocked(5)), 6), ("sku-3", None, 1))
    assert [codes_of(answer) for answer in answers] == [[], ["NOT_ENOUGH_QUANTITY"], ["UNKNOWN_PRODUCT"]]
    assert [answer.sku for answer in answers] == ["sku-1", "SKU-1", "sku-3"]


@pytest.mark.parametrize("quantity", [0, -2])
def test_a_line_of_nothing_or_less_cannot_be_bought_whatever_the_sum(quantity: int) -> None:
    found = available(stocked(25), rules=WORKED)
    answers = cart((SKU, found, 30), (SKU, found, quantity))
    assert [codes_of(answer) for answer in answers] == [["BELOW_MIN_SALE_QTY"]] * 2
    assert [answer.backordered_qty for answer in answers] == [0, 0]


def test_an_empty_cart_has_no_answers() -> None:
    assert cart() == []
