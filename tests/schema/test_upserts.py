"""Writing sources, stocks, sales channels, products and source items: all of a call or none."""

from decimal import Decimal
from typing import Any

import pytest

from tests.client import Api

TYPES = {
    "upsertSources": ("sources", "SourceInput"),
    "upsertStocks": ("stocks", "StockInput"),
    "upsertSalesChannels": ("salesChannels", "SalesChannelInput"),
    "upsertProducts": ("products", "ProductInput"),
    "setSourceItems": ("items", "SourceItemInput"),
    "removeSourceItems": ("items", "SourceItemKeyInput"),
}
STATE = """{
    sources(first: 250) { nodes { code name enabled } }
    stocks(first: 250) { nodes { code name sources { priority source { code } } salesChannels { code } } }
    salesChannels(first: 250) { nodes { code name stock { code } } }
    products(first: 250) { nodes { sku name } }
    sourceItems(first: 250) { nodes { source { code } sku quantity status } }
}"""


async def write(api: Api, call: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """The payload of one upsert: what it refuses and what it warns of."""
    argument, type_ = TYPES[call]
    return await api.change(call, argument, f"[{type_}!]!", list(rows))


async def written(api: Api, call: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The warnings of an upsert that must go well."""
    payload = await write(api, call, *rows)
    assert payload["userErrors"] == []
    return list(payload["warnings"])


async def refused(api: Api, call: str, *rows: dict[str, Any]) -> list[tuple[str, str]]:
    """The code and path of each error of an upsert that writes nothing."""
    before = await api.data(STATE)
    payload = await write(api, call, *rows)
    assert await api.data(STATE) == before
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]]


async def nodes(api: Api, list_: str, selection: str) -> Any:
    """The nodes of a list."""
    return (await api.data(f"{{ {list_} {{ nodes {{ {selection} }} }} }}"))[list_]["nodes"]


@pytest.fixture
async def store(api: Api) -> Api:
    """Sources a and b in the stock pool, which the channel shop sells from; TENT lies at a."""
    await written(api, "upsertSources", {"code": "a", "name": "Able"}, {"code": "b", "enabled": False})
    links = [{"source": "a", "priority": 1}, {"source": "b", "priority": 2}]
    await written(api, "upsertStocks", {"code": "pool", "name": "Pool", "sources": links})
    await written(api, "upsertSalesChannels", {"code": "shop", "name": "Shop", "stock": "pool"})
    await written(api, "upsertProducts", {"sku": "TENT", "name": "Tent"}, {"sku": "LAMP"})
    item = {"source": "a", "sku": "TENT", "quantity": 5, "status": "OUT_OF_STOCK"}
    await written(api, "setSourceItems", item)
    return api


async def test_new_rows_are_named_like_their_codes_enabled_empty_and_in_stock(api: Api) -> None:
    await written(api, "upsertSources", {"code": "a"})
    await written(api, "upsertStocks", {"code": "pool"})
    await written(api, "upsertSalesChannels", {"code": "shop", "stock": "pool"})
    await written(api, "upsertProducts", {"sku": "TENT"})
    await written(api, "setSourceItems", {"source": "a", "sku": "TENT"})

    state = await api.data(STATE)
    assert {"code": "a", "name": "a", "enabled": True} in state["sources"]["nodes"]
    assert {"code": "pool", "name": "pool", "sources": [], "salesChannels": [{"code": "shop"}]} in state["stocks"][
        "nodes"
    ]
    assert {"code": "shop", "name": "shop", "stock": {"code": "pool"}} in state["salesChannels"]["nodes"]
    assert state["products"]["nodes"] == [{"sku": "TENT", "name": "TENT"}]
    item = {"source": {"code": "a"}, "sku": "TENT", "quantity": 0, "status": "IN_STOCK"}
    assert state["sourceItems"]["nodes"] == [item]


async def test_what_is_left_out_or_null_stays_as_it_is(store: Api) -> None:
    before = await store.data(STATE)

    for rest in ({}, {"name": None}):
        await written(store, "upsertSources", {"code": "a", **rest}, {"code": "b", "enabled": None, **rest})
        await written(store, "upsertStocks", {"code": "pool", **rest}, {"code": "default", "sources": None, **rest})
        await written(
            store, "upsertSalesChannels", {"code": "shop", **rest}, {"code": "default", "stock": None, **rest}
        )
        await written(store, "upsertProducts", {"sku": "TENT", **rest})
    for rest in ({}, {"quantity": None, "status": None, "expectedQuantity": None}):
        await written(store, "setSourceItems", {"source": "a", "sku": "TENT", **rest})

    assert await store.data(STATE) == before


async def test_what_is_given_changes_and_nothing_beside_it(store: Api) -> None:
    await written(store, "upsertSources", {"code": "a", "enabled": False}, {"code": "b", "name": "Baker"})
    await written(store, "upsertStocks", {"code": "pool", "name": "Lake"})
    await written(store, "upsertSalesChannels", {"code": "shop", "stock": "default"})
    await written(store, "setSourceItems", {"source": "a", "sku": "TENT", "status": "IN_STOCK"})

    able, baker, _ = await nodes(store, "sources", "name enabled")
    assert (able, baker) == ({"name": "Able", "enabled": False}, {"name": "Baker", "enabled": False})
    pool = {"name": "Lake", "sources": [{"priority": 1}, {"priority": 2}], "salesChannels": []}
    assert (await nodes(store, "stocks", "name sources { priority } salesChannels { code }"))[1] == pool
    shop = {"name": "Shop", "stock": {"code": "default"}}
    assert (await nodes(store, "salesChannels", "name stock { code }"))[1] == shop
    assert await nodes(store, "sourceItems", "quantity status") == [{"quantity": 5, "status": "IN_STOCK"}]


async def test_links_are_replaced_as_a_whole_and_an_empty_list_means_none(store: Api) -> None:
    async def links() -> list[tuple[str, int]]:
        pool = (await nodes(store, "stocks", "sources { priority source { code } }"))[1]
        return [(link["source"]["code"], link["priority"]) for link in pool["sources"]]

    new = [{"source": "default", "priority": 7}, {"source": "b", "priority": -1}, {"source": "a", "priority": 7}]
    await written(store, "upsertStocks", {"code": "pool", "sources": new})
    assert await links() == [("b", -1), ("a", 7), ("default", 7)]
    await written(store, "upsertStocks", {"code": "pool", "sources": new[:1]})
    assert await links() == [("default", 7)]
    await written(store, "upsertStocks", {"code": "pool", "sources": []})
    assert await links() == []


async def test_a_call_without_rows_does_nothing(store: Api) -> None:
    before = await store.data(STATE)

    for call in TYPES:
        assert await written(store, call) == []

    assert await store.data(STATE) == before


async def test_one_wrong_row_keeps_all_rows_of_its_call_from_being_written(store: Api) -> None:
    unknown = [{"source": "nowhere", "priority": 1}]
    item = {"source": "a", "sku": "TENT"}

    assert await refused(store, "upsertSources", {"code": "new"}, {"code": "a", "name": ""}) == [
        ("INVALID_TEXT", "sources.1.name")
    ]
    assert await refused(store, "upsertStocks", {"code": "new"}, {"code": "pool", "name": "x", "sources": unknown}) == [
        ("UNKNOWN_SOURCE", "stocks.1.sources.0.source")
    ]
    assert await refused(store, "upsertSalesChannels", {"code": "shop", "name": "x"}, {"code": "new"}) == [
        ("UNKNOWN_STOCK", "salesChannels.1.stock")
    ]
    assert await refused(store, "upsertProducts", {"sku": "NEW"}, {"sku": ""}) == [("INVALID_CODE", "products.1.sku")]
    assert await refused(store, "setSourceItems", {**item, "quantity": 9}, {**item, "sku": "NOTHING"}) == [
        ("UNKNOWN_PRODUCT", "items.1.sku")
    ]
    assert await refused(store, "removeSourceItems", item, {**item, "source": "b"}) == [
        ("UNKNOWN_SOURCE_ITEM", "items.1")
    ]


async def test_a_quantity_is_written_only_where_the_expected_one_is_on_hand(store: Api) -> None:
    tent = {"source": "a", "sku": "TENT", "quantity": 7}
    lamp = {"source": "a", "sku": "LAMP", "quantity": 3}

    stale = [("STALE_QUANTITY", "items.1.expectedQuantity")]
    assert await refused(store, "setSourceItems", lamp, {**tent, "expectedQuantity": 4}) == stale
    assert await refused(store, "setSourceItems", tent, {**lamp, "expectedQuantity": 3}) == stale
    payload = await write(store, "setSourceItems", {**tent, "expectedQuantity": -5})
    assert " 5 " in payload["userErrors"][0]["message"]

    same = Decimal("5.0000")
    await written(store, "setSourceItems", {**tent, "expectedQuantity": same}, {**lamp, "expectedQuantity": 0})
    lamp_then_tent = [{"sku": "LAMP", "quantity": 3}, {"sku": "TENT", "quantity": 7}]
    assert await nodes(store, "sourceItems", "sku quantity") == lamp_then_tent
    await written(store, "setSourceItems", {**tent, "quantity": 1, "expectedQuantity": None})
    await written(store, "setSourceItems", {"source": "a", "sku": "TENT", "expectedQuantity": 1})


async def test_quantities_are_kept_to_the_last_place(store: Api) -> None:
    for text in ("0.0001", "-0.0001", "2.5", "-99999999999.9999", "99999999999.9999", "-3"):
        quantity = Decimal(text)
        await written(store, "setSourceItems", {"source": "a", "sku": "TENT", "quantity": quantity})
        assert await nodes(store, "sourceItems", "quantity") == [{"quantity": quantity}]


async def test_a_source_that_feeds_two_stocks_is_warned_of_at_each_of_its_links(store: Api) -> None:
    link = {"source": "a", "priority": 1}
    here = {"code": "pool", "sources": [{"source": "b", "priority": 0}, link]}

    assert await written(store, "upsertStocks", here) == []
    found = await written(store, "upsertStocks", {"code": "lake", "sources": [link]})
    assert [(each["code"], each["field"]) for each in found] == [
        ("SHARED_SOURCE", ["stocks", "0", "sources", "0", "source"])
    ]
    assert "Source a feeds the stocks lake, pool" in found[0]["message"]
    found = await written(store, "upsertStocks", {"code": "lake", "sources": [link]}, here)
    assert [".".join(each["field"]) for each in found] == ["stocks.0.sources.0.source", "stocks.1.sources.1.source"]
    assert await written(store, "upsertStocks", {"code": "lake", "name": "Lake"}, {"code": "pool"}) == []
    assert await written(store, "upsertStocks", {"code": "lake", "sources": []}, here) == []


async def test_a_disabled_source_is_warned_of_once_in_a_call(store: Api) -> None:
    off = [{"source": "b", "sku": "TENT"}, {"source": "b", "sku": "LAMP"}]

    assert await written(store, "setSourceItems", {"source": "a", "sku": "LAMP"}) == []
    found = await written(store, "setSourceItems", {"source": "a", "sku": "LAMP"}, *off)
    assert [(each["code"], ".".join(each["field"])) for each in found] == [("SOURCE_DISABLED", "items.1.source")]
    assert "Source b is disabled" in found[0]["message"]
    await written(store, "upsertSources", {"code": "b", "enabled": True})
    assert await written(store, "setSourceItems", *off) == []


async def test_codes_are_exact_and_case_sensitive(api: Api) -> None:
    codes = ["A", "a", "a b", "ä", "Ä", "x" * 64, "😀" * 64]

    await written(api, "upsertProducts", *({"sku": code} for code in codes))
    await written(api, "upsertSources", *({"code": code} for code in codes))

    assert {product["sku"] for product in await nodes(api, "products", "sku")} == set(codes)
    assert {source["code"] for source in await nodes(api, "sources", "code")} == {*codes, "default"}


async def test_answers_come_in_the_order_of_the_call(store: Api) -> None:
    for call, argument, rest in (
        ("upsertSources", "sources", ""),
        ("upsertStocks", "stocks", ""),
        ("upsertSalesChannels", "salesChannels", 'stock: "pool"'),
    ):
        rows = " ".join(f'{{ code: "{code}" {rest} }}' for code in ("z", "a", "M"))
        answer = await store.data(f"mutation {{ {call}({argument}: [{rows}]) {{ {argument} {{ code }} }} }}")
        assert answer[call][argument] == [{"code": "z"}, {"code": "a"}, {"code": "M"}]


async def test_5000_rows_are_written_in_one_call_and_again_without_harm(api: Api) -> None:
    products = [{"sku": f"SKU-{number}", "name": f"Number {number}"} for number in range(5_000)]
    items = [{"source": "default", "sku": row["sku"], "quantity": 3} for row in products]
    links = [{"source": f"s-{number}", "priority": number} for number in range(4_999)]
    state = "{ products { totalCount } sourceItems { totalCount } sources { totalCount } stocks { totalCount } }"

    for _ in range(2):
        await written(api, "upsertProducts", *products)
        await written(api, "setSourceItems", *items)
        await written(api, "upsertSources", {"code": "more"}, *({"code": link["source"]} for link in links))
        await written(api, "upsertStocks", {"code": "pool", "sources": links})
        counts = {name: found["totalCount"] for name, found in (await api.data(state)).items()}
        assert counts == {"products": 5_000, "sourceItems": 5_000, "sources": 5_001, "stocks": 2}

    await written(api, "removeSourceItems", *({"source": "default", "sku": row["sku"]} for row in products))
    assert (await api.data(state))["sourceItems"] == {"totalCount": 0}
