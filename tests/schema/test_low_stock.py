"""Low stock: what lies at a source at or below its notify quantity. It never changes what can be sold."""

from decimal import Decimal
from typing import Any

import pytest

from resolvers.availability import low_stock
from tests.client import Api
from tests.schema.rule_store import (
    EAST,
    GLOBAL,
    LAMP,
    LONG_AGO,
    TENT,
    TENT_EAST,
    WEST,
    Change,
    at_whole,
    day,
    product,
    set_rules,
    stock_up,
)

_RULE = "{ scope { type source sku } value activeFrom activeUntil }"
LOW = f"""query ($filter: LowStockFilter, $first: Int, $after: String) {{
    lowStock(filter: $filter, first: $first, after: $after) {{ totalCount edges {{ cursor node {{ sku source }} }}
        nodes {{ sku source quantity notifyForQuantityBelow {{
            setting value scope {{ type source sku }} rule {_RULE} overridden {_RULE} }} }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
PAGE = """query ($first: Int, $after: String) { lowStock(first: $first, after: $after) {
    nodes { sku source } pageInfo { hasNextPage endCursor } } }"""
ALWAYS = {"activeFrom": None, "activeUntil": None}


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT lies 25 at east and 5 at west, LAMP 3 at east; no rule is set."""
    return await stock_up(api)


async def put(api: Api, *items: tuple[str, str, Any], **rest: object) -> None:
    """Write the quantities of these sources and SKUs."""
    rows = [{"source": source, "sku": sku, "quantity": quantity, **rest} for source, sku, quantity in items]
    payload = await api.change("setSourceItems", "items", "[SourceItemInput!]!", rows)
    assert payload["userErrors"] == []


async def listed(api: Api, **arguments: object) -> dict[str, Any]:
    """One page of the low items."""
    found: dict[str, Any] = (await api.data(LOW, arguments))["lowStock"]
    return found


async def low(api: Api, **asked: object) -> list[tuple[str, str]]:
    """The SKU and the source of each low item that a filter finds."""
    found = await listed(api, filter=asked)
    assert found["totalCount"] == len(found["nodes"])
    return [(each["sku"], each["source"]) for each in found["nodes"]]


@pytest.mark.parametrize(
    ("quantity", "is_low"),
    [(Decimal("10.0001"), False), (10, True), (Decimal("9.9999"), True), (0, True), (-3, True), (11, False)],
)
async def test_an_item_is_low_at_its_notify_quantity_and_below_at_zero_and_below_too(
    store: Api, quantity: Any, is_low: bool
) -> None:
    await set_rules(store, (TENT, {"notifyForQuantityBelow": 10}), (GLOBAL, {"notifyForQuantityBelow": 0}))
    await put(store, ("east", "TENT", quantity))
    assert await low(store, source="east", sku="TENT") == ([("TENT", "east")] if is_low else [])


async def test_without_rules_an_item_is_low_at_one(store: Api) -> None:
    await put(store, ("east", "TENT", 1), ("west", "TENT", 2))
    assert await low(store) == [("TENT", "east")]
    await set_rules(store, (GLOBAL, {"notifyForQuantityBelow": 0}))
    assert await low(store) == []
    await put(store, ("east", "TENT", 0))
    assert await low(store) == [("TENT", "east")]


async def test_an_item_tells_its_quantity_and_where_its_notify_quantity_comes_from(store: Api) -> None:
    values: list[Change] = [
        (scope, {"notifyForQuantityBelow": value})
        for scope, value in ((GLOBAL, 40), (EAST, 30), (WEST, 20), (TENT_EAST, 25))
    ]
    await set_rules(store, *values)
    await put(store, ("west", "TENT", Decimal("-0.5")))

    def rule(scope: dict[str, str], value: int) -> dict[str, Any]:
        return {"scope": at_whole(scope), "value": value, **ALWAYS}

    found = {(each.pop("sku"), each.pop("source")): each for each in (await listed(store))["nodes"]}
    for place, quantity, scope, value, hidden in (
        (("LAMP", "east"), 3, EAST, 30, [rule(GLOBAL, 40)]),
        (("TENT", "east"), 25, TENT_EAST, 25, [rule(EAST, 30), rule(GLOBAL, 40)]),
        (("TENT", "west"), Decimal("-0.5"), WEST, 20, [rule(GLOBAL, 40)]),
    ):
        notify = {"setting": "NOTIFY_FOR_QUANTITY_BELOW", "value": value, "scope": at_whole(scope)}
        provenance = {"rule": rule(scope, value), "overridden": hidden}
        assert found.pop(place) == {"quantity": quantity, "notifyForQuantityBelow": {**notify, **provenance}}
    assert found == {}


async def test_a_product_rule_beats_that_of_a_source(store: Api) -> None:
    await set_rules(store, (EAST, {"notifyForQuantityBelow": 99}), (TENT, {"notifyForQuantityBelow": 5}))
    assert await low(store) == [("LAMP", "east"), ("TENT", "west")]


async def test_disabled_sources_are_left_out(store: Api) -> None:
    await set_rules(store, (GLOBAL, {"notifyForQuantityBelow": 99}))
    await store.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "east", "enabled": False}])
    assert await low(store) == [("TENT", "west")]
    assert await low(store, source="east") == []
    await store.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "east", "enabled": True}])
    assert await low(store, source="east") == [("LAMP", "east"), ("TENT", "east")]


async def test_products_whose_stock_is_not_managed_are_left_out(store: Api) -> None:
    await set_rules(store, (GLOBAL, {"notifyForQuantityBelow": 99}), (TENT, {"manageStock": False}))
    assert await low(store) == [("LAMP", "east")]
    await set_rules(
        store, (GLOBAL, {"manageStock": False}), (LAMP, {"manageStock": True}), (TENT, {"manageStock": None})
    )
    assert await low(store) == [("LAMP", "east")]


async def test_what_is_out_of_stock_by_status_or_lies_outside_every_stock_is_listed(store: Api) -> None:
    await store.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "far"}])
    await put(store, ("west", "TENT", 0), status="OUT_OF_STOCK")
    await put(store, ("far", "LAMP", 1))
    assert await low(store) == [("LAMP", "far"), ("TENT", "west")]


async def test_windows_decide_what_is_low_now(store: Api) -> None:
    await set_rules(store, (LAMP, {"notifyForQuantityBelow": 9}), activeFrom=LONG_AGO, activeUntil=day(1))
    await set_rules(store, (TENT, {"notifyForQuantityBelow": 99}), activeFrom=day(1))
    (found,) = (await listed(store))["nodes"]
    rule = {"scope": at_whole(LAMP), "value": 9, "activeFrom": LONG_AGO, "activeUntil": day(1)}
    assert (found["sku"], found["notifyForQuantityBelow"]["rule"]) == ("LAMP", rule)
    await set_rules(store, (LAMP, {"notifyForQuantityBelow": None}), activeFrom=LONG_AGO, activeUntil=day(1))
    assert await low(store) == []


async def test_being_low_never_changes_what_can_be_sold(store: Api) -> None:
    sold = ("salableQty", "stockStatus", "availability", "onlyXLeftInStock", "salableQtyTerms", "salability")
    before = {name: (await product(store))[name] for name in sold}
    await set_rules(store, (GLOBAL, {"notifyForQuantityBelow": 99}), (TENT_EAST, {"notifyForQuantityBelow": 25}))
    assert len(await low(store)) == 3
    assert {name: (await product(store))[name] for name in sold} == before


async def test_the_list_is_filtered_by_source_and_product(store: Api) -> None:
    await set_rules(store, (GLOBAL, {"notifyForQuantityBelow": 99}))
    every = [("LAMP", "east"), ("TENT", "east"), ("TENT", "west")]
    assert await low(store) == await low(store, source=None, sku=None) == every
    assert await low(store, source="east") == every[:2]
    assert await low(store, sku="TENT") == every[1:]
    assert await low(store, sku="TENT", source="west") == every[2:]
    for nothing in (
        {"sku": "tent"},
        {"source": "mars"},
        {"sku": ""},
        {"source": "x" * 65},
        {"sku": "LAMP", "source": "west"},
    ):
        assert await low(store, **nothing) == []


@pytest.mark.parametrize(("batch", "budget"), [(500, 5_000), (1, 1), (3, 3), (2, 5), (4, 8), (7, 1)])
async def test_pages_skip_and_repeat_nothing_whatever_a_page_may_look_at(
    store: Api, monkeypatch: pytest.MonkeyPatch, batch: int, budget: int
) -> None:
    monkeypatch.setattr(low_stock, "SCAN_BATCH", batch)
    monkeypatch.setattr(low_stock, "SCAN_BUDGET", budget)
    skus = [f"SKU-{number:02}" for number in range(12)]
    await store.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": sku} for sku in skus])
    items = [(source, sku, number % 4) for number, sku in enumerate(skus) for source in ("east", "west")]
    await put(store, *items)
    expected = [(sku, source) for source, sku, quantity in items if quantity <= 1]
    assert (await listed(store, first=1))["totalCount"] == len(expected)

    for size in (1, 2, 5, 250):
        seen: list[tuple[str, str]] = []
        after, pages = None, 0
        while pages <= len(items) + 3:
            found = (await store.data(PAGE, {"first": size, "after": after}))["lowStock"]
            assert len(found["nodes"]) <= size
            seen += [(each["sku"], each["source"]) for each in found["nodes"]]
            after, pages = found["pageInfo"]["endCursor"], pages + 1
            if not found["pageInfo"]["hasNextPage"]:
                break
        assert seen == expected, size


async def test_a_page_stops_at_its_budget_and_goes_on_behind_what_it_looked_at(
    store: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(low_stock, "SCAN_BATCH", 1)
    monkeypatch.setattr(low_stock, "SCAN_BUDGET", 2)
    await put(store, ("west", "TENT", 0))
    first = await listed(store)
    assert (first["nodes"], first["pageInfo"]["hasNextPage"], first["totalCount"]) == ([], True, 1)
    await put(store, ("east", "LAMP", 0))  # behind the cursor: it belongs to the page before
    second = await listed(store, after=first["pageInfo"]["endCursor"])
    assert [each["node"] for each in second["edges"]] == [{"sku": "TENT", "source": "west"}]
    assert second["edges"][0]["cursor"] == second["pageInfo"]["startCursor"]
    assert (second["pageInfo"]["hasPreviousPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [({"first": 0}, "BAD_PAGE_SIZE"), ({"first": 251}, "BAD_PAGE_SIZE"), ({"after": "WzFd"}, "BAD_CURSOR")],
)
async def test_pages_that_cannot_be_are_refused(store: Api, arguments: dict[str, Any], code: str) -> None:
    assert await store.code(LOW, arguments) == code
