"""What movements of stock write to the outbox, in their own transaction."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from models.database import reader
from models.sql import fetch
from resolvers.calls import forget_receipts
from resolvers.catalogue.item_import import import_items
from resolvers.catalogue.source_items import SourceItemRow, remove_source_items, set_source_items
from resolvers.errors import Refused
from resolvers.orders.order_changes import cancel_order, ship_order
from resolvers.orders.order_lock import LineChange
from resolvers.orders.place_order import OrderRequest, place_order
from resolvers.orders.receive_stock import receive_stock
from rules.scope import GLOBAL, scope_of
from rules.setting import BackorderMode, SettingKey
from tests.worlds import rule, stock_up

NOTIFY_AT_10 = {SettingKey.NOTIFY_FOR_QUANTITY_BELOW: Decimal(10)}


async def _told() -> list[tuple[str, str, dict[str, Any]]]:
    rows = await fetch(reader(), "SELECT event, subject, payload FROM outbox ORDER BY id")
    return [(row["event"], row["subject"], orjson.loads(row["payload"])) for row in rows]


async def _events() -> list[str]:
    return [event for event, _, _ in await _told() if event not in ("rules.changed", "stock.noted")]


async def _count(quantity: int) -> None:
    await set_source_items([SourceItemRow("default", "TENT", Decimal(quantity))])


async def test_a_fall_is_told_once_and_again_only_after_a_rise(db: None) -> None:
    await stock_up({"TENT": {"default": 25}})
    await rule(GLOBAL, NOTIFY_AT_10)
    for quantity, told in ((11, 0), (10, 1), (9, 1), (10, 1), (11, 1), (3, 2), (25, 2), (10, 3)):
        await _count(quantity)
        assert (await _events()).count("stock.low") == told, quantity
    assert await _events() == ["stock.low", "stock.recovered", "stock.low", "stock.recovered", "stock.low"]
    event, subject, payload = (await _told())[-1]
    assert (event, subject) == ("stock.low", "TENT")
    assert payload == {"sku": "TENT", "source": "default", "quantity": "10", "notify": "10", "from": "global"}


async def test_shipping_is_such_a_fall_and_placing_an_order_is_not(db: None) -> None:
    await stock_up({"TENT": {"default": 12}})
    await rule(GLOBAL, NOTIFY_AT_10)
    await place_order(OrderRequest("1", None, [("TENT", Decimal(12))], "place"))
    assert await _events() == ["product.out_of_stock"]
    await ship_order("1", [LineChange("TENT", Decimal(2), "default")], "ship")
    assert sorted(await _events()) == ["order.shipped", "product.out_of_stock", "stock.low"]


async def test_a_product_that_sells_out_and_comes_back_is_told_in_the_order_of_its_movements(db: None) -> None:
    await stock_up({"TENT": {"default": 2}})
    await place_order(OrderRequest("1", None, [("TENT", Decimal(2))], "a"))
    await cancel_order("1", None, "b")
    await place_order(OrderRequest("2", None, [("TENT", Decimal(2))], "c"))
    await receive_stock("default", [("TENT", Decimal(5))], "d")
    await remove_source_items([("default", "TENT")])
    flips = [event for event in await _events() if event.startswith("product.")]
    assert flips == [
        "product.out_of_stock",
        "product.back_in_stock",
        "product.out_of_stock",
        "product.back_in_stock",
        "product.out_of_stock",
    ]


async def test_goods_that_are_counted_or_imported_free_what_waits_and_tell_of_each_line(db: None) -> None:
    await stock_up({"TENT": {"default": 0}})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    for number in ("1", "2"):
        await place_order(OrderRequest(number, None, [("TENT", Decimal(5))], number))
    await _count(7)
    await import_items([SourceItemRow("default", "TENT", Decimal(9))], is_dry_run=True)
    await import_items([SourceItemRow("default", "TENT", Decimal(9))], is_dry_run=False)
    await _count(9)
    await _count(3)
    assert [payload for event, _, payload in await _told() if event == "backorder.freed"] == [
        {"order": "1", "sku": "TENT", "freed": "5", "waiting": "0", "customerFreed": "0"},
        {"order": "2", "sku": "TENT", "freed": "2", "waiting": "3", "customerFreed": "0"},
        {"order": "2", "sku": "TENT", "freed": "2", "waiting": "1", "customerFreed": "0"},
    ]


async def test_an_item_below_nothing_frees_what_waits_when_it_goes(db: None) -> None:
    await stock_up({"TENT": {"default": 5, "north": -2}})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    await place_order(OrderRequest("1", None, [("TENT", Decimal(5))], "1"))
    await remove_source_items([("north", "TENT")])
    assert [payload for event, _, payload in await _told() if event == "backorder.freed"] == [
        {"order": "1", "sku": "TENT", "freed": "2", "waiting": "0", "customerFreed": "0"}
    ]


async def test_a_product_that_is_sold_out_is_told_with_the_numbers_and_the_settings_behind_it(db: None) -> None:
    await stock_up({"TENT": {"default": 12}})
    await rule(GLOBAL, {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(2)})
    await place_order(OrderRequest("1", None, [("TENT", Decimal(10))], "1"))
    assert (await _told())[-1] == (
        "product.out_of_stock",
        "TENT",
        {
            "sku": "TENT",
            "stock": "default",
            "salable": "0",
            "quantity": "12",
            "reserved": "-10",
            "threshold": "2",
            "settings": [
                {"setting": "manage_stock", "value": "true", "from": "the shipped default"},
                {"setting": "backorders", "value": "NO_BACKORDERS", "from": "the shipped default"},
                {"setting": "out_of_stock_threshold", "value": "2", "from": "global"},
            ],
        },
    )


async def test_what_is_new_and_what_goes_is_noted(db: None) -> None:
    await stock_up({"TENT": {"default": 25}, "LAMP": {"default": 0}})
    await _count(24)
    await remove_source_items([("default", "LAMP")])
    noted = [(subject, payload) for event, subject, payload in await _told() if event == "stock.noted"]
    assert noted == [("", {"skus": ["LAMP", "TENT"]}), ("", {"skus": ["LAMP"]})]
    assert await _events() == []


async def test_what_is_late_names_the_lines_whose_customer_is_to_be_told(db: None) -> None:
    await stock_up({"TENT": {"default": 1}, "LAMP": {"default": 1}})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    await rule(scope_of(None, "LAMP"), {SettingKey.BACKORDERS: BackorderMode.ALLOW_AND_NOTIFY})
    placed = await place_order(OrderRequest("1", None, [("TENT", Decimal(3)), ("LAMP", Decimal(2))], "1"))
    late = [payload for event, _, payload in await _told() if event == "order.backordered"]
    notices = {"LAMP": placed.notices[0].message}
    assert late == [{"order": "1", "backordered": {"TENT": "2", "LAMP": "1"}, "notices": notices}]


async def test_what_is_refused_tells_nothing_and_what_is_new_has_not_come_back(db: None) -> None:
    await stock_up({"TENT": {"default": 25}, "LAMP": {"default": 1}})
    with pytest.raises(Refused):
        await set_source_items([SourceItemRow("default", "TENT", Decimal(0), expected_quantity=Decimal(7))])
    with pytest.raises(Refused):
        await place_order(OrderRequest("1", None, [("TENT", Decimal(25)), ("LAMP", Decimal(2))], "a"))
    assert await _events() == []


async def test_a_change_of_rules_writes_one_event(db: None) -> None:
    await rule(GLOBAL, {SettingKey.MANAGE_STOCK: False})
    await rule(GLOBAL, {SettingKey.MANAGE_STOCK: False})
    assert await _told() == [("rules.changed", "1", {"revision": 1})]


async def test_the_key_of_a_receipt_is_forgotten_with_age_and_that_of_an_order_is_not(db: None) -> None:
    await stock_up({"TENT": {"default": 2}})
    await place_order(OrderRequest("1", None, [("TENT", Decimal(1))], "k"))
    await receive_stock("default", [("TENT", Decimal(5))], "k")
    assert await forget_receipts(datetime.now(UTC) - timedelta(days=30)) == 0
    assert await forget_receipts(datetime.now(UTC) + timedelta(seconds=1)) == 1
    keys = await fetch(reader(), "SELECT mutation FROM call")
    assert [row["mutation"] for row in keys] == ["placeOrder"]
