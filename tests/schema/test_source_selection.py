"""Where to ship from: by source priority, for what may ship of an order or for a cart; nothing is held."""

from decimal import Decimal
from typing import Any

import pytest

from rules.scope import GLOBAL, scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import Api
from tests.order_rows import written
from tests.orders import Line, cancel, line, place, ship
from tests.worlds import rule, stock_up

SELECT = """query ($number: String, $lines: [OrderLineInput!], $channel: String) {
  sourceSelection(orderNumber: $number, lines: $lines, salesChannel: $channel) {
    shippable items { sku source quantity }
  } }"""
Items = list[tuple[str, str, object]]


@pytest.fixture
async def shop(api: Api) -> Api:
    """TENT lies at c (drawn on first), a and b (of one priority), off (disabled) and far (another stock)."""
    await stock_up(
        {"TENT": {"a": 4, "b": 3, "c": 2, "off": 50, "far": 60}, "LAMP": {"a": 1, "b": 0, "c": -2}, "EBOOK": {"b": 0}}
    )
    await api.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "off", "enabled": False}])
    order = [("b", 7), ("a", 7), ("off", 0), ("c", 1)]
    links = [{"source": source, "priority": priority} for source, priority in order]
    far = {"code": "other", "sources": [{"source": "far", "priority": 1}]}
    await api.change("upsertStocks", "stocks", "[StockInput!]!", [{"code": "default", "sources": links}, far])
    await api.change(
        "upsertSalesChannels", "salesChannels", "[SalesChannelInput!]!", [{"code": "b2b", "stock": "other"}]
    )
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    await rule(scope_of(None, "EBOOK"), {SettingKey.MANAGE_STOCK: False})
    return api


async def selected(api: Api, **asked: Any) -> tuple[bool, Items]:
    """Whether all can ship, and from where; asking writes nothing."""
    before = await written()
    found = (await api.data(SELECT, asked))["sourceSelection"]
    assert await written() == before
    return found["shippable"], [(each["sku"], each["source"], each["quantity"]) for each in found["items"]]


async def cart(api: Api, *lines: Line, **more: str) -> tuple[bool, Items]:
    """The selection for a cart."""
    return await selected(api, lines=list(lines), **more)


async def test_sources_are_drawn_on_by_priority_and_equal_ones_by_code(shop: Api) -> None:
    assert await cart(shop, line("TENT", 2)) == (True, [("TENT", "c", 2)])
    assert await cart(shop, line("TENT", Decimal("5.5"))) == (True, [("TENT", "c", 2), ("TENT", "a", Decimal("3.5"))])
    assert await cart(shop, line("TENT", 9)) == (True, [("TENT", "c", 2), ("TENT", "a", 4), ("TENT", "b", 3)])


async def test_a_cart_that_no_sources_hold_is_not_shippable(shop: Api) -> None:
    assert await cart(shop, line("TENT", 10)) == (False, [("TENT", "c", 2), ("TENT", "a", 4), ("TENT", "b", 3)])
    assert await cart(shop, line("TENT", 1), line("NOPE", 1)) == (False, [("TENT", "c", 1)])
    for sku in ("", "x" * 65, "A\0B"):
        assert await cart(shop, line(sku, 1)) == (False, [])


async def test_an_unknown_product_is_not_shippable_whatever_the_rules_say(shop: Api) -> None:
    await rule(GLOBAL, {SettingKey.MANAGE_STOCK: False})
    assert await cart(shop, line("NOPE", 1)) == (False, [])


async def test_lines_of_one_sku_are_added_up_and_skus_stand_in_their_order(shop: Api) -> None:
    found = await cart(shop, line("TENT", 1), line("LAMP", 1), line("TENT", 2))
    assert found == (True, [("TENT", "c", 2), ("TENT", "a", 1), ("LAMP", "a", 1)])


async def test_an_item_out_of_stock_still_ships(shop: Api) -> None:
    item = {"source": "c", "sku": "TENT", "status": "OUT_OF_STOCK"}
    await shop.change("setSourceItems", "items", "[SourceItemInput!]!", [item])
    assert await cart(shop, line("TENT", 1)) == (True, [("TENT", "c", 1)])


async def test_goods_whose_stock_is_not_managed_leave_from_no_source(shop: Api) -> None:
    assert await cart(shop, line("EBOOK", 500), line("TENT", 1)) == (True, [("TENT", "c", 1)])
    await place(shop, "1", [line("EBOOK", 3)])
    assert await selected(shop, number="1") == (True, [])


async def test_a_cart_is_served_by_the_stock_of_its_channel(shop: Api) -> None:
    assert await cart(shop, line("TENT", 1), channel="b2b") == (True, [("TENT", "far", 1)])
    assert await cart(shop, line("TENT", 1), channel="default") == (True, [("TENT", "c", 1)])


async def test_an_order_ships_what_may_ship_from_the_stock_that_it_was_placed_in(shop: Api) -> None:
    await place(shop, "1", [line("TENT", 3)])
    await place(shop, "2", [line("TENT", 8), line("LAMP", 1)])
    await place(shop, "3", [line("TENT", 1)], channel="b2b")
    assert await selected(shop, number="1") == (True, [("TENT", "c", 2), ("TENT", "a", 1)])
    assert await selected(shop, number="2") == (True, [("TENT", "c", 2), ("TENT", "a", 4)])
    assert await selected(shop, number="3") == (True, [("TENT", "far", 1)])

    moved = {"code": "default", "stock": "other"}
    await shop.change("upsertSalesChannels", "salesChannels", "[SalesChannelInput!]!", [moved])
    assert (await ship(shop, "1", [line("TENT", 2, source="c")]))["userErrors"] == []
    assert await selected(shop, number="1") == (True, [("TENT", "a", 1)])


async def test_what_is_selected_for_an_order_ships(shop: Api) -> None:
    await place(shop, "1", [line("TENT", 20)])
    is_shippable, items = await selected(shop, number="1")
    assert is_shippable
    shipped = await ship(
        shop, "1", [line(sku, Decimal(str(quantity)), source=source) for sku, source, quantity in items]
    )
    assert shipped["userErrors"] == []
    assert shipped["order"]["lines"][0]["shippedQty"] == 9


async def test_an_order_of_which_nothing_may_ship_is_not_shippable(shop: Api) -> None:
    await place(shop, "1", [line("TENT", 3)])
    await cancel(shop, "1")
    assert await selected(shop, number="1") == (False, [])
    await place(shop, "2", [line("TENT", 9)])
    await place(shop, "3", [line("TENT", 1), line("LAMP", 5)])
    assert await selected(shop, number="3") == (False, [])
    await place(shop, "4", [line("TENT", 1), line("EBOOK", 1)])
    assert await selected(shop, number="4") == (True, [])
    assert (await ship(shop, "4", [line("EBOOK", 1)]))["userErrors"] == []
    assert await selected(shop, number="4") == (False, [])
    assert await cart(shop) == (False, [])


async def test_exactly_one_of_an_order_and_lines_is_given(shop: Api) -> None:
    await place(shop, "1", [line("TENT", 3)])
    for asked in (
        {},
        {"number": None, "lines": None},
        {"number": "1", "lines": [line("TENT", 1)]},
        {"number": "1", "lines": []},
    ):
        assert await shop.code(SELECT, asked) == "BAD_USER_INPUT", asked


async def test_what_cannot_be_selected_is_refused(shop: Api) -> None:
    for number in ("", "nope", "A\0B", "x" * 65):
        assert await shop.code(SELECT, {"number": number}) == "BAD_USER_INPUT", number
    for quantity in (0, -1):
        assert await shop.code(SELECT, {"lines": [line("TENT", quantity)]}) == "BAD_USER_INPUT"
    for channel in ("", "nope", "A\0B"):
        asked = {"lines": [line("TENT", 1)], "channel": channel}
        assert await shop.code(SELECT, asked) == "UNKNOWN_SALES_CHANNEL", channel
    assert await shop.code(SELECT, {"lines": [line("TENT", 1)] * 1_001}) == "TOO_MANY"
