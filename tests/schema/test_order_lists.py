"""The lists of orders and of what waits: their order, their filters, their pages."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from rules.scope import GLOBAL, scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import Api
from tests.orders import cancel, line, order, place, receive, ship
from tests.worlds import rule, stock_up

PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
ORDERS = f"""query ($filter: OrderFilter, $first: Int, $after: String) {{
  list: orders(filter: $filter, first: $first, after: $after) {{
    totalCount nodes {{ number }} edges {{ cursor node {{ number }} }} {PAGE_INFO}
  }} }}"""
BACKORDERS = f"""query ($filter: BackorderFilter, $first: Int, $after: String) {{
  list: backorders(filter: $filter, first: $first, after: $after) {{
    totalCount nodes {{ orderNumber sku stock salesChannel waitingQty position placedAt }}
    edges {{ cursor node {{ orderNumber sku }} }} {PAGE_INFO}
  }} }}"""
NO_CODES = ["", "x" * 65, "A\0B", "nope"]


@pytest.fixture
async def shop(api: Api) -> Api:
    """Orders 1 to 6: 1 is complete, 2 and 5 wait in part, 3 is canceled, 4 is covered, 6 waits in another stock."""
    await stock_up({"TENT": {"default": 10}, "LAMP": {"default": 3}})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    await api.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "far"}])
    item = {"source": "far", "sku": "TENT", "quantity": 1}
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", [item])
    stock = {"code": "other", "sources": [{"source": "far", "priority": 1}]}
    await api.change("upsertStocks", "stocks", "[StockInput!]!", [stock])
    await api.change(
        "upsertSalesChannels", "salesChannels", "[SalesChannelInput!]!", [{"code": "b2b", "stock": "other"}]
    )
    await place(api, "1", [line("TENT", 4)])
    await ship(api, "1", [line("TENT", 4, source="default")])
    await place(api, "2", [line("LAMP", 5), line("TENT", 2)])
    await place(api, "3", [line("TENT", 1)])
    await cancel(api, "3")
    await place(api, "4", [line("TENT", 3)])
    await place(api, "5", [line("TENT", 4), line("LAMP", 1)])
    await place(api, "6", [line("TENT", 2)], channel="b2b")
    return api


async def listed(api: Api, query: str, first: int | None = None, after: str | None = None, **wanted: Any) -> Any:
    """One page; its edges are its nodes, and its cursors theirs."""
    found = (await api.data(query, {"filter": wanted or None, "first": first or 50, "after": after}))["list"]
    cursors, info = [edge["cursor"] for edge in found["edges"]], found["pageInfo"]
    key = "number" if query == ORDERS else "orderNumber"
    assert [edge["node"][key] for edge in found["edges"]] == [node[key] for node in found["nodes"]]
    assert info["startCursor"] == (cursors[0] if cursors else None)
    assert info["hasPreviousPage"] == (after is not None)
    assert cursors == [] or info["hasNextPage"] or info["endCursor"] == cursors[-1]
    return found


async def numbers(api: Api, **wanted: Any) -> str:
    """The numbers of the orders of a filter, whose count is theirs."""
    found = await listed(api, ORDERS, **wanted)
    assert found["totalCount"] == len(found["nodes"])
    return "".join(node["number"] for node in found["nodes"])


async def queue(api: Api, **wanted: Any) -> list[tuple[str, str, object]]:
    """Which lines wait, and how much, in the order of the list."""
    found = await listed(api, BACKORDERS, **wanted)
    assert found["totalCount"] == len(found["nodes"])
    return [(node["orderNumber"], node["sku"], node["waitingQty"]) for node in found["nodes"]]


async def paged(api: Api, query: str, first: int, **wanted: Any) -> list[Any]:
    """All nodes of a list, page by page; every page but the last is full."""
    nodes: list[Any] = []
    after: str | None = None
    while True:
        page = await listed(api, query, first, after, **wanted)
        nodes += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(nodes) == page["totalCount"]
            return nodes
        assert len(page["nodes"]) == first
        after = page["pageInfo"]["endCursor"]


async def test_orders_are_listed_newest_first(shop: Api) -> None:
    assert await numbers(shop) == "654321"


async def test_orders_are_found_by_every_filter(shop: Api) -> None:
    assert await numbers(shop, status="PROCESSING") == "6542"
    assert await numbers(shop, status="COMPLETE") == "1"
    assert await numbers(shop, status="CANCELED") == "3"
    assert await numbers(shop, shippingHold=True) == "652"
    assert await numbers(shop, shippingHold=False) == "431"
    assert await numbers(shop, sku="LAMP") == "52"
    assert await numbers(shop, salesChannel="b2b") == "6"
    assert await numbers(shop, number="4") == "4"
    assert await numbers(shop, status=None, shippingHold=None, sku=None, salesChannel=None, number=None) == "654321"


async def test_filters_narrow_each_other(shop: Api) -> None:
    assert await numbers(shop, shippingHold=True, sku="LAMP", salesChannel="default") == "52"
    assert await numbers(shop, shippingHold=True, number="2", status="PROCESSING") == "2"
    assert await numbers(shop, shippingHold=False, status="PROCESSING", sku="TENT") == "4"
    assert await numbers(shop, shippingHold=True, status="COMPLETE") == ""
    assert await numbers(shop, salesChannel="b2b", sku="LAMP") == ""


async def test_what_is_no_code_or_not_there_finds_nothing(shop: Api) -> None:
    for code in NO_CODES:
        for name in ("number", "sku", "salesChannel"):
            assert await numbers(shop, **{name: code}) == "", (name, code[:9])
            assert await numbers(shop, shippingHold=True, **{name: code}) == "", (name, code[:9])
        for name in ("sku", "stock"):
            assert await queue(shop, **{name: code}) == [], (name, code[:9])
    for number in NO_CODES:
        query = "query ($number: String!) { order(number: $number) { number } }"
        assert await shop.data(query, {"number": number}) == {"order": None}


async def test_orders_are_found_from_one_instant_until_before_another(shop: Api) -> None:
    at = [(await order(shop, number))["placedAt"] for number in "123456"]
    assert at == sorted(at)
    assert await numbers(shop, placedFrom=at[2], placedUntil=at[4]) == "43"
    assert await numbers(shop, placedFrom=at[5]) == "6"
    assert await numbers(shop, placedUntil=at[1]) == "1"
    assert await numbers(shop, placedUntil=at[0]) == ""
    just_after = (datetime.fromisoformat(at[5]) + timedelta(microseconds=1)).isoformat()
    assert await numbers(shop, placedFrom=just_after) == ""
    assert await numbers(shop, placedFrom="0001-01-01T00:00:00Z", placedUntil="9999-12-31T23:59:59Z") == "654321"


async def test_pages_of_orders_add_up_to_the_list(shop: Api) -> None:
    for first in (1, 2, 3, 6, 7):
        for wanted, expected in (({}, "654321"), ({"shippingHold": True}, "652"), ({"shippingHold": False}, "431")):
            found = await paged(shop, ORDERS, first, **wanted)
            assert "".join(node["number"] for node in found) == expected, (first, wanted)


async def test_an_order_that_is_placed_between_two_pages_moves_none(shop: Api) -> None:
    first = await listed(shop, ORDERS, 2)
    await place(shop, "7", [line("TENT", 1)])
    second = await listed(shop, ORDERS, 2, first["pageInfo"]["endCursor"])
    assert [node["number"] for node in second["nodes"]] == ["4", "3"]
    assert await numbers(shop) == "7654321"


async def test_a_page_has_1_to_250_nodes_and_a_cursor_is_one_of_its_list(shop: Api) -> None:
    for name in ("orders", "backorders", "reservationInconsistencies"):
        for arguments, code in (
            ("first: 0", "BAD_PAGE_SIZE"),
            ("first: 251", "BAD_PAGE_SIZE"),
            ('after: "x"', "BAD_CURSOR"),
        ):
            assert await shop.code(f"{{ {name}({arguments}) {{ totalCount }} }}") == code, (name, arguments)


async def test_orders_on_hold_are_found_behind_many_that_are_not(shop: Api) -> None:
    await rule(scope_of(None, "TENT"), {SettingKey.MANAGE_STOCK: False})
    for number in range(120):
        await place(shop, f"n{number}", [line("TENT", 1)])
    await rule(scope_of(None, "TENT"), {SettingKey.MANAGE_STOCK: True})
    assert [node["number"] for node in await paged(shop, ORDERS, 2, shippingHold=True)] == ["6", "5", "2"]
    assert len(await paged(shop, ORDERS, 50, shippingHold=False)) == 123


async def test_what_waits_is_listed_the_oldest_placement_first(shop: Api) -> None:
    nodes = (await listed(shop, BACKORDERS))["nodes"]
    rows = [(node["orderNumber"], node["sku"], node["waitingQty"]) for node in nodes]
    assert rows == [("2", "LAMP", 2), ("5", "TENT", 3), ("5", "LAMP", 1), ("6", "TENT", 1)]
    assert [(node["stock"], node["salesChannel"]) for node in nodes] == [("default", "default")] * 3 + [
        ("other", "b2b")
    ]
    assert [node["placedAt"] for node in nodes] == [(await order(shop, number))["placedAt"] for number in "2556"]


async def test_the_first_that_waits_in_a_queue_has_position_1(shop: Api) -> None:
    await place(shop, "7", [line("TENT", 1)])

    async def positions(**wanted: Any) -> list[tuple[str, str, int]]:
        nodes = (await listed(shop, BACKORDERS, **wanted))["nodes"]
        return [(node["orderNumber"], node["sku"], node["position"]) for node in nodes]

    expected = [("2", "LAMP", 1), ("5", "TENT", 1), ("5", "LAMP", 2), ("6", "TENT", 1), ("7", "TENT", 2)]
    assert await positions() == expected
    assert await positions(sku="TENT", stock="default") == [("5", "TENT", 1), ("7", "TENT", 2)]
    second = await listed(shop, BACKORDERS, 2, (await listed(shop, BACKORDERS, 2))["pageInfo"]["endCursor"])
    assert [node["position"] for node in second["nodes"]] == [2, 1]


async def test_what_waits_is_found_by_sku_and_stock(shop: Api) -> None:
    assert await queue(shop, sku="LAMP") == [("2", "LAMP", 2), ("5", "LAMP", 1)]
    assert await queue(shop, stock="other") == [("6", "TENT", 1)]
    assert await queue(shop, sku="TENT", stock="default") == [("5", "TENT", 3)]
    assert await queue(shop, sku="LAMP", stock="other") == []
    assert len(await queue(shop, sku=None, stock=None)) == 4


async def test_pages_of_what_waits_add_up_to_the_list(shop: Api) -> None:
    for first in (1, 2, 3, 4, 5):
        found = await paged(shop, BACKORDERS, first)
        assert [(node["orderNumber"], node["sku"]) for node in found] == [
            ("2", "LAMP"),
            ("5", "TENT"),
            ("5", "LAMP"),
            ("6", "TENT"),
        ]
        assert [node["orderNumber"] for node in await paged(shop, BACKORDERS, first, sku="TENT")] == ["5", "6"]


async def test_what_is_freed_leaves_the_list(shop: Api) -> None:
    await receive(shop, "default", [line("TENT", 2), line("LAMP", 2)])
    assert await queue(shop) == [("5", "TENT", 1), ("5", "LAMP", 1), ("6", "TENT", 1)]
    assert await numbers(shop, shippingHold=True) == "65"
    await cancel(shop, "5")
    assert await queue(shop) == [("6", "TENT", 1)]
    assert await numbers(shop, shippingHold=True) == "6"
