"""Wrong input to the calls that place and change orders: the exact code and path of each error, and nothing is written."""

import json
from typing import Any

import pytest

from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import AS_ADMIN, Api
from tests.order_rows import written
from tests.orders import CANCEL, ORDER, PLACE, RECEIVE, REFUND, SHIP, cancel, line, new_key, place, ship
from tests.worlds import rule, stock_up

SALABLE = '{ productsBySku(skus: ["TENT", "LAMP", "MUG", "EBOOK"]) { sku salableQty } }'
NO_TEXTS = ["", "x" * 256, "A\0B", "A\ud800", "\udfffB", "A\nB"]
NO_CODES = [*NO_TEXTS, "x" * 65]
MOST = 99_999_999_999
Errors = list[tuple[str, str]]
Lines = list[dict[str, Any]]


@pytest.fixture
async def shop(api: Api) -> Api:
    """Order 1001: 20 TENT of which 8 have shipped, 2 LAMP, 5 MUG of which 3 wait, 1 EBOOK without stock management."""
    quantities = {
        "TENT": {"default": 25, "north": 5},
        "LAMP": {"north": 3},
        "MUG": {"default": 2},
        "EBOOK": {"north": 0},
    }
    await stock_up(quantities)
    links = [{"source": code, "priority": place} for place, code in enumerate(("default", "north", "closed"))]
    items = [{"source": source, "sku": "TENT", "quantity": 50} for source in ("away", "closed")]
    for call, argument, type_, value in (
        ("upsertSources", "sources", "SourceInput", [{"code": "away"}, {"code": "closed", "enabled": False}]),
        ("upsertStocks", "stocks", "StockInput", [{"code": "default", "sources": links}]),
        ("setSourceItems", "items", "SourceItemInput", items),
    ):
        assert (await api.change(call, argument, f"[{type_}!]!", value))["userErrors"] == []
    await rule(scope_of(None, "MUG"), {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    await rule(scope_of(None, "EBOOK"), {SettingKey.MANAGE_STOCK: False})
    lines = [line("TENT", 20), line("LAMP", 2), line("MUG", 5), line("EBOOK", 1)]
    assert (await place(api, "1001", lines))["userErrors"] == []
    assert (await ship(api, "1001", [line("TENT", 8, source="default")]))["userErrors"] == []
    return api


async def state(api: Api) -> tuple[Any, Any]:
    """All that is written, and what can be sold."""
    return await written(), await api.data(SALABLE)


async def refusal(api: Api, query: str, variables: dict[str, Any]) -> tuple[Errors, dict[str, Any]]:
    """The code and path of each error of a call that writes nothing, and its whole payload."""
    before = await state(api)
    # json escapes half a surrogate pair
    body = json.dumps({"query": query if query == RECEIVE else ORDER + query, "variables": variables})
    response = await api.http.post("/graphql", content=body, headers={"Content-Type": "application/json", **AS_ADMIN})
    answer = response.json()
    assert (response.status_code, "errors" in answer) == (200, False), answer
    (payload,) = answer["data"].values()
    assert await state(api) == before
    assert payload["userErrors"]
    assert all(error["message"] for error in payload["userErrors"])
    assert not any(payload.get(name) for name in ("order", "shipment", "refund", "notices", "sourceItems", "released"))
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]], payload


async def unplaced(api: Api, lines: Lines, **more: str) -> Errors:
    """The errors of an order that is not placed."""
    asked = {"number": "2001", "lines": lines, "idempotencyKey": new_key(), **more}
    return (await refusal(api, PLACE, {"input": asked}))[0]


async def unchanged(api: Api, query: str, lines: Lines | None, number: str = "1001", key: str | None = None) -> Errors:
    """The errors of a call that changes no order."""
    return (await refusal(api, query, {"number": number, "lines": lines, "key": key or new_key()}))[0]


async def unreceived(api: Api, lines: Lines, source: str = "default", key: str | None = None) -> Errors:
    """The errors of goods that do not arrive."""
    return (await refusal(api, RECEIVE, {"source": source, "lines": lines, "key": key or new_key()}))[0]


async def test_a_call_has_1_to_1000_lines(shop: Api) -> None:
    for lines, code in (([], "EMPTY_ORDER"), ([line("TENT", 1)] * 1_001, "TOO_MANY")):
        assert await unplaced(shop, lines) == [(code, "input.lines")]
        for query in (CANCEL, SHIP, REFUND):
            assert await unchanged(shop, query, lines) == [(code, "lines")], query
        assert await unreceived(shop, lines) == [(code, "lines")]


async def test_every_quantity_is_above_0(shop: Api) -> None:
    lines = [line("TENT", 1), line("TENT", 0), line("LAMP", -1)]
    expected = [("INVALID_QUANTITY", f"lines.{index}.quantity") for index in (1, 2)]
    assert await unplaced(shop, lines) == [(code, f"input.{path}") for code, path in expected]
    for query in (CANCEL, SHIP, REFUND):
        assert await unchanged(shop, query, lines) == expected, query
    assert await unreceived(shop, lines) == expected


async def test_a_quantity_of_five_decimals_is_no_quantity(shop: Api) -> None:
    before = await state(shop)
    one: dict[str, Any] = {"sku": "TENT", "quantity": 0.00001}
    calls: list[tuple[str, dict[str, Any]]] = [
        (ORDER + PLACE, {"input": {"number": "2001", "lines": [one], "idempotencyKey": "k"}}),
        *((ORDER + each, {"number": "1001", "lines": [one], "key": "k"}) for each in (CANCEL, SHIP, REFUND)),
        (RECEIVE, {"source": "default", "lines": [one], "key": "k"}),
    ]
    for query, variables in calls:
        assert await shop.code(query, variables) == "BAD_USER_INPUT", query
    assert await state(shop) == before


async def test_an_order_that_cannot_be_sold_names_its_lines_and_what_could_be_had(shop: Api) -> None:
    lines = [line("TENT", 6), line("NOPE", 1), line("LAMP", 2), line("TENT", 5), line("NOPE", 1), line("MUG", 1)]
    asked = {"number": "2001", "lines": lines, "idempotencyKey": new_key()}
    errors, payload = await refusal(shop, PLACE, {"input": asked})
    assert errors == [("NOT_SALABLE", f"input.lines.{index}") for index in (0, 1, 2)]
    assert payload["unsalable"] == [
        {"sku": "TENT", "maxSalableQty": 10, "errors": [{"code": "NOT_ENOUGH_QUANTITY"}]},
        {"sku": "NOPE", "maxSalableQty": 0, "errors": [{"code": "UNKNOWN_PRODUCT"}]},
        {"sku": "LAMP", "maxSalableQty": 1, "errors": [{"code": "NOT_ENOUGH_QUANTITY"}]},
    ]


async def test_a_sku_that_is_no_code_is_no_product(shop: Api) -> None:
    for sku in NO_CODES:
        assert await unplaced(shop, [line(sku, 1)]) == [("NOT_SALABLE", "input.lines.0")], ascii(sku[:9])
        for query in (CANCEL, SHIP, REFUND):
            assert await unchanged(shop, query, [line(sku, 1)]) == [("UNKNOWN_LINE", "lines.0.sku")], ascii(sku[:9])
        assert await unreceived(shop, [line(sku, 1)]) == [("UNKNOWN_SOURCE_ITEM", "lines.0.sku")], ascii(sku[:9])


async def test_an_unknown_sales_channel_sells_nothing(shop: Api) -> None:
    for code in ("Default", *NO_CODES):
        found = await unplaced(shop, [line("TENT", 1)], salesChannel=code)
        assert found == [("UNKNOWN_SALES_CHANNEL", "input.salesChannel")], ascii(code[:9])


async def test_an_order_number_is_used_once_under_any_key(shop: Api) -> None:
    for lines in ([line("TENT", 20)], [line("TENT", 1)]):
        assert await unplaced(shop, lines, number="1001") == [("ORDER_NUMBER_TAKEN", "input.number")]


async def test_an_order_number_is_a_code(shop: Api) -> None:
    for number in NO_CODES:
        found = await unplaced(shop, [line("TENT", 1)], number=number)
        assert found == [("INVALID_CODE", "input.number")], ascii(number[:9])


async def test_a_key_is_text_of_1_to_255_characters(shop: Api) -> None:
    error, one = ("INVALID_TEXT", "idempotencyKey"), [line("TENT", 1, source="default")]
    for key in NO_TEXTS:
        found = await unplaced(shop, [line("TENT", 1)], idempotencyKey=key)
        assert found == [("INVALID_TEXT", "input.idempotencyKey")], ascii(key[:9])
        assert (await refusal(shop, CANCEL, {"number": "1001", "key": key}))[0] == [error]
        assert (await refusal(shop, SHIP, {"number": "1001", "lines": one, "key": key}))[0] == [error]
        back = [line("TENT", 1)]
        assert (await refusal(shop, REFUND, {"number": "1001", "lines": back, "key": key}))[0] == [error]
        assert (await refusal(shop, RECEIVE, {"source": "default", "lines": back, "key": key}))[0] == [error]
    assert (await place(shop, "2002", [line("TENT", 1)], key="x" * 255))["userErrors"] == []


async def test_an_order_that_is_not_there_is_not_changed(shop: Api) -> None:
    for number in ("1002", "1001 ", *NO_CODES):
        for query in (CANCEL, SHIP, REFUND):
            found = await unchanged(shop, query, [line("TENT", 1)], number)
            assert found == [("UNKNOWN_ORDER", "number")], ascii(number[:9])
        assert await unchanged(shop, CANCEL, None, number) == [("UNKNOWN_ORDER", "number")]


async def test_a_line_that_is_not_there_is_not_changed(shop: Api) -> None:
    for query in (CANCEL, SHIP, REFUND):
        lines = [line("TENT", 1), line("tent", 1)]
        assert await unchanged(shop, query, lines) == [("UNKNOWN_LINE", "lines.1.sku")], query


async def test_no_more_ships_or_is_canceled_than_is_open(shop: Api) -> None:
    expected = [("NOT_OPEN", f"lines.{index}.quantity") for index in (0, 2)]
    lines = [line("TENT", 7), line("LAMP", 1), line("TENT", 6)]
    for query in (CANCEL, SHIP):
        assert await unchanged(shop, query, lines) == expected, query


async def test_nothing_is_canceled_twice(shop: Api) -> None:
    assert (await cancel(shop, "1001"))["userErrors"] == []
    assert await unchanged(shop, CANCEL, None) == [("NOT_OPEN", "number")]
    assert await unchanged(shop, CANCEL, [line("LAMP", 1)]) == [("NOT_OPEN", "lines.0.quantity")]


async def test_no_more_ships_than_is_covered(shop: Api) -> None:
    lines = [line("MUG", 1, source="default"), line("LAMP", 1, source="north"), line("MUG", 2, source="default")]
    found = await unchanged(shop, SHIP, lines)
    assert found == [("BACKORDER_ON_HOLD", f"lines.{index}.quantity") for index in (0, 2)]


async def test_goods_leave_known_sources_of_the_order_that_are_enabled(shop: Api) -> None:
    for source in ("away", "closed"):
        found = await unchanged(shop, SHIP, [line("TENT", 1, source=source)])
        assert found == [("SOURCE_NOT_ELIGIBLE", "lines.0.source")]
    for source in ("North", *NO_CODES):
        found = await unchanged(shop, SHIP, [line("TENT", 1, source=source)])
        assert found == [("UNKNOWN_SOURCE", "lines.0.source")], ascii(source[:9])
    assert await unchanged(shop, SHIP, [line("EBOOK", 1), line("TENT", 1)]) == [("SOURCE_REQUIRED", "lines.1.source")]


async def test_no_more_leaves_a_source_than_lies_there(shop: Api) -> None:
    lines = [line("TENT", 3, source="north"), line("TENT", 1, source="default"), line("TENT", 3, source="north")]
    found = await unchanged(shop, SHIP, lines)
    assert found == [("NOT_ENOUGH_AT_SOURCE", f"lines.{index}.quantity") for index in (0, 2)]
    found = await unchanged(shop, SHIP, [line("LAMP", 1, source="default")])
    assert found == [("NOT_ENOUGH_AT_SOURCE", "lines.0.quantity")]


async def test_only_what_has_shipped_is_refunded(shop: Api) -> None:
    assert await unchanged(shop, REFUND, [line("LAMP", 1)]) == [("NOT_SHIPPED", "lines.0.quantity")]
    found = await unchanged(shop, REFUND, [line("TENT", 5), line("TENT", 4, returnToSource="north")])
    assert found == [("NOT_SHIPPED", f"lines.{index}.quantity") for index in (0, 1)]


async def test_goods_go_back_and_arrive_only_where_they_have_lain(shop: Api) -> None:
    for source in ("North", *NO_CODES):
        found = await unchanged(shop, REFUND, [line("TENT", 1), line("TENT", 1, returnToSource=source)])
        assert found == [("UNKNOWN_SOURCE", "lines.1.returnToSource")], ascii(source[:9])
        assert await unreceived(shop, [line("TENT", 1)], source) == [("UNKNOWN_SOURCE", "source")], ascii(source[:9])
    await shop.change("removeSourceItems", "items", "[SourceItemKeyInput!]!", [{"source": "away", "sku": "TENT"}])
    found = await unchanged(shop, REFUND, [line("TENT", 1, returnToSource="away")])
    assert [code for code, _ in found] == ["UNKNOWN_SOURCE_ITEM"]
    assert await unreceived(shop, [line("TENT", 1), line("LAMP", 1)]) == [("UNKNOWN_SOURCE_ITEM", "lines.1.sku")]


async def test_no_item_is_raised_to_more_than_a_quantity_can_be(shop: Api) -> None:
    assert await unreceived(shop, [line("LAMP", MOST)] * 2, "north") == [
        ("INVALID_QUANTITY", f"lines.{index}.quantity") for index in (0, 1)
    ]
    full = [{"source": "north", "sku": "TENT", "quantity": MOST}]
    await shop.change("setSourceItems", "items", "[SourceItemInput!]!", full)
    found = await unchanged(shop, REFUND, [line("TENT", 1, returnToSource="north")])
    assert found == [("INVALID_QUANTITY", "lines.0.quantity")]
