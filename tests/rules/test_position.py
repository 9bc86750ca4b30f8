"""What the calculator is given: which items count, and every setting after the walk."""

from decimal import Decimal

import pytest

from rules.position import Position, config_of
from rules.setting import PER_PRODUCT, BackorderMode, SettingKey
from tests.builders import SKU, own, rules_at, rules_of, stocked


@pytest.mark.parametrize(
    ("is_in_stock", "is_enabled", "counts"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_an_item_counts_where_its_source_is_enabled_and_its_status_in_stock(
    is_in_stock: bool, is_enabled: bool, counts: bool
) -> None:
    assert stocked(is_in_stock=is_in_stock, is_enabled=is_enabled).counts is counts


def test_a_product_is_assigned_by_an_item_that_does_not_count_too() -> None:
    assert Position((stocked(is_in_stock=False),)).is_assigned
    assert not Position(()).is_assigned


def test_nothing_is_reserved_unless_said() -> None:
    assert Position(()).reservations == 0


def test_every_setting_is_walked_once_per_product_or_once_per_item() -> None:
    items = (stocked(1, "north"), stocked(2, "south", is_enabled=False))
    rules = rules_of(
        *rules_at(notify_for_quantity_below=10, out_of_stock_threshold=-7, only_x_left_threshold=3),
        *rules_at(source="south", notify_for_quantity_below=4),
        *own(out_of_stock_threshold=-50),
    )
    config = config_of(rules, SKU, Position(items))
    assert set(config.settings) == {setting.key for setting in PER_PRODUCT}
    assert [(key, found.value) for key, found in config.settings.items() if found.rule] == [
        ("only_x_left_threshold", Decimal(3))
    ]
    assert [each.item for each in config.sources] == list(items)
    assert [each.notify_for_quantity_below.value for each in config.sources] == [10, 4]
    assert [each.out_of_stock_threshold.value for each in config.sources] == [-50, -50]
    assert [each.backorders.setting for each in config.sources] == ["backorders", "backorders"]


def test_without_a_product_the_settings_are_those_of_any_product_without_rules() -> None:
    rules = rules_of(
        *rules_at(max_sale_qty=7), *rules_at(source="south", backorders=BackorderMode.ALLOW), *own(max_sale_qty=3)
    )
    position = Position((stocked(1, "north"), stocked(2, "south")))
    config = config_of(rules, None, position)
    assert config == config_of(rules, "sku-2", position)
    assert config.settings[SettingKey.MAX_SALE_QTY].value == 7
    assert [each.backorders.value for each in config.sources] == ["NO_BACKORDERS", "ALLOW"]
