"""A write of goods that takes cover from accepted orders says so, and so does one that leaves goods where nothing sells."""

from decimal import Decimal

import pytest

from rules.scope import GLOBAL, scope_of
from rules.setting import SettingKey
from tests.client import Api
from tests.orders import cancel, line, order, place, receive
from tests.promises import count, link, open_shop, remove, said, shown, sources, warned
from tests.worlds import rule

TENT = scope_of(None, "TENT")


@pytest.fixture
async def shop(api: Api) -> Api:
    """A shop with an accepted order."""
    return await open_shop(api)


async def test_a_lower_count_says_how_many_units_of_how_many_orders_wait_now(shop: Api) -> None:
    found = await count(shop, {"quantity": 2})
    assert shown(found) == [("WOULD_HOLD_ORDERS", "items.0")]
    assert found[0]["message"] == "6 units of 1 order wait now: the stock of TENT does not cover them."
    assert (await order(shop, "1"))["lines"][0]["backorderedQty"] == 6


async def test_only_what_waits_because_of_the_write_is_counted(shop: Api) -> None:
    for number in "23":
        await place(shop, number, [line("TENT", 4)])  # of order 2, 2 wait before; order 3 waits whole
    assert said(await count(shop, {"quantity": 7})) == "3 units of 2 orders wait now"
    assert said(await count(shop, {"quantity": Decimal("6.5")})) == "0.5 units of 1 order wait now"
    assert said(await count(shop, {"quantity": Decimal("5.5")})) == "1 unit of 1 order waits now"
    assert await count(shop, {"quantity": Decimal("5.5")}) == []
    assert await count(shop, {"quantity": 16}) == []
    assert await count(shop, {"quantity": 16, "status": "IN_STOCK"}, {"sku": "LAMP", "quantity": 0}) == []
    await cancel(shop, "1")
    assert await count(shop, {"quantity": 8}) == []
    assert said(await count(shop, {"quantity": -8})) == "8 units of 2 orders wait now"
    assert await count(shop, {"quantity": -9}) == []  # below 0 there is nothing left to take


async def test_a_removed_item_takes_its_cover_and_one_below_0_gives_some_back(shop: Api) -> None:
    await sources(shop, {"code": "b"})
    await link(shop, "default", "a", "b")
    assert said(await count(shop, {"source": "b", "quantity": -5})) == "3 units of 1 order wait now"
    assert await remove(shop, ("b", "TENT")) == []
    assert await count(shop, {"source": "b", "quantity": 3}) == []
    found = await remove(shop, ("a", "LAMP"), ("a", "TENT"))
    assert ("WOULD_HOLD_ORDERS", "items.1") in shown(found)
    assert found[0]["message"].startswith("5 units of 1 order wait now: the stock of TENT")


async def test_a_call_of_many_rows_is_counted_as_a_whole(shop: Api) -> None:
    await place(shop, "2", [line("TENT", 1), line("LAMP", 5)])
    found = await count(shop, {"sku": "LAMP", "quantity": 3}, {"quantity": 5})
    assert shown(found) == [("WOULD_HOLD_ORDERS", "items.0")]
    assert found[0]["message"] == "6 units of 2 orders wait now: the stock of LAMP, TENT does not cover them."
    await sources(shop, {"code": "b"})
    await link(shop, "default", "a", "b")
    assert await count(shop, {"quantity": 0}, {"source": "b", "quantity": 5}) == []  # moved, and nothing taken


async def test_a_source_of_two_stocks_takes_cover_from_the_orders_of_both(shop: Api) -> None:
    await link(shop, "pool", "a")
    await warned(shop, "upsertSalesChannels", "salesChannels", "SalesChannelInput", {"code": "b2b", "stock": "pool"})
    await place(shop, "2", [line("TENT", 9)], channel="b2b")
    assert said(await count(shop, {"quantity": 6})) == "5 units of 2 orders wait now"


async def test_what_never_waits_is_not_counted(shop: Api) -> None:
    assert shown(await count(shop, {"status": "OUT_OF_STOCK"})) == [
        ("NOTHING_SELLABLE", "items.0")
    ]  # stops selling only
    await count(shop, {"status": "IN_STOCK"})
    await rule(TENT, {SettingKey.MANAGE_STOCK: False})
    assert await count(shop, {"quantity": 0}) == []
    await place(shop, "2", [line("TENT", 5)])  # not reserved: stock was not managed
    await rule(TENT, {SettingKey.MANAGE_STOCK: None})
    await count(shop, {"quantity": 9})
    assert said(await count(shop, {"quantity": 7})) == "1 unit of 1 order waits now"


async def test_a_disabled_source_covers_nothing_that_a_count_could_take(shop: Api) -> None:
    await sources(shop, {"code": "a", "enabled": False})
    assert shown(await count(shop, {"quantity": 2})) == [("SOURCE_DISABLED", "items.0.source")]


async def test_goods_counted_where_no_stock_is_linked_are_warned_of_once_in_a_call(shop: Api) -> None:
    await sources(shop, {"code": "lost"}, {"code": "off", "enabled": False})
    found = await count(shop, {}, {"source": "lost", "quantity": 5}, {"source": "lost", "sku": "LAMP", "quantity": 1})
    assert shown(found) == [("UNLINKED_SOURCE", "items.1.source")]
    assert "No stock is linked to source lost" in found[0]["message"]
    assert await count(shop, {"source": "lost", "quantity": 0}, {"source": "lost", "sku": "LAMP"}) == []
    off = await count(shop, {"source": "off", "quantity": 5})
    assert shown(off) == [("SOURCE_DISABLED", "items.0.source"), ("UNLINKED_SOURCE", "items.0.source")]
    received = await receive(shop, "lost", [line("TENT", 5)])
    assert [(each["code"], each["field"]) for each in received["warnings"]] == [("UNLINKED_SOURCE", ["source"])]
    await link(shop, "pool", "lost")
    assert await count(shop, {"source": "lost", "quantity": 5}) == []
    assert (await receive(shop, "lost", [line("TENT", 5)]))["warnings"] == []


async def test_the_last_item_that_goes_out_of_stock_under_backorders_leaves_nothing_sellable(shop: Api) -> None:
    await sources(shop, {"code": "b"})
    await link(shop, "default", "a", "b")
    await count(shop, {"source": "b", "quantity": 0})
    out = {"status": "OUT_OF_STOCK"}
    assert await count(shop, out) == []
    found = await count(shop, {}, {"source": "b", **out})
    assert shown(found) == [("NOTHING_SELLABLE", "items.0")]
    assert "No source has TENT in stock any more" in found[0]["message"]
    assert await count(shop, {"source": "b", **out}) == []  # it was so before
    await count(shop, {"source": "b", "status": "IN_STOCK"})
    assert ("NOTHING_SELLABLE", "items.0") in shown(await remove(shop, ("b", "TENT")))
    await rule(GLOBAL, {SettingKey.BACKORDERS: None})
    await count(shop, {"status": "IN_STOCK"})
    assert await count(shop, out) == []  # it is sold out, as was meant
