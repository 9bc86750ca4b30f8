"""The shop's checkout: what it takes, what it refuses, and that its token stays where it is."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest

from playground.checkout import BAD_CART, BAD_LINE, NOT_TAKEN, TOO_LARGE, number_of
from server.app import create_app
from server.settings import Settings
from tests.client import ADMIN_TOKEN, Api
from tests.databases import Demo

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
NUMBER = "WEB-0F8FAD5B-D9CB"
JSON = {"Content-Type": "application/json"}
LINE = {"sku": "TENT", "quantity": 1}


@asynccontextmanager
async def serving(database_url: str, shop_token: str) -> AsyncIterator[Api]:
    """The application with its shop, in this process."""
    given = {"database_url": database_url, "admin_token": ADMIN_TOKEN, "shop_token": shop_token}
    app = create_app(Settings.model_validate(given))
    async with app.router.lifespan_context(app), Api.of(app) as api:
        yield api


@pytest.fixture
async def shop(demo_url: str, demo: Demo) -> AsyncIterator[Api]:
    """The demo with its shop."""
    async with serving(demo_url, demo.shop_token) as api:
        yield api


async def order(api: Api, *lines: tuple[str, float], key: str = KEY) -> httpx.Response:
    """What the shop answers to a cart of these lines."""
    cart = {"key": key, "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines]}
    return await api.http.post("/shop/order", json=cart)


async def web_orders(api: Api) -> list[dict[str, Any]]:
    """The orders that came through the shop, oldest first."""
    found = await api.data("{ orders { nodes { number lines { sku orderedQty } } } }")
    return [node for node in found["orders"]["nodes"][::-1] if node["number"].startswith("WEB-")]


async def test_a_cart_becomes_an_order_that_says_what_is_late(shop: Api) -> None:
    answer = await order(shop, ("TENT", 30), ("ROPE", 2.5))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "order": {
            "number": NUMBER,
            "lines": [{"sku": "TENT", "orderedQty": 30}, {"sku": "ROPE", "orderedQty": 2.5}],
        },
        "notices": [
            {
                "sku": "TENT",
                "backorderedQty": 5,
                "message": "25 can ship now; the remaining 5 are on backorder and ship when stock arrives.",
            }
        ],
        "unsalable": [],
        "userErrors": [],
    }


async def test_a_retry_gets_the_same_answer_and_places_nothing_more(shop: Api) -> None:
    first, second = await order(shop, ("TENT", 30)), await order(shop, ("TENT", 30))
    assert second.json() == first.json()
    assert [each["number"] for each in await web_orders(shop)] == [NUMBER]


async def test_another_cart_under_the_key_of_an_order_is_refused(shop: Api) -> None:
    await order(shop, ("TENT", 30))
    again = (await order(shop, ("TENT", 31))).json()
    assert again["order"] is None
    assert [error["code"] for error in again["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_a_cart_that_cannot_be_sold_says_what_could_be_had(shop: Api) -> None:
    answer = (await order(shop, ("TENT", 76), ("NO-SUCH", 1))).json()
    assert answer["order"] is None
    assert [(line["sku"], line["maxSalableQty"]) for line in answer["unsalable"]] == [("TENT", 75), ("NO-SUCH", 0)]
    assert [error["message"] for error in answer["userErrors"]] == [
        "You asked for 76, but only 75 can be bought now.",
        'There is no product "NO-SUCH".',
    ]
    assert await web_orders(shop) == []


async def test_every_form_of_a_sku_is_one_line_and_a_look_alike_is_named(shop: Api) -> None:
    await shop.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "Café"}])
    item = {"source": "berlin", "sku": "Café", "quantity": 5}
    assert (await shop.change("setSourceItems", "items", "[SourceItemInput!]!", [item]))["userErrors"] == []
    placed = (await order(shop, ("Cafe\u0301", 2), ("Café", 1))).json()
    assert placed["order"]["lines"] == [{"sku": "Café", "orderedQty": 3}]
    assert (await order(shop, ("Café", 2), ("Cafe\u0301", 1))).json() == placed  # a retry
    refused = (await order(shop, ("tent\u00a0", 1), key=KEY.replace("0", "1"))).json()
    assert [error["message"] for error in refused["userErrors"]] == [
        r'There is no product "tent\u00a0"; there is "TENT".'
    ]


async def test_quantities_go_on_with_the_digits_they_came_in(shop: Api) -> None:
    sent = '{"key": "%s", "lines": [{"sku": "%s", "quantity": %s}]}'
    finest = await shop.http.post("/shop/order", content=sent % (KEY, "GIFTCARD", "0.1000"), headers=JSON)
    assert "whole units, not 0.1." in finest.json()["userErrors"][0]["message"]
    whole = await shop.http.post("/shop/order", content=sent % (KEY, "ROPE", "12.3456"), headers=JSON)
    assert whole.json()["order"]["number"] == NUMBER
    assert (await web_orders(shop))[0]["lines"] == [{"sku": "ROPE", "orderedQty": Decimal("12.3456")}]
    for digits in ("1.23456", "0.1000000000000000055", "100000000000", "1e400", "9" * 500):
        refused = await shop.http.post("/shop/order", content=sent % (KEY, "ROPE", digits), headers=JSON)
        assert refused.status_code == 400, digits
        assert refused.json()["message"] == BAD_LINE  # not the API's own words


async def test_only_what_a_line_needs_goes_on(shop: Api) -> None:
    cart = {"key": KEY, "number": "MINE", "salesChannel": "madrid", "lines": [LINE | {"price": 0}]}
    assert (await shop.http.post("/shop/order", json=cart)).json()["order"]["number"] == NUMBER


DEEP = "[" * 10_000 + "]" * 10_000

BAD_CARTS: dict[str, object] = {
    "no JSON": "key=1",
    "nothing": "",
    "no text": b"\xff\xfe",
    "no object": [],
    "no number": {"key": KEY, "lines": [{"sku": "TENT", "quantity": float("nan")}]},
    "no key": {"lines": [LINE]},
    "no string as key": {"key": 1, "lines": [LINE]},
    "no UUID": {"key": "-" * 36, "lines": [LINE]},
    "key with a line break": {"key": f"{KEY}\n", "lines": [LINE]},
    "no lines": {"key": KEY},
    "no list of lines": {"key": KEY, "lines": {"TENT": 1}},
    "lines of lines": {"key": KEY, "lines": [[LINE]]},
    "no sku": {"key": KEY, "lines": [{"quantity": 1}]},
    "sku that is no text": {"key": KEY, "lines": [LINE, {"sku": 7, "quantity": 1}]},
    "sku of half a character": {"key": KEY, "lines": [{"sku": "\ud800", "quantity": 1}]},
    "quantity as text": {"key": KEY, "lines": [LINE, {"sku": "TENT", "quantity": "1"}]},
    "boolean quantity": {"key": KEY, "lines": [{"sku": "TENT", "quantity": True}]},
    "nested 10,000 deep": DEEP,
    "line nested 10,000 deep": f'{{"key": "{KEY}", "lines": {DEEP}}}',
}


@pytest.mark.parametrize("name", BAD_CARTS)
async def test_what_is_no_cart_is_refused_and_places_nothing(shop: Api, name: str) -> None:
    cart = BAD_CARTS[name]
    content = cart if isinstance(cart, str | bytes) else json.dumps(cart)
    answer = await shop.http.post("/shop/order", content=content, headers=JSON)
    assert (answer.status_code, answer.json()) == (400, {"message": BAD_CART})
    assert await web_orders(shop) == []


@pytest.mark.parametrize("type_", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_a_form_of_another_site_cannot_order(shop: Api, type_: str) -> None:
    content = json.dumps({"key": KEY, "lines": [LINE]})
    answer = await shop.http.post("/shop/order", content=content, headers={"Content-Type": type_})
    assert (answer.status_code, answer.json()) == (400, {"message": BAD_CART})
    assert await web_orders(shop) == []


async def test_a_cart_larger_than_any_is_not_read(shop: Api) -> None:
    content = json.dumps({"key": KEY, "lines": [LINE], "rest": "x" * 6 * 2**20})
    answer = await shop.http.post("/shop/order", content=content, headers=JSON)
    assert (answer.status_code, answer.json()) == (413, {"message": TOO_LARGE})
    assert await web_orders(shop) == []


async def test_the_largest_cart_is_read_and_judged(shop: Api) -> None:
    answer = await order(shop, *((f"{'é' * 60}{place:04}", 1.5) for place in range(1_000)))
    assert len(answer.json()["unsalable"]) == 1_000


@pytest.mark.parametrize(("quantity", "code"), [(0, "INVALID_QUANTITY"), (-1, "INVALID_QUANTITY")])
async def test_nothing_is_no_quantity_to_order(shop: Api, quantity: int, code: str) -> None:
    answer = (await order(shop, ("TENT", quantity))).json()
    assert [(error["code"], error["field"]) for error in answer["userErrors"]] == [
        (code, ["input", "lines", "0", "quantity"])
    ]


async def test_an_empty_cart_is_no_order(shop: Api) -> None:
    assert [error["code"] for error in (await order(shop)).json()["userErrors"]] == ["EMPTY_ORDER"]


async def test_a_token_that_is_not_valid_is_the_shops_trouble_and_is_never_said(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = "not-a-token-of-anybody"  # noqa: S105  # it opens nothing, which is the point
    async with serving(database_url, token) as api:
        answer = await order(api, ("TENT", 1))
    assert (answer.status_code, answer.json()) == (502, {"message": NOT_TAKEN})
    assert token not in str(answer.headers)
    assert "UNAUTHENTICATED" in caplog.text
    assert token not in caplog.text


async def test_orders_are_posted(shop: Api) -> None:
    assert (await shop.http.put("/shop/order", json={})).status_code == 405


async def test_there_is_no_checkout_without_a_token(api: Api) -> None:
    assert (await order(api, ("TENT", 1))).status_code == 404


def test_the_number_of_an_order_fits_and_belongs_to_its_key() -> None:
    assert number_of(KEY) == NUMBER
    assert number_of(KEY.replace("0f", "1f")) != NUMBER
