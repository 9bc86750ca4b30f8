"""The number of statements does not grow with the number of lines, orders or open lines."""

from typing import Any

import pytest

from rules.scope import GLOBAL
from rules.setting import BackorderMode, SettingKey
from tests.client import Api
from tests.orders import ORDER, Payload, cancel, line, order, place, receive, refund, ship
from tests.statements import counted_statements
from tests.worlds import rule, stock_up

SKUS = [f"SKU-{number:03}" for number in range(200)]
ORDERS = ORDER + "query ($first: Int!) { orders(first: $first) { nodes { ...Whole } pageInfo { hasNextPage } } }"
BACKORDERS = """query ($first: Int!) { backorders(first: $first) {
  totalCount nodes { orderNumber sku stock salesChannel waitingQty placedAt position }
} }"""


@pytest.fixture
async def shop(api: Api) -> Api:
    """200 products, 3 of each at two sources together, and as many as anybody wants are sold."""
    await stock_up({sku: {"north": 1, "south": 2} for sku in SKUS})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW_AND_NOTIFY})
    return api


def lines(number: int, quantity: int = 1, **more: str) -> list[dict[str, Any]]:
    """Lines of so many products."""
    return [line(sku, quantity, **more) for sku in SKUS[:number]]


def well(payload: Payload) -> Payload:
    """A payload without errors."""
    assert payload["userErrors"] == []
    return payload


async def test_placing_an_order_of_200_lines_takes_as_many_statements_as_one_of_1(shop: Api) -> None:
    counts = []
    for number in (1, 10, 200):
        with counted_statements() as seen:
            placed = well(await place(shop, f"of-{number}", lines(number, 9)))
        assert len(placed["notices"]) == len(placed["order"]["lines"]) == number
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2], counts


async def test_a_refused_order_takes_as_many_statements_however_long_it_is(shop: Api) -> None:
    counts = []
    for number in (1, 200):
        with counted_statements() as seen:
            refused = await place(shop, "refused", lines(number, 100_000))
        assert len(refused["unsalable"]) == number
        counts.append(len(seen))
    assert counts[0] == counts[1], counts


async def test_what_becomes_of_an_order_takes_as_many_statements_however_long_it_is(shop: Api) -> None:
    counts: dict[str, list[int]] = {"ship": [], "refund": [], "cancel": []}
    for number in (1, 10, 200):
        well(await place(shop, f"first-{number}", lines(number, 1)))
    for number in (1, 10, 200):
        well(await place(shop, f"waits-{number}", lines(number, 40)))
    more = [{"source": "north", "sku": sku, "quantity": 20} for sku in SKUS]
    await shop.change("setSourceItems", "items", "[SourceItemInput!]!", more)
    for number in (200, 10, 1):
        name = f"first-{number}"
        with counted_statements() as seen:
            assert len(well(await ship(shop, name, lines(number, 1, source="north")))["shipment"]["lines"]) == number
        counts["ship"].append(len(seen))
        with counted_statements() as seen:
            well(await refund(shop, name, lines(number, 1, returnToSource="south")))
        counts["refund"].append(len(seen))
        with counted_statements() as seen:
            assert well(await cancel(shop, f"waits-{number}"))["order"]["status"] == "CANCELED"
        counts["cancel"].append(len(seen))
    for each in ("ship", "refund"):
        assert len(set(counts[each])) == 1, counts
    assert max(counts["cancel"]) - min(counts["cancel"]) <= 1, counts  # one to tell what is freed, where anything is


async def test_an_order_is_read_in_as_many_statements_however_long_it_is(shop: Api) -> None:
    counts = []
    for number in (1, 10, 200):
        name = f"of-{number}"
        well(await place(shop, name, lines(number, 3)))
        with counted_statements() as seen:
            assert len((await order(shop, name))["lines"]) == number
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2], counts


async def test_a_page_of_orders_takes_as_many_statements_however_many_they_are(shop: Api) -> None:
    for number in range(60):
        well(await place(shop, f"of-{number}", lines(1 + number % 3, 2)))
    counts = []
    for first in (1, 10, 60):
        with counted_statements() as seen:
            assert len((await shop.data(ORDERS, {"first": first}))["orders"]["nodes"]) == first
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2], counts


async def test_a_page_of_what_waits_takes_as_many_statements_however_much_waits(shop: Api) -> None:
    counts = []
    for number in (1, 10, 200):
        well(await place(shop, f"of-{number}", lines(number, 9)))
        with counted_statements() as seen:
            found = (await shop.data(BACKORDERS, {"first": 250}))["backorders"]
        assert found["totalCount"] == len(found["nodes"]) >= number
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2], counts


async def test_a_receipt_takes_as_many_statements_however_many_lines_it_has_and_frees(shop: Api) -> None:
    for number in range(30):
        well(await place(shop, f"of-{number}", lines(10, 2)))
    counts = []
    for number, quantity in ((1, 2), (1, 40), (10, 2)):
        with counted_statements() as seen:
            received = well(await receive(shop, "south", lines(number, quantity)))
        assert received["released"]
        counts.append(len(seen))
    well(await place(shop, "long", lines(200, 9)))
    with counted_statements() as seen:
        assert len(well(await receive(shop, "south", lines(200, 60)))["released"]) >= 200
    counts.append(len(seen))
    assert len(set(counts)) == 1, counts


async def test_asking_where_to_ship_from_takes_as_many_statements_however_long_the_order_is(shop: Api) -> None:
    counts = []
    query = "query ($number: String!) { sourceSelection(orderNumber: $number) { items { sku source quantity } } }"
    for number in (1, 10, 200):
        well(await place(shop, f"of-{number}", lines(number, 1)))
        with counted_statements() as seen:
            found = (await shop.data(query, {"number": f"of-{number}"}))["sourceSelection"]
        assert len(found["items"]) == number
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2], counts
