"""The hold: what lies in a stock covers its open units, the oldest placement first; the rest waits."""

from decimal import Decimal
from typing import Any

import pytest

from rules.scope import GLOBAL, scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import Api
from tests.order_rows import written
from tests.orders import Payload, cancel, line, order, place, receive, refund, ship
from tests.worlds import rule, stock_up

HEALTH = "{ reservationInconsistencies { totalCount } }"
TENT = scope_of(None, "TENT")


@pytest.fixture
async def shop(api: Api) -> Api:
    """10 TENT lie at a and 5 at b, as many as anybody wants are sold, and three orders want 8 each."""
    await stock_up({"TENT": {"a": 10, "b": 5}, "LAMP": {"a": 0}})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    for number in ("1", "2", "3"):
        assert (await place(api, number, [line("TENT", 8)]))["userErrors"] == []
    return api


async def upsert(api: Api, call: str, argument: str, type_: str, *rows: dict[str, Any]) -> None:
    """An upsert that goes well."""
    assert (await api.change(call, argument, f"[{type_}!]!", list(rows)))["userErrors"] == []


async def item(api: Api, source: str, **change: Any) -> None:
    """Set the item of TENT at a source."""
    await upsert(api, "setSourceItems", "items", "SourceItemInput", {"source": source, "sku": "TENT", **change})


async def may_ship(api: Api, *numbers: str) -> list[object]:
    """What of TENT may ship of each of these orders; the rest of what is open waits, and holds its order."""
    found = []
    for number in numbers or ("1", "2", "3"):
        now = await order(api, number)
        (tent,) = [each for each in now["lines"] if each["sku"] == "TENT"]
        assert tent["shippableQty"] + tent["backorderedQty"] == tent["openQty"]
        assert now["shippingHold"] == any(each["backorderedQty"] > 0 for each in now["lines"])
        found.append(tent["shippableQty"])
    assert (await api.data(HEALTH))["reservationInconsistencies"]["totalCount"] == 0
    return found


def released(payload: Payload) -> list[tuple[str, object, object]]:
    """Which orders a receipt freed: how much, and what still waits."""
    assert payload["userErrors"] == []
    return [(each["orderNumber"], each["releasedQty"], each["waitingQty"]) for each in payload["released"]]


async def test_the_oldest_placement_is_covered_first_and_a_line_in_part(shop: Api) -> None:
    assert await may_ship(shop) == [8, 7, 0]
    assert (await order(shop, "2"))["lines"][0]["backorderedQtyAtPlacement"] == 1
    assert (await order(shop, "3"))["lines"][0]["backorderedQtyAtPlacement"] == 8
    assert [(await order(shop, number))["shippingHold"] for number in "123"] == [False, True, True]


async def test_the_covered_part_ships_while_the_rest_waits(shop: Api) -> None:
    lines = [line("TENT", 2, source="a"), line("TENT", 5, source="b")]
    shipped = await ship(shop, "2", lines)
    assert shipped["userErrors"] == []
    assert shipped["order"]["status"] == "PROCESSING"
    assert await may_ship(shop) == [8, 0, 0]
    refused = await ship(shop, "2", [line("TENT", 1, source="a")])
    assert [error["code"] for error in refused["userErrors"]] == ["BACKORDER_ON_HOLD"]
    assert (await ship(shop, "1", [line("TENT", 8, source="a")]))["order"]["status"] == "COMPLETE"
    assert await may_ship(shop) == [0, 0, 0]


async def test_cancelling_an_older_order_frees_younger_ones(shop: Api) -> None:
    assert (await cancel(shop, "1", [line("TENT", 3)]))["userErrors"] == []
    assert await may_ship(shop) == [5, 8, 2]
    assert (await cancel(shop, "1"))["order"]["status"] == "CANCELED"
    assert await may_ship(shop) == [0, 8, 7]
    freed = [each for each in (await written())["outbox"] if each["event"] == "backorder.freed"]
    assert [each["subject"] for each in freed] == ["2", "3", "3"]


async def test_cancelling_a_younger_order_frees_no_older_one(shop: Api) -> None:
    assert (await cancel(shop, "3"))["userErrors"] == []
    assert await may_ship(shop) == [8, 7, 0]
    assert [each for each in (await written())["outbox"] if each["event"] == "backorder.freed"] == []


async def test_a_delivery_frees_in_the_order_of_placement(shop: Api) -> None:
    assert (await place(shop, "4", [line("LAMP", 3), line("TENT", 1)]))["userErrors"] == []
    found = await receive(shop, "b", [line("TENT", 2), line("TENT", Decimal("2.5"))])
    assert released(found) == [("2", 1, 0), ("3", Decimal("3.5"), Decimal("4.5"))]
    assert found["sourceItems"] == [{"sku": "TENT", "quantity": Decimal("9.5")}]
    assert found["warnings"] == []
    assert await may_ship(shop, "1", "2", "3", "4") == [8, 8, Decimal("3.5"), 0]
    both = await receive(shop, "a", [line("LAMP", 1), line("TENT", 9)])
    assert [(each["orderNumber"], each["sku"], each["releasedQty"]) for each in both["released"]] == [
        ("3", "TENT", Decimal("4.5")),
        ("4", "LAMP", 1),
        ("4", "TENT", 1),
    ]
    assert [each["stock"] for each in both["released"]] == ["default"] * 3
    assert released(await receive(shop, "a", [line("TENT", 9)])) == []


async def test_a_return_to_a_source_frees_too_and_one_to_nowhere_does_not(shop: Api) -> None:
    assert (await ship(shop, "1", [line("TENT", 8, source="a")]))["userErrors"] == []
    assert (await refund(shop, "1", [line("TENT", 2)]))["userErrors"] == []
    assert await may_ship(shop) == [0, 7, 0]
    assert (await refund(shop, "1", [line("TENT", 3, returnToSource="b")]))["userErrors"] == []
    assert await may_ship(shop) == [0, 8, 2]


async def test_supply_is_not_below_0(shop: Api) -> None:
    await item(shop, "a", quantity=-20)
    assert await may_ship(shop) == [0, 0, 0]
    assert released(await receive(shop, "b", [line("TENT", 10)])) == []
    await item(shop, "a", quantity=-12)
    assert await may_ship(shop) == [3, 0, 0]


async def test_an_item_out_of_stock_still_supplies(shop: Api) -> None:
    await item(shop, "a", status="OUT_OF_STOCK")
    assert await may_ship(shop) == [8, 7, 0]
    assert (await ship(shop, "1", [line("TENT", 8, source="a")]))["userErrors"] == []
    assert released(await receive(shop, "a", [line("TENT", 1)])) == [("2", 1, 0)]
    rows = await shop.data('{ sourceItems(filter: { source: "a", sku: "TENT" }) { nodes { quantity status } } }')
    assert rows["sourceItems"]["nodes"] == [{"quantity": 3, "status": "OUT_OF_STOCK"}]


async def test_a_disabled_source_supplies_nothing_until_it_is_enabled(shop: Api) -> None:
    await upsert(shop, "upsertSources", "sources", "SourceInput", {"code": "a", "enabled": False})
    assert await may_ship(shop) == [5, 0, 0]
    received = await receive(shop, "a", [line("TENT", 100)])
    assert released(received) == []
    assert received["warnings"] == [{"code": "SOURCE_DISABLED", "field": ["source"]}]
    assert received["sourceItems"] == [{"sku": "TENT", "quantity": 110}]
    assert await may_ship(shop) == [5, 0, 0]
    await upsert(shop, "upsertSources", "sources", "SourceInput", {"code": "a", "enabled": True})
    assert await may_ship(shop) == [8, 8, 8]


async def test_a_source_that_is_not_linked_supplies_nothing(shop: Api) -> None:
    link = {"source": "b", "priority": 1}
    await upsert(shop, "upsertStocks", "stocks", "StockInput", {"code": "default", "sources": [link]})
    assert await may_ship(shop) == [5, 0, 0]
    assert released(await receive(shop, "a", [line("TENT", 9)])) == []


async def test_a_line_that_is_not_managed_never_waits_and_is_ahead_of_nobody(shop: Api) -> None:
    await rule(TENT, {SettingKey.MANAGE_STOCK: False})
    assert await may_ship(shop) == [8, 8, 8]
    assert (await place(shop, "4", [line("TENT", 100)]))["order"]["lines"][0]["backorderedQtyAtPlacement"] == 0
    assert await may_ship(shop, "4") == [100]
    assert (await shop.data("{ backorders { totalCount } }"))["backorders"]["totalCount"] == 0
    assert released(await receive(shop, "b", [line("TENT", 2)])) == []

    await rule(TENT, {SettingKey.MANAGE_STOCK: True})
    assert await may_ship(shop, "1", "2", "3", "4") == [8, 8, 1, 100]
    assert (await cancel(shop, "4"))["userErrors"] == []
    assert await may_ship(shop) == [8, 8, 1]


async def test_reserved_units_that_ship_unmanaged_leave_their_items_alone_and_the_ledger_in_order(shop: Api) -> None:
    await rule(TENT, {SettingKey.MANAGE_STOCK: False})
    shipped = await ship(shop, "3", [line("TENT", 8)])
    assert shipped["shipment"]["lines"] == [{"sku": "TENT", "quantity": 8, "source": None}]
    await rule(TENT, {SettingKey.MANAGE_STOCK: True})
    assert await may_ship(shop) == [8, 7, 0]


async def test_units_that_were_not_reserved_leave_a_source_once_stock_is_managed(shop: Api) -> None:
    await rule(TENT, {SettingKey.MANAGE_STOCK: False})
    assert (await place(shop, "4", [line("TENT", 4)]))["userErrors"] == []
    await rule(TENT, {SettingKey.MANAGE_STOCK: True})
    refused = await ship(shop, "4", [line("TENT", 4)])
    assert [error["code"] for error in refused["userErrors"]] == ["SOURCE_REQUIRED"]
    assert (await ship(shop, "4", [line("TENT", 4, source="a")]))["userErrors"] == []
    assert await may_ship(shop) == [8, 3, 0]


async def test_an_order_keeps_the_stock_that_its_channel_had(shop: Api) -> None:
    await upsert(shop, "upsertSources", "sources", "SourceInput", {"code": "c"})
    await item(shop, "c", quantity=50)
    link = {"source": "c", "priority": 1}
    await upsert(shop, "upsertStocks", "stocks", "StockInput", {"code": "other", "sources": [link]})
    channel = {"code": "default", "stock": "other"}
    await upsert(shop, "upsertSalesChannels", "salesChannels", "SalesChannelInput", channel)
    assert (await place(shop, "4", [line("TENT", 8)]))["order"]["stock"] == "other"
    first = await order(shop, "1")
    assert (first["stock"], first["salesChannel"]) == ("default", "default")
    assert await may_ship(shop, "1", "2", "3", "4") == [8, 7, 0, 8]
    refused = await ship(shop, "3", [line("TENT", 1, source="c")])
    assert [error["code"] for error in refused["userErrors"]] == ["BACKORDER_ON_HOLD"]
    refused = await ship(shop, "1", [line("TENT", 1, source="c")])
    assert [error["code"] for error in refused["userErrors"]] == ["SOURCE_NOT_ELIGIBLE"]
    assert released(await receive(shop, "c", [line("TENT", 9)])) == []
    assert (await cancel(shop, "1"))["userErrors"] == []
    assert await may_ship(shop, "2", "3", "4") == [8, 7, 8]


async def test_queues_of_two_stocks_with_one_source_are_covered_each_for_itself(shop: Api) -> None:
    link = {"source": "a", "priority": 1}
    await upsert(shop, "upsertStocks", "stocks", "StockInput", {"code": "other", "sources": [link]})
    channel = {"code": "shop", "stock": "other"}
    await upsert(shop, "upsertSalesChannels", "salesChannels", "SalesChannelInput", channel)
    assert (await place(shop, "4", [line("TENT", 12)], channel="shop"))["userErrors"] == []
    assert await may_ship(shop, "1", "2", "3", "4") == [8, 7, 0, 10]
    found = await receive(shop, "a", [line("TENT", 3)])
    assert [(each["orderNumber"], each["stock"], each["releasedQty"]) for each in found["released"]] == [
        ("2", "default", 1),
        ("3", "default", 2),
        ("4", "other", 2),
    ]
