"""The catalogue in pages and by filters, several products at once, and a cart judged as a whole."""

from decimal import Decimal
from typing import Any

import pytest

from resolvers.availability import product_list
from tests.client import Api

LIST = """query ($filter: ProductFilter, $first: Int, $after: String, $channel: String) {
    products(filter: $filter, first: $first, after: $after, salesChannel: $channel) {
        edges { cursor node { sku } } nodes { sku }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }"""
COUNT = "query ($filter: ProductFilter) { products(filter: $filter) { totalCount } }"
CART = """query ($items: [SalabilityRequest!]!, $channel: String) { salability(items: $items, salesChannel: $channel) {
    sku requestedQty isSalable backorderedQty maxSalableQty errors { code } } }"""
EVERY = ["FEW", "GONE", "HERE", "LATE", "NONE", "OFF", "SELF"]
FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, EVERY),
    ({"skus": ["SELF", "NOTHING", "FEW", "SELF", "here"]}, ["FEW", "SELF"]),
    ({"skus": []}, []),
    ({"search": "E"}, ["FEW", "GONE", "HERE", "LATE", "NONE", "SELF"]),
    ({"search": ""}, EVERY),
    ({"source": "default"}, ["FEW", "GONE", "HERE", "LATE", "SELF"]),
    ({"source": "east"}, ["HERE"]),
    ({"source": "far"}, ["OFF"]),
    ({"source": "nowhere"}, []),
    ({"assigned": True}, ["FEW", "GONE", "HERE", "LATE", "SELF"]),
    ({"assigned": False}, ["NONE", "OFF"]),
    ({"assigned": False, "source": "far"}, ["OFF"]),
    ({"stockStatus": "IN_STOCK"}, ["FEW", "HERE", "LATE", "SELF"]),
    ({"stockStatus": "OUT_OF_STOCK"}, ["GONE", "NONE", "OFF"]),
    ({"stockStatus": "OUT_OF_STOCK", "assigned": True}, ["GONE"]),
    ({"availability": ["LIMITED_AVAILABILITY"]}, ["FEW"]),
    ({"availability": ["BACK_ORDER", "LIMITED_AVAILABILITY"]}, ["FEW", "LATE"]),
    ({"availability": ["IN_STOCK"], "search": "se"}, ["SELF"]),
    ({"availability": ["BACK_ORDER"], "stockStatus": "OUT_OF_STOCK"}, []),
    ({"availability": []}, []),
    (dict.fromkeys(("skus", "search", "stockStatus", "availability", "source", "assigned")), EVERY),
]


async def rule(api: Api, sku: str, **settings: object) -> None:
    """Set rules of one product."""
    value = {"changes": [{"scope": {"type": "PRODUCT", "sku": sku}, "settings": settings}]}
    await api.change("setScopeRules", "input", "SetScopeRulesInput!", value)


async def put(api: Api, *products: tuple[str, str]) -> None:
    """Write products by SKU and name."""
    rows = [{"sku": sku, "name": name} for sku, name in products]
    await api.change("upsertProducts", "products", "[ProductInput!]!", rows)


@pytest.fixture
async def store(api: Api) -> Api:
    """A product of every availability; the stock far, of the channel afar, has the source far alone."""
    await api.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "east"}, {"code": "far"}])
    links = [{"source": source, "priority": 0} for source in ("default", "east")]
    stocks = [{"code": "default", "sources": links}, {"code": "far", "sources": [{"source": "far", "priority": 0}]}]
    await api.change("upsertStocks", "stocks", "[StockInput!]!", stocks)
    await api.change(
        "upsertSalesChannels", "salesChannels", "[SalesChannelInput!]!", [{"code": "afar", "stock": "far"}]
    )
    await put(api, *((sku, sku) for sku in EVERY))
    quantities = {"HERE": 5, "FEW": 2, "GONE": 0, "LATE": -1, "SELF": 0}
    items = [{"source": "default", "sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]
    items += [{"source": "east", "sku": "HERE", "quantity": 1}, {"source": "far", "sku": "OFF", "quantity": 1}]
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", items)
    await rule(api, "FEW", onlyXLeftThreshold=5)
    await rule(api, "LATE", backorders="ALLOW", outOfStockThreshold=-50)
    await rule(api, "SELF", manageStock=False)
    return api


async def page(api: Api, **arguments: object) -> dict[str, Any]:
    """One page, as a shopper, or as the admin where a filter is the admin's."""
    asked: Any = arguments.get("filter") or {}
    is_admins = asked.get("source") is not None or asked.get("assigned") is False
    found: dict[str, Any] = (await api.data(LIST, arguments, admin=is_admins))["products"]
    return found


def skus(found: dict[str, Any]) -> list[str]:
    """The SKUs of a page."""
    return [node["sku"] for node in found["nodes"]]


async def pages(api: Api, **arguments: object) -> list[list[str]]:
    """The SKUs of all pages, from the first to the one that says that there is no next one."""
    found = await page(api, **arguments)
    answer = [skus(found)]
    while found["pageInfo"]["hasNextPage"]:
        found = await page(api, **arguments, after=found["pageInfo"]["endCursor"])
        answer.append(skus(found))
    return answer


async def test_every_filter_finds_its_products(store: Api) -> None:
    for asked, expected in FILTERS:
        assert skus(await page(store, filter=asked)) == expected, asked
        counted = await store.data(COUNT, {"filter": asked})
        assert counted["products"]["totalCount"] == len(expected), asked
    assert skus(await page(store, filter=None, first=None, after=None, channel=None)) == EVERY


async def test_a_filter_looks_through_the_sales_channel_that_is_asked(store: Api) -> None:
    assert skus(await page(store, filter={"assigned": True}, channel="afar")) == ["OFF"]
    assert skus(await page(store, filter={"stockStatus": "IN_STOCK"}, channel="afar")) == ["OFF"]
    assert skus(await page(store, filter={"source": "default", "assigned": True}, channel="afar")) == []


async def test_pages_of_every_size_hold_every_product_once(store: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for batch, budget in ((500, 5_000), (3, 3), (2, 4), (1, 1)):
        monkeypatch.setattr(product_list, "SCAN_BATCH", batch)
        monkeypatch.setattr(product_list, "SCAN_BUDGET", budget)
        for asked, expected in FILTERS[::2]:
            for first in (1, 2, 7):
                found = await pages(store, filter=asked, first=first)
                assert [sku for each in found for sku in each] == expected, (asked, first, batch)
                assert all(len(each) <= first for each in found)


async def test_a_page_that_has_looked_long_enough_is_short_and_has_a_next_one(
    store: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product_list, "SCAN_BATCH", 2)
    monkeypatch.setattr(product_list, "SCAN_BUDGET", 2)

    found = await page(store, filter={"stockStatus": "OUT_OF_STOCK"}, first=5)
    assert (skus(found), found["pageInfo"]["hasNextPage"]) == (["GONE"], True)
    assert (await pages(store, filter={"availability": ["BACK_ORDER"]}))[:2] == [[], ["LATE"]]
    found = await page(store, filter={"availability": ["BACK_ORDER"]})
    assert (found["pageInfo"]["startCursor"], found["pageInfo"]["hasNextPage"]) == (None, True)


async def test_a_page_says_where_it_stands(store: Api) -> None:
    for asked in ({}, {"stockStatus": "IN_STOCK"}):
        first = await page(store, filter=asked, first=2)
        info, cursors = first["pageInfo"], [edge["cursor"] for edge in first["edges"]]
        assert first["nodes"] == [edge["node"] for edge in first["edges"]]
        assert info == {
            "hasNextPage": True,
            "hasPreviousPage": False,
            "startCursor": cursors[0],
            "endCursor": cursors[1],
        }
        last = await page(store, filter=asked, first=250, after=cursors[0])
        assert last["nodes"][0] == first["nodes"][1]
        assert (last["pageInfo"]["hasNextPage"], last["pageInfo"]["hasPreviousPage"]) == (False, True)
    empty = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert (await page(store, filter={"skus": []}))["pageInfo"] == empty


async def test_products_that_are_added_meanwhile_neither_skip_nor_repeat_others(api: Api) -> None:
    await put(api, *((sku, sku) for sku in ("b", "d", "f", "h")))
    first = await page(api, first=2)
    await put(api, *((sku, sku) for sku in ("a", "B", "c", "e", "z")))
    second = await page(api, first=2, after=first["pageInfo"]["endCursor"])
    await put(api, ("d2", "d2"), ("g", "g"))
    third = await page(api, first=9, after=second["pageInfo"]["endCursor"])

    assert [skus(first), skus(second), skus(third)] == [["b", "d"], ["e", "f"], ["g", "h", "z"]]
    assert skus(await page(api)) == ["B", "a", "b", "c", "d", "d2", "e", "f", "g", "h", "z"]


async def test_a_search_takes_every_sign_literally_and_no_heed_of_case(api: Api) -> None:
    names = {"1": "50% off", "2": "a_b", "3": "Hey!", "4": "Straße", "5": "STRASSE", "6": "ÄPFEL", "7": "οδός"}
    await put(api, *names.items(), ("sku%8", 'back\\slash "quoted"'))

    for search, expected in (
        ("%", ["1", "sku%8"]),
        ("0% O", ["1"]),
        ("_", ["2"]),
        ("!", ["3"]),
        ("!_", []),
        ("STRASSE", ["4", "5"]),
        ("straße", ["4", "5"]),
        ("äpf", ["6"]),
        ("ΟΔΌΣ", ["7"]),
        ("\\", ["sku%8"]),
        ('H "Q', ["sku%8"]),
        ("SKU%", ["sku%8"]),
        ("8back", []),
        ("'; DROP TABLE product; --", []),
    ):
        assert skus(await page(api, filter={"search": search})) == expected, search


async def test_a_new_name_is_found_and_the_old_one_is_not(api: Api) -> None:
    await put(api, ("1", "Old"))
    await put(api, ("1", "New"))

    assert skus(await page(api, filter={"search": "new"})) == ["1"]
    assert skus(await page(api, filter={"search": "old"})) == []


async def test_only_the_admin_counts_what_the_calculator_must_look_at(store: Api) -> None:
    for asked in ({"stockStatus": "IN_STOCK"}, {"availability": ["IN_STOCK"]}):
        assert await store.code(COUNT, {"filter": asked}, admin=False) == "TOO_MANY"
        assert skus(await page(store, filter=asked)) != []
    counted = await store.data(COUNT, {"filter": {"assigned": True, "search": "E"}}, admin=False)
    assert counted["products"]["totalCount"] == 5


async def test_products_are_given_in_the_order_asked_with_nulls_for_those_there_are_none_of(store: Api) -> None:
    query = "query ($skus: [String!]!) { productsBySku(skus: $skus) { sku salesChannel } }"
    asked = ["LATE", "nothing", "FEW", "LATE", "late", ""]

    found = (await store.data(query, {"skus": asked}, admin=False))["productsBySku"]
    assert [product and product["sku"] for product in found] == ["LATE", None, "FEW", "LATE", None, None]
    assert {product["salesChannel"] for product in found if product} == {"default"}
    assert await store.data(query, {"skus": []}, admin=False) == {"productsBySku": []}


async def test_a_cart_is_judged_by_the_sum_of_each_sku_and_answered_line_by_line(store: Api) -> None:
    def line(sku: str, quantity: object, late: int, most: int, *errors: str) -> dict[str, Any]:
        found = {"sku": sku, "requestedQty": quantity, "isSalable": not errors, "backorderedQty": late}
        return {**found, "maxSalableQty": most, "errors": [{"code": code} for code in errors]}

    async def judged(*items: tuple[str, object], channel: str | None = None) -> Any:
        asked = [{"sku": sku, "quantity": quantity} for sku, quantity in items]
        return (await store.data(CART, {"items": asked, "channel": channel}, admin=False))["salability"]

    assert await judged() == []
    assert await judged(("HERE", 4), ("LATE", 3), ("HERE", 2), ("nothing", 1), ("LATE", 2)) == [
        line("HERE", 4, 0, 6),
        line("LATE", 3, 3, 49),
        line("HERE", 2, 0, 6),
        line("nothing", 1, 0, 0, "UNKNOWN_PRODUCT"),
        line("LATE", 2, 2, 49),
    ]
    short = [line("HERE", quantity, 0, 6, "NOT_ENOUGH_QUANTITY") for quantity in (4, 3)]
    assert await judged(("HERE", 4), ("HERE", 3)) == short
    half = Decimal("0.5")
    assert await judged(("FEW", half), ("FEW", half)) == [line("FEW", half, 0, 2)] * 2
    assert await judged(("OFF", 1), ("NONE", 1)) == [
        line(sku, 1, 0, 0, "NOT_ASSIGNED_TO_STOCK") for sku in ("OFF", "NONE")
    ]
    assert await judged(("OFF", 1), channel="afar") == [line("OFF", 1, 0, 1)]
    four = [{"source": "default", "sku": "LATE", "quantity": 4}]
    await store.change("setSourceItems", "items", "[SourceItemInput!]!", four)
    assert await judged(("LATE", 3), ("LATE", 2), ("LATE", 1)) == [
        line("LATE", quantity, late, 54) for quantity, late in ((3, 0), (2, 1), (1, 1))
    ]
