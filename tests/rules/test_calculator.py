"""The calculator: salable quantity, thresholds, status and availability."""

from decimal import Decimal

import pytest

from rules.calculator import AvailabilityKind, BackorderLimitKind, StockStatus, effective_threshold
from rules.setting import BackorderMode
from tests.builders import SKU, Number, a_rule, available, own, rules_at, stocked

OFF, ALLOW, NOTIFY = BackorderMode.NO_BACKORDERS, BackorderMode.ALLOW, BackorderMode.ALLOW_AND_NOTIFY
IN_STOCK, OUT_OF_STOCK = StockStatus.IN_STOCK, StockStatus.OUT_OF_STOCK
WORKED = own(notify_for_quantity_below=10, only_x_left_threshold=5, out_of_stock_threshold=-50, backorders=ALLOW)
THREE = (stocked(5, "east"), stocked(5, "north"), stocked(5, "west"))
UNLIMITED = own(backorders=ALLOW)
UNMANAGED = own(manage_stock=False)


@pytest.mark.parametrize(
    ("reserved", "salable", "only_x_left", "status", "kind"),
    [
        (0, 75, None, IN_STOCK, AvailabilityKind.IN_STOCK),
        (-30, 45, None, IN_STOCK, AvailabilityKind.BACK_ORDER),
        (-69, 6, None, IN_STOCK, AvailabilityKind.BACK_ORDER),
        (-70, 5, 5, IN_STOCK, AvailabilityKind.BACK_ORDER),
        (-75, 0, None, OUT_OF_STOCK, AvailabilityKind.OUT_OF_STOCK),
        (-80, 0, None, OUT_OF_STOCK, AvailabilityKind.OUT_OF_STOCK),
    ],
)
def test_25_on_hand_and_50_below_zero_sell_75(
    reserved: int, salable: int, only_x_left: int | None, status: StockStatus, kind: AvailabilityKind
) -> None:
    found = available(stocked(25), rules=WORKED, reserved=reserved)
    assert found.salable_qty == salable
    assert found.only_x_left == only_x_left
    assert found.stock_status is status
    assert found.kind is kind
    assert found.backorder_limit == (BackorderLimitKind.LIMITED, Decimal(50))


@pytest.mark.parametrize(
    ("threshold", "mode", "effective"),
    [(-50, ALLOW, -50), (-50, NOTIFY, -50), (-50, OFF, 0), (50, ALLOW, 0), (50, NOTIFY, 0), (50, OFF, 50), (0, OFF, 0)],
)
def test_a_threshold_counts_as_its_mode_lets_it(threshold: int, mode: BackorderMode, effective: int) -> None:
    assert effective_threshold(Decimal(threshold), mode) == effective


def test_without_backorders_a_threshold_is_kept_from_being_sold() -> None:
    assert available(stocked(25), rules=own(out_of_stock_threshold=4)).salable_qty == 21
    assert available(stocked(25), rules=own(out_of_stock_threshold=-4)).salable_qty == 25


def test_only_items_that_count_are_on_hand() -> None:
    items = (stocked(25), stocked(7, "off", is_enabled=False), stocked(9, "out", is_in_stock=False))
    assert available(*items).on_hand == available(*items).salable_qty == 25


def test_negative_quantities_that_count_are_added_too() -> None:
    assert available(stocked(25), stocked("-4.5", "north")).salable_qty == Decimal("20.5")


def test_the_salable_quantity_is_cut_off_at_zero() -> None:
    found = available(stocked(5), rules=own(out_of_stock_threshold=20))
    assert found.salable_qty == 0
    assert found.sum_of_terms == -15
    assert found.stock_status is OUT_OF_STOCK


@pytest.mark.parametrize(("reserved", "status"), [(-24, IN_STOCK), ("-24.9999", IN_STOCK), (-25, OUT_OF_STOCK)])
def test_a_product_is_in_stock_strictly_above_its_threshold(reserved: Number, status: StockStatus) -> None:
    assert available(stocked(25), reserved=reserved).stock_status is status


def test_a_product_rule_counts_once_over_three_sources() -> None:
    found = available(*THREE, rules=own(backorders=ALLOW, out_of_stock_threshold=-50))
    assert found.effective_threshold == -50
    assert found.salable_qty == 65


def test_a_global_rule_counts_once_over_three_sources() -> None:
    found = available(*THREE, rules=rules_at(backorders=ALLOW, out_of_stock_threshold=-50))
    assert found.effective_threshold == -50
    assert found.salable_qty == 65
    assert len(found.groups) == 1


@pytest.mark.parametrize("sku", [None, SKU])
def test_three_sources_with_rules_of_their_own_add_up(sku: str | None) -> None:
    own_rules = [a_rule(value=-20, source=item.source, sku=sku) for item in THREE]
    found = available(*THREE, rules=[*own(backorders=ALLOW), *own_rules])
    assert found.effective_threshold == -60
    assert found.salable_qty == 75


def test_a_rule_of_one_source_adds_to_the_rule_that_the_others_inherit() -> None:
    rules = [*own(backorders=ALLOW, out_of_stock_threshold=-50), a_rule(value=-20, source="east", sku=SKU)]
    assert available(*THREE, rules=rules).effective_threshold == -70


def test_a_rule_counts_only_where_a_source_that_counts_has_it() -> None:
    rules = [*own(backorders=ALLOW), *rules_at(source="north", out_of_stock_threshold=-20)]
    found = available(stocked(5, "north"), stocked(5, "east", is_enabled=False), rules=rules)
    assert found.effective_threshold == -20
    assert not found.is_unlimited


def test_the_mode_of_a_group_is_the_strongest_of_its_sources() -> None:
    rules = [*own(out_of_stock_threshold=-50), *rules_at(source="west", backorders=ALLOW)]
    assert available(*THREE, rules=rules).effective_threshold == -50
    assert available(*THREE[:2], rules=rules).effective_threshold == 0


def test_a_group_without_backorders_is_kept_while_another_goes_below_zero() -> None:
    rules = [
        *rules_at(source="east", out_of_stock_threshold=4),
        *rules_at(source="north", out_of_stock_threshold=-20, backorders=ALLOW),
    ]
    found = available(*THREE[:2], rules=rules)
    assert found.effective_threshold == -16
    assert found.salable_qty == 26
    assert found.backorder_limit == (BackorderLimitKind.LIMITED, Decimal(16))


def test_the_mode_of_a_product_is_the_strongest_among_the_sources_that_count() -> None:
    east, north = rules_at(source="east", backorders=ALLOW), rules_at(source="north", backorders=NOTIFY)
    assert available(*THREE).mode is OFF
    assert available(*THREE, rules=east).mode is ALLOW
    assert available(*THREE, rules=[*east, *north]).mode is NOTIFY
    assert available(stocked(5, "east"), stocked(5, "north", is_in_stock=False), rules=[*east, *north]).mode is ALLOW


@pytest.mark.parametrize("threshold", [0, "0.0001", 50])
def test_backorders_with_a_threshold_of_zero_or_more_are_unlimited(threshold: Number) -> None:
    found = available(stocked(25), rules=own(backorders=ALLOW, out_of_stock_threshold=threshold))
    assert found.is_unlimited
    assert found.effective_threshold == 0
    assert found.salable_qty == 25
    assert found.stock_status is IN_STOCK
    assert found.backorder_limit == (BackorderLimitKind.UNLIMITED, None)


def test_an_unlimited_product_on_backorder_shows_a_negative_quantity_and_sells_on() -> None:
    found = available(stocked(5), rules=UNLIMITED, reserved=-12)
    assert found.salable_qty == -7
    assert found.stock_status is IN_STOCK
    assert found.kind is AvailabilityKind.BACK_ORDER


def test_one_unlimited_source_makes_the_product_unlimited() -> None:
    rules = [*own(out_of_stock_threshold=4), *rules_at(source="west", backorders=ALLOW)]
    assert available(*THREE, rules=rules).salable_qty == 15
    assert not available(*THREE[:2], stocked(5, "west", is_enabled=False), rules=rules).is_unlimited


def test_without_backorders_nothing_goes_below_zero() -> None:
    assert available(stocked(), rules=own(out_of_stock_threshold=-50)).backorder_limit == (
        BackorderLimitKind.NONE,
        None,
    )
    assert available(stocked(), rules=own(out_of_stock_threshold=50)).backorder_limit == (BackorderLimitKind.NONE, None)


def test_where_nothing_counts_nothing_is_salable() -> None:
    found = available(stocked(25, is_in_stock=False), rules=own(backorders=ALLOW, out_of_stock_threshold=-50))
    assert found.salable_qty == 0
    assert found.stock_status is OUT_OF_STOCK
    assert found.mode is OFF
    assert not found.is_unlimited
    assert found.effective_threshold == 0
    assert not found.groups
    assert (found.kind, found.only_x_left) == (AvailabilityKind.OUT_OF_STOCK, None)


def test_where_nothing_counts_a_stray_reservation_sells_nothing_either() -> None:
    found = available(stocked(25, is_enabled=False), reserved=3)
    assert found.salable_qty == 0
    assert found.stock_status is OUT_OF_STOCK


def test_where_stock_is_not_managed_no_quantity_is_shown() -> None:
    found = available(stocked(0), rules=[*UNMANAGED, *own(only_x_left_threshold=5)], reserved=-3)
    assert (found.salable_qty, found.only_x_left, found.terms) == (None, None, ())
    assert (found.stock_status, found.kind) == (IN_STOCK, AvailabilityKind.IN_STOCK)


def test_unmanaged_stock_is_in_stock_where_the_product_is_assigned() -> None:
    assert available(stocked(0, is_enabled=False), rules=UNMANAGED).stock_status is IN_STOCK
    found = available(rules=UNMANAGED)
    assert (found.stock_status, found.kind) == (OUT_OF_STOCK, AvailabilityKind.OUT_OF_STOCK)


@pytest.mark.parametrize(
    ("quantity", "setting", "shown"),
    [(5, 5, 5), ("5.0001", 5, None), ("0.5", 5, "0.5"), (0, 5, None), (-1, 5, None), (5, 0, None), (1, 1, 1)],
)
def test_only_x_left_shows_a_salable_quantity_up_to_its_setting(
    quantity: Number, setting: int, shown: Number | None
) -> None:
    found = available(stocked(quantity), rules=own(only_x_left_threshold=setting))
    assert found.only_x_left == (None if shown is None else Decimal(shown))


def test_only_x_left_never_shows_where_unlimited() -> None:
    found = available(stocked(3), rules=[*UNLIMITED, *own(only_x_left_threshold=5)])
    assert (found.only_x_left, found.kind) == (None, AvailabilityKind.IN_STOCK)


def test_only_x_left_makes_the_availability_limited() -> None:
    assert available(stocked(5), rules=own(only_x_left_threshold=5)).kind is AvailabilityKind.LIMITED_AVAILABILITY


@pytest.mark.parametrize(
    ("reserved", "kind"),
    [
        (-20, AvailabilityKind.LIMITED_AVAILABILITY),
        (-25, AvailabilityKind.BACK_ORDER),
        (-26, AvailabilityKind.BACK_ORDER),
    ],
)
def test_back_order_comes_before_limited_availability(reserved: int, kind: AvailabilityKind) -> None:
    rules = own(backorders=ALLOW, out_of_stock_threshold=-50, only_x_left_threshold=100)
    assert available(stocked(25), rules=rules, reserved=reserved).kind is kind


def test_the_notify_quantity_never_changes_what_is_salable() -> None:
    assert available(stocked(25), rules=own(notify_for_quantity_below=30)).salable_qty == 25
