"""Rules in time, as they are answered: with the rules of an instant, and today's quantities."""

from typing import Any

import pytest

from tests.client import ADMIN_TOKEN, Api
from tests.schema.rule_store import (
    EAST,
    GLOBAL,
    LONG_AGO,
    PRODUCT,
    TENT,
    TENT_EAST,
    WEST,
    answers,
    at_whole,
    day,
    history,
    product,
    set_rules,
    setting,
    stock_up,
)

MINIMUM, MAXIMUM = "MIN_SALE_QTY", "MAX_SALE_QTY"
WINDOW = {"activeFrom": day(10), "activeUntil": day(20)}
JUST_BEFORE_10, JUST_BEFORE_20 = "2100-01-09T23:59:59.999999Z", "2100-01-19T23:59:59.999999Z"
FIELDS = {
    "product": "query ($at: DateTime) { product(sku: $sku, asOf: $at) %s }".replace("$sku", '"TENT"'),
    "productsBySku": 'query ($at: DateTime) { productsBySku(skus: ["TENT", "NONE"], asOf: $at) %s }',
    "products": "query ($at: DateTime) { products(asOf: $at) { nodes %s } }",
}


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT at east and west, LAMP at east; no rule is set."""
    return await stock_up(api)


async def minimum_of_days(api: Api, *days: int) -> list[Any]:
    """The minimum of TENT at these days of January 2100."""
    return [await setting(api, MINIMUM, day(number)) for number in days]


async def test_every_way_to_ask_for_products_answers_with_the_rules_of_an_instant(store: Api) -> None:
    await set_rules(store, (TENT, {"backorders": "ALLOW", "outOfStockThreshold": -50}), **WINDOW)
    for at, salable in ((None, 30), (day(9), 30), (day(15), 80), (day(20), 30)):
        found = await store.data(FIELDS["product"] % "{ salableQty }", {"at": at})
        assert found["product"] == {"salableQty": salable}
        found = await store.data(FIELDS["productsBySku"] % "{ salableQty }", {"at": at})
        assert found["productsBySku"] == [{"salableQty": salable}, None]
        found = await store.data(FIELDS["products"] % "{ sku salableQty }", {"at": at})
        assert found["products"]["nodes"] == [{"sku": "LAMP", "salableQty": 3}, {"sku": "TENT", "salableQty": salable}]


async def test_the_three_ways_give_one_and_the_same_answer(store: Api) -> None:
    await set_rules(store, (TENT, {"backorders": "ALLOW"}), (TENT_EAST, {"outOfStockThreshold": -7}), **WINDOW)
    one = await product(store, at=day(15))
    by_sku = (await store.data(FIELDS["productsBySku"] % PRODUCT, {"at": day(15)}))["productsBySku"]
    listed = (await store.data(FIELDS["products"] % PRODUCT, {"at": day(15)}))["products"]["nodes"]
    assert one == by_sku[0] == listed[1] != await product(store)


async def test_a_filter_by_status_and_its_count_look_at_the_instant(store: Api) -> None:
    await set_rules(store, (TENT, {"outOfStockThreshold": 30}), **WINDOW)
    query = """query ($at: DateTime) { products(filter: { stockStatus: OUT_OF_STOCK }, asOf: $at) {
        totalCount nodes { sku } } }"""
    assert (await store.data(query, {"at": day(15)}))["products"] == {"totalCount": 1, "nodes": [{"sku": "TENT"}]}
    assert (await store.data(query, {"at": day(20)}))["products"] == {"totalCount": 0, "nodes": []}


async def test_quantities_are_those_of_today(store: Api) -> None:
    await set_rules(store, (TENT, {"backorders": "ALLOW", "outOfStockThreshold": -50}), **WINDOW)
    row = {"source": "east", "sku": "TENT", "quantity": 1}
    await store.change("setSourceItems", "items", "[SourceItemInput!]!", [row])
    assert [(await product(store, at=at))["salableQty"] for at in (day(15), LONG_AGO, None)] == [56, 6, 6]


@pytest.mark.parametrize("field", FIELDS)
async def test_only_the_admin_asks_for_another_instant(store: Api, field: str) -> None:
    query = FIELDS[field] % "{ sku }"
    strangers = {"FORBIDDEN": {}, "UNAUTHENTICATED": {"Authorization": f"Bearer {ADMIN_TOKEN}x"}}
    for code, headers in strangers.items():
        body: dict[str, Any] = {"query": query, "variables": {"at": day(1)}}
        refused = (await store.http.post("/graphql", json=body, headers=headers)).json()
        assert [(each["path"], each["extensions"]["code"]) for each in refused["errors"]] == [([field], code)]
        assert not (refused["data"] or {}).get(field)
        for variables in ({}, {"at": None}):
            answer = (
                await store.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
            ).json()
            assert "errors" not in answer


@pytest.mark.parametrize("at", ["2100-01-01", "2100-01-01T00:00:00", "now", "", 0, "2100-02-30T00:00:00Z"])
async def test_an_instant_is_a_day_and_a_time_with_an_offset(store: Api, at: object) -> None:
    assert await store.code(FIELDS["product"] % "{ sku }", {"at": at}) == "BAD_USER_INPUT"


async def test_the_start_belongs_to_a_window_and_the_end_does_not(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}), **WINDOW)
    instants = (JUST_BEFORE_10, day(10), JUST_BEFORE_20, day(20))
    assert [await setting(store, MINIMUM, at) for at in instants] == [1, 2, 2, 1]
    assert await setting(store, MINIMUM, "2100-01-10T01:00:00+01:00") == 2
    assert await setting(store, MINIMUM, "2100-01-20T01:00:00+01:00") == 1


async def test_edges_are_exact_to_the_microsecond(store: Api) -> None:
    start, end = "2100-01-01T00:00:00.000001Z", "2100-01-01T00:00:00.000003Z"
    await set_rules(store, (TENT, {"minSaleQty": 2}), activeFrom=start, activeUntil=end)
    found = [await setting(store, MINIMUM, f"2100-01-01T00:00:00.00000{number}Z") for number in range(5)]
    assert found == [1, 2, 2, 1, 1]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", LONG_AGO, day(1), "9999-12-31T23:59:59.999999Z"])
async def test_a_plain_rule_holds_at_every_instant(store: Api, at: str) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}))
    assert await setting(store, MINIMUM, at) == 2


async def test_a_closed_window_beats_every_open_ended_rule_and_what_lies_below_returns(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}))
    await set_rules(store, (TENT, {"minSaleQty": 3}), activeFrom=day(12))
    await set_rules(store, (TENT, {"minSaleQty": 4}), **WINDOW)
    assert await minimum_of_days(store, 9, 10, 12, 19, 20) == [2, 4, 4, 4, 3]


async def test_of_the_open_ended_the_latest_start_wins_whatever_was_written_last(store: Api) -> None:
    for start, value in ((14, 4), (12, 3), (16, 5)):
        await set_rules(store, (TENT, {"minSaleQty": value}), activeFrom=day(start))
    await set_rules(store, (TENT, {"minSaleQty": 2}))  # a plain rule has the earliest start
    await set_rules(store, (TENT, {"minSaleQty": 9}), activeFrom=LONG_AGO)
    assert await minimum_of_days(store, 11, 12, 13, 14, 15, 16, 31) == [9, 3, 3, 4, 4, 5, 5]
    assert await setting(store, MINIMUM) == 9
    assert await setting(store, MINIMUM, "1999-12-31T23:59:59Z") == 2


async def test_a_window_without_a_start_holds_from_always_until_its_end(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 3}), activeFrom=LONG_AGO)
    await set_rules(store, (TENT, {"minSaleQty": 2}), activeUntil=day(10))
    assert await minimum_of_days(store, 9, 10) == [2, 3]
    assert await setting(store, MINIMUM) == await setting(store, MINIMUM, "0001-01-01T00:00:00Z") == 2


async def test_null_in_a_window_means_no_rule_then_and_the_walk_goes_on_outwards(store: Api) -> None:
    values = [(TENT_EAST, -4), (TENT, -3), (EAST, -2), (GLOBAL, -1)]
    await set_rules(store, *((scope, {"outOfStockThreshold": value}) for scope, value in values))
    for number, (scope, _) in enumerate(values, start=1):
        await set_rules(store, (scope, {"outOfStockThreshold": None}), activeFrom=day(number), activeUntil=day(9))

    async def thresholds(number: int) -> list[tuple[Any, Any]]:
        sources = (await product(store, at=day(number)))["effectiveBackorderConfig"]["sources"]
        walked = [each["outOfStockThreshold"] for each in sources]
        return [(each["value"], each["scope"]["type"]) for each in walked]

    at_product, at_global, by_default = (-3, "PRODUCT"), (-1, "GLOBAL"), (0, "DEFAULT")
    assert await thresholds(1) == [at_product, at_product]
    assert await thresholds(2) == [(-2, "SOURCE"), at_global]
    assert await thresholds(3) == [at_global, at_global]
    assert await thresholds(4) == [by_default, by_default]
    assert await thresholds(9) == [(-4, "PRODUCT_SOURCE"), at_product]


async def test_a_rule_nearer_wins_over_a_window_further_out(store: Api) -> None:
    await set_rules(store, (GLOBAL, {"minSaleQty": 7}), **WINDOW)
    assert await minimum_of_days(store, 9, 15) == [1, 7]
    await set_rules(store, (TENT, {"minSaleQty": 2}))
    assert await minimum_of_days(store, 9, 15) == [2, 2]


async def test_each_setting_has_windows_of_its_own(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2, "maxSaleQty": 20}))
    await set_rules(store, (TENT, {"minSaleQty": 3}), **WINDOW)
    await set_rules(store, (TENT, {"maxSaleQty": 30}), activeFrom=day(15), activeUntil=day(25))
    assert await minimum_of_days(store, 9, 14, 19, 24) == [2, 3, 3, 2]
    assert [await setting(store, MAXIMUM, day(number)) for number in (9, 14, 19, 24, 25)] == [20, 20, 30, 30, 20]


async def test_provenance_tells_the_window_of_the_rule_that_won_and_of_those_that_it_hides(store: Api) -> None:
    await set_rules(store, (TENT, {"outOfStockThreshold": -3}))
    await set_rules(store, (TENT, {"outOfStockThreshold": -4}), **WINDOW)
    await set_rules(store, (EAST, {"outOfStockThreshold": -2}), activeFrom=day(12))
    await set_rules(store, (GLOBAL, {"outOfStockThreshold": -1}), activeUntil=day(25))
    await set_rules(store, (WEST, {"outOfStockThreshold": -9}), activeFrom=day(28))  # not yet

    found = (await product(store, at=day(15)))["effectiveBackorderConfig"]["sources"]

    east, west = (each["outOfStockThreshold"] for each in found)
    start = {"setting": "OUT_OF_STOCK_THRESHOLD"}
    winner = {**start, "scope": at_whole(TENT), "value": -4, **WINDOW}
    at_east = {**start, "scope": at_whole(EAST), "value": -2, "activeFrom": day(12), "activeUntil": None}
    at_global = {**start, "scope": at_whole(GLOBAL), "value": -1, "activeFrom": None, "activeUntil": day(25)}
    assert (east["rule"], east["overridden"]) == (winner, [at_east, at_global])
    assert (west["rule"], west["overridden"]) == (winner, [at_global])
    plain = (await product(store, at=day(20)))["effectiveBackorderConfig"]["sources"][0]["outOfStockThreshold"]
    always = {"activeFrom": None, "activeUntil": None}
    assert plain["rule"] == {**start, "scope": at_whole(TENT), "value": -3, **always}
    assert plain["overridden"] == [at_east, at_global]


async def test_the_terms_of_the_sum_name_the_window_of_their_rule(store: Api) -> None:
    await set_rules(store, (TENT, {"backorders": "ALLOW", "outOfStockThreshold": -50}), **WINDOW)
    terms = (await product(store, at=day(15)))["salableQtyTerms"]
    assert [each["quantity"] for each in terms] == [25, 5, 0, 50]
    assert (terms[-1]["rule"]["activeFrom"], terms[-1]["rule"]["activeUntil"]) == (day(10), day(20))
    assert [each["quantity"] for each in (await product(store, at=day(20)))["salableQtyTerms"]] == [25, 5, 0]


async def test_a_window_that_is_to_come_or_begins_changes_nothing_of_today_and_no_revision(store: Api) -> None:
    before = (await answers(store))["now"]["products"]
    await set_rules(store, (TENT, {"backorders": "ALLOW", "manageStock": False}), **WINDOW)
    assert (await answers(store))["now"]["products"] == before
    for at in (day(9), day(10), day(20)):
        await product(store, at=at)
    assert (await history(store))["totalCount"] == 1
