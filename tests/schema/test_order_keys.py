"""Idempotency keys: a retry of a call that took effect does nothing again; a refused call leaves its key free."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from models.database import reader
from models.sql import fetch
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import AS_ADMIN, Api
from tests.order_rows import written
from tests.orders import ORDER, PLACE, Line, Payload, cancel, line, order, place, receive, refund, ship
from tests.worlds import rule, stock_up

KEY = "the-key"
REUSED = "IDEMPOTENCY_KEY_REUSED"
Call = Callable[[list[Line]], Awaitable[Payload]]


@pytest.fixture
async def shop(api: Api) -> Api:
    """Order 1001: 20 TENT, of which 10 have shipped, and 5 LAMP."""
    await stock_up({"TENT": {"default": 30, "north": 5}, "LAMP": {"default": 7}, "MUG": {"default": 2}})
    await rule(scope_of(None, "MUG"), {SettingKey.BACKORDERS: BackorderMode.ALLOW_AND_NOTIFY})
    assert (await place(api, "1001", [line("TENT", 20), line("LAMP", 5)]))["userErrors"] == []
    assert (await ship(api, "1001", [line("TENT", 10, source="default")]))["userErrors"] == []
    return api


def calls(api: Api, number: str = "1001", key: str = KEY) -> dict[str, Call]:
    """The five mutations under one key, each with lines of its own."""
    return {
        "placeOrder": lambda lines: place(api, f"{number}-new", lines, key),
        "cancelOrder": lambda lines: cancel(api, number, lines, key),
        "shipOrder": lambda lines: ship(api, number, [{**each, "source": "default"} for each in lines], key),
        "refundOrder": lambda lines: refund(api, number, lines, key),
        "receiveStock": lambda lines: receive(api, "default", lines, key),
    }


def codes(payload: Payload) -> list[tuple[str, str]]:
    """The code and path of each error."""
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]]


def reused(call: str) -> list[tuple[str, str]]:
    """The one error of a key that stands for another input."""
    return [(REUSED, "input.idempotencyKey" if call == "placeOrder" else "idempotencyKey")]


async def test_a_retry_answers_what_the_call_did_and_does_nothing_again(shop: Api) -> None:
    for name, call in calls(shop).items():
        first = await call([line("TENT", 2)])
        assert first["userErrors"] == [], name
        before = await written()
        assert await call([line("TENT", 2)]) == first, name
        assert await written() == before, name


async def test_keys_are_per_mutation(shop: Api) -> None:
    for name, call in calls(shop).items():
        assert codes(await call([line("TENT", 1)])) == [], name
    rows = await fetch(reader(), "SELECT mutation FROM call WHERE key = $1", KEY)
    assert {row["mutation"] for row in rows} == set(calls(shop))


async def test_other_input_under_a_used_key_is_refused_and_writes_nothing(shop: Api) -> None:
    for name, call in calls(shop).items():
        assert codes(await call([line("TENT", 1)])) == []
        before = await written()
        for other in ([line("TENT", 2)], [line("LAMP", 1)], [line("TENT", 1), line("LAMP", 1)], [line("tent", 1)]):
            payload = await call(other)
            assert codes(payload) == reused(name), name
            answers = ("order", "shipment", "refund", "notices", "unsalable", "sourceItems", "released", "warnings")
            assert not any(payload.get(each) for each in answers), name
        if name != "receiveStock":
            assert codes(await calls(shop, "1002")[name]([line("TENT", 1)])) == reused(name), name
        assert await written() == before, name


async def test_every_part_of_the_input_counts(shop: Api) -> None:
    assert codes(await receive(shop, "default", [line("TENT", 1)], KEY)) == []
    assert codes(await receive(shop, "north", [line("TENT", 1)], KEY)) == reused("receiveStock")
    assert codes(await ship(shop, "1001", [line("TENT", 1, source="default")], KEY)) == []
    assert codes(await ship(shop, "1001", [line("TENT", 1, source="north")], KEY)) == reused("shipOrder")
    assert codes(await ship(shop, "1001", [line("TENT", 1)], KEY)) == reused("shipOrder")
    assert codes(await refund(shop, "1001", [line("TENT", 1)], KEY)) == []
    assert codes(await refund(shop, "1001", [line("TENT", 1, returnToSource="north")], KEY)) == reused("refundOrder")
    assert codes(await cancel(shop, "1001", None, KEY)) == []
    assert codes(await cancel(shop, "1001", [line("TENT", 9), line("LAMP", 5)], KEY)) == reused("cancelOrder")
    assert codes(await place(shop, "1002", [line("TENT", 1)], KEY)) == []
    assert codes(await place(shop, "1003", [line("TENT", 1)], KEY)) == reused("placeOrder")
    assert codes(await place(shop, "1002", [line("TENT", 1)], KEY, channel="shop")) == reused("placeOrder")


async def test_a_channel_that_is_left_out_null_or_named_default_is_one_input(shop: Api) -> None:
    first = await place(shop, "1002", [line("TENT", 1)], KEY)
    assert await place(shop, "1002", [line("TENT", 1)], KEY, channel="default") == first
    asked = {"number": "1002", "salesChannel": None, "lines": [line("TENT", 1)], "idempotencyKey": KEY}
    assert (await shop.data(ORDER + PLACE, {"input": asked}))["placeOrder"] == first


async def test_an_empty_channel_is_another_input_than_the_default_one(shop: Api) -> None:
    assert codes(await place(shop, "1002", [line("TENT", 1)], KEY)) == []
    assert codes(await place(shop, "1002", [line("TENT", 1)], KEY, channel="")) == reused("placeOrder")


async def test_quantities_are_compared_as_values(shop: Api) -> None:
    for name, call in calls(shop).items():
        first = await call([line("TENT", 5)])
        assert codes(first) == [], name
        for same in ("5.0", "5.0000"):
            assert await call([line("TENT", Decimal(same))]) == first, (name, same)
        assert codes(await call([line("TENT", Decimal("5.0001"))])) == reused(name), name


async def test_5_and_5_0_are_one_input_however_json_writes_them(shop: Api) -> None:
    text = (
        '{"query": "mutation ($lines: [ReceiptLineInput!]!) { receiveStock(source: \\"default\\", lines: $lines,'
        ' idempotencyKey: \\"k\\") { sourceItems { quantity } userErrors { code } } }",'
        ' "variables": {"lines": [{"sku": "TENT", "quantity": %s}]}}'
    )
    headers = {"Content-Type": "application/json", **AS_ADMIN}
    for written_as in ("5", "5.0", "5.0000", "5e0", "0.5E1"):
        response = await shop.http.post("/graphql", content=text % written_as, headers=headers)
        expected = {"sourceItems": [{"quantity": 25}], "userErrors": []}
        assert response.json()["data"]["receiveStock"] == expected, written_as
    literal = (
        'mutation { receiveStock(source: "default", lines: [{ sku: "TENT", quantity: 5.00 }], idempotencyKey: "k")'
        " { sourceItems { quantity } userErrors { code } } }"
    )
    assert (await shop.data(literal))["receiveStock"] == {"sourceItems": [{"quantity": 25}], "userErrors": []}


async def test_the_order_of_lines_and_their_split_are_part_of_the_input(shop: Api) -> None:
    for name, call in calls(shop).items():
        lines = [line("TENT", 2), line("LAMP", 1)]
        if name == "refundOrder":
            assert codes(await ship(shop, "1001", [line("LAMP", 1, source="default")])) == []
        assert codes(await call(lines)) == [], name
        assert codes(await call(lines[::-1])) == reused(name), name
        assert codes(await call([line("TENT", 1), line("TENT", 1), line("LAMP", 1)])) == reused(name), name


async def test_a_refused_call_leaves_its_key_free(shop: Api) -> None:
    for name, call in calls(shop).items():
        code = {"placeOrder": "NOT_SALABLE", "refundOrder": "NOT_SHIPPED", "receiveStock": "UNKNOWN_SOURCE_ITEM"}
        refused = [line("NOPE", 1)] if name == "receiveStock" else [line("TENT", 5_000)]
        for _ in range(2):
            assert [each for each, _ in codes(await call(refused))] == [code.get(name, "NOT_OPEN")], name
        assert await fetch(reader(), "SELECT id FROM call WHERE mutation = $1 AND key = $2", name, KEY) == []
        first = await call([line("TENT", 1)])
        assert codes(first) == [], name
        assert await call([line("TENT", 1)]) == first, name
        assert codes(await call(refused)) == reused(name), name


async def test_a_call_that_was_refused_may_take_effect_later(shop: Api) -> None:
    assert [code for code, _ in codes(await place(shop, "1002", [line("LAMP", 3)], KEY))] == ["NOT_SALABLE"]
    assert codes(await receive(shop, "default", [line("LAMP", 3)])) == []
    placed = await place(shop, "1002", [line("LAMP", 3)], KEY)
    assert placed["order"]["lines"][0]["shippableQty"] == 3
    assert placed["unsalable"] == []


async def test_a_retry_of_placement_tells_its_notices_and_the_order_as_it_is_now(shop: Api) -> None:
    first = await place(shop, "1002", [line("MUG", 5)], KEY)
    (notice,) = first["notices"]
    assert (notice["sku"], notice["backorderedQty"]) == ("MUG", 3)
    assert first["order"]["shippingHold"]

    assert codes(await receive(shop, "default", [line("MUG", 9)])) == []
    assert codes(await ship(shop, "1002", [line("MUG", 4, source="default")])) == []
    again = await place(shop, "1002", [line("MUG", 5)], KEY)
    assert again["notices"] == [notice]
    assert again["order"] == await order(shop, "1002")
    assert not again["order"]["shippingHold"]
    assert again["order"]["lines"][0]["shippedQty"] == 4


async def test_a_retry_of_a_change_answers_its_own_movement_and_the_order_as_it_is_now(shop: Api) -> None:
    shipped = await ship(shop, "1001", [line("TENT", 2, source="default")], KEY)
    back = await refund(shop, "1001", [line("TENT", 3, returnToSource="north")], KEY)
    canceled = await cancel(shop, "1001", [line("LAMP", 1)], KEY)
    assert codes(await ship(shop, "1001", [line("TENT", 1, source="north")])) == []
    assert codes(await refund(shop, "1001", [line("TENT", 1)])) == []
    assert codes(await cancel(shop, "1001")) == []

    now = await order(shop, "1001")
    again = await ship(shop, "1001", [line("TENT", 2, source="default")], KEY)
    assert again["shipment"] == shipped["shipment"]
    assert again["order"] == now != shipped["order"]
    again = await refund(shop, "1001", [line("TENT", 3, returnToSource="north")], KEY)
    assert again["refund"] == back["refund"]
    assert again["order"] == now
    again = await cancel(shop, "1001", [line("LAMP", 1)], KEY)
    assert again == {"order": now, "userErrors": []}
    assert canceled["order"] != now


async def test_a_retry_of_a_receipt_tells_what_it_freed_and_the_items_as_they_are_now(shop: Api) -> None:
    assert codes(await place(shop, "1002", [line("MUG", 5)])) == []
    first = await receive(shop, "default", [line("MUG", 2)], KEY)
    assert [(each["releasedQty"], each["waitingQty"]) for each in first["released"]] == [(2, 1)]
    await receive(shop, "default", [line("MUG", 10)])
    again = await receive(shop, "default", [line("MUG", 2)], KEY)
    assert again["released"] == first["released"]
    assert again["sourceItems"] == [{"sku": "MUG", "quantity": 14}]


async def test_a_retry_of_a_receipt_at_a_disabled_source_warns_again(shop: Api) -> None:
    await shop.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "north", "enabled": False}])
    first = await receive(shop, "north", [line("TENT", 2)], KEY)
    assert first["warnings"] == [{"code": "SOURCE_DISABLED", "field": ["source"]}]
    await shop.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "north", "enabled": True}])
    assert await receive(shop, "north", [line("TENT", 2)], KEY) == first
