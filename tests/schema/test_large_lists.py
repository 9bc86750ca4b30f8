"""Lists of a shop that has grown: a page touches a bounded number of rows, and what is cut has pages of its own."""

from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from models.database import Client, transaction
from models.sql import fetch
from models.statistics import forget_statistics
from rules.scope import GLOBAL
from rules.setting import BackorderMode, SettingKey
from server.app import create_app
from server.settings import Settings
from tests.benchmarks.growth import requests
from tests.benchmarks.growth_rows import Size, grow
from tests.client import ADMIN_TOKEN, Api
from tests.orders import line, place
from tests.plans.statistics import believe_on_postgresql
from tests.server.process import PATIENT
from tests.statements import counted_statements
from tests.touched import touched
from tests.worlds import rule, stock_up

SIZE = Size(3_000, open_every=2)
MOST_GROWTH = 1.5
"""So many times the rows may be touched in a shop of twice the size: all bounds are met in the smaller one."""
BOUNDS = {
    "resolvers.orders.order_search.MOST_COUNTED": 300,
    "resolvers.orders.order_search.MOST_JUDGED": 300,
    "resolvers.orders.orders.SCAN_BUDGET": 400,
    "resolvers.orders.backorders.MOST_COUNTED": 300,
    "resolvers.orders.backorders.SCAN_BUDGET": 600,
}
"""Lower than they are, so that small shops meet them."""
CHANGES = """query ($first: Int!, $after: String) { changeSets(first: 1) { nodes { changeCount changes { scope { sku } }
    changesPage(first: $first, after: $after) { totalCount nodes { scope { sku } } pageInfo { endCursor hasNextPage } }
} } }"""
RECEIVE = """mutation ($after: String) {
    receiveStock(source: "a", lines: [{ sku: "TENT", quantity: 1000 }], idempotencyKey: "k") {
        userErrors { code } releasedCount released { orderNumber }
        releasedPage(first: 200, after: $after) { nodes { orderNumber } pageInfo { endCursor hasNextPage } }
    } }"""
WINDOW = """query ($after: String) { orders(first: 3, after: $after, filter: { placedFrom: "2020-01-01T00:00:00Z" }) {
    nodes { number } pageInfo { endCursor hasNextPage } } }"""
WRONG = """query ($after: String) { reservationInconsistencies(after: $after) {
    nodes { orderNumber actual } totalCount totalCountIsExact pageInfo { endCursor hasNextPage } } }"""


async def written(sql: str, *parameters: Any) -> None:
    """Run one statement that no call of the service would."""

    async def write(client: Client) -> None:
        await fetch(client, sql, *parameters)

    await transaction(write)


@pytest.fixture
async def grown(api: Api) -> Api:
    """3,000 orders, half of them in one queue, of whose lines 5 are covered."""
    await grow(SIZE)
    return api


async def test_what_a_page_of_each_list_touches_does_not_grow_with_the_shop(
    database_url: str, other_database_url: str, monkeypatch: pytest.MonkeyPatch, *, is_postgresql: bool
) -> None:
    for bound, most in BOUNDS.items():
        monkeypatch.setattr(bound, most)
    of_small = await _touched_by_requests(database_url, 7_000, is_postgresql=is_postgresql)
    of_large = await _touched_by_requests(other_database_url, 14_000, is_postgresql=is_postgresql)
    grew = {name: (rows, of_large[name]) for name, rows in of_small.items() if of_large[name] > rows * MOST_GROWTH}
    assert grew == {}


async def _touched_by_requests(url: str, orders: int, *, is_postgresql: bool) -> dict[str, int]:
    """How many rows each request touches in a shop of so many orders, by the plans that a large one has."""
    size = Size(orders, in_blocks=True)
    app = create_app(
        Settings.model_validate(PATIENT | {"database_url": url, "admin_token": ADMIN_TOKEN, "deliver": False})
    )
    async with app.router.lifespan_context(app), Api.of(app) as api:
        await grow(size)
        if is_postgresql:
            connection = await asyncpg.connect(url)
            await believe_on_postgresql(connection)
            await connection.close()
        else:
            await forget_statistics()
        return {
            asked.name: await touched(lambda query=asked.query: api.data(query))  # type: ignore[misc]
            for asked in requests(size)
            if not asked.name.startswith("receiveStock")
        }


async def test_a_queue_is_read_from_where_its_supply_ends(grown: Api) -> None:
    query = """{ backorders(first: 250, filter: { sku: "HOT" }) { totalCount totalCountIsExact
        nodes { orderNumber position waitingQty } } }"""
    found = (await grown.data(query))["backorders"]
    assert (found["totalCount"], found["totalCountIsExact"]) == (1_495, True)
    assert [node["position"] for node in found["nodes"]] == list(range(1, 251))
    assert [node["orderNumber"] for node in found["nodes"]] == [f"order-{2 * place}" for place in range(6, 256)]
    assert {node["waitingQty"] for node in found["nodes"]} == {2}


async def test_a_count_that_ends_before_its_list_says_so(grown: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    query = "query ($f: OrderFilter) { orders(first: 1, filter: $f) { totalCount totalCountIsExact } }"
    assert (await grown.data(query))["orders"] == {"totalCount": 3_000, "totalCountIsExact": True}
    monkeypatch.setattr("resolvers.orders.order_search.MOST_COUNTED", 2_999)
    assert (await grown.data(query))["orders"] == {"totalCount": 2_999, "totalCountIsExact": False}
    few = {"status": "PROCESSING"}
    assert (await grown.data(query, {"f": few}))["orders"] == {"totalCount": 1_500, "totalCountIsExact": True}
    judged = {"status": "PROCESSING", "salesChannel": "rare"}
    assert (await grown.data(query, {"f": judged}))["orders"] == {"totalCount": 40, "totalCountIsExact": False}


async def test_pages_of_the_ledger_go_on_until_what_is_wrong_is_found(grown: Api) -> None:
    await written(
        "UPDATE reservation SET quantity = quantity - 10000 WHERE order_number = 'order-999' AND event = 'grown'"
    )
    await written("UPDATE balance SET quantity = (SELECT SUM(r.quantity) FROM reservation r WHERE r.sku = balance.sku)")
    after, found, pages = None, [], 0
    while True:
        page = (await grown.data(WRONG, {"after": after}))["reservationInconsistencies"]
        found += page["nodes"]
        pages += 1
        assert page["totalCountIsExact"] is False
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert found == [{"orderNumber": "order-999", "actual": -10}]
    assert pages in {3, 4}


async def test_a_large_change_set_shows_its_first_changes_and_has_pages_of_all(api: Api) -> None:
    skus = [f"SKU-{number:03}" for number in range(300)]
    await stock_up({sku: {"a": 1} for sku in skus})
    changes = [{"scope": {"type": "PRODUCT", "sku": sku}, "settings": {"minSaleQty": 2}} for sku in skus]
    query = """mutation ($c: [ScopeRulesChange!]!) { setScopeRules(input: { changes: $c }) {
        changeSet { changeCount changes { scope { sku } } } userErrors { code } } }"""
    made = (await api.data(query, {"c": changes}))["setScopeRules"]
    assert made["userErrors"] == []
    assert (made["changeSet"]["changeCount"], len(made["changeSet"]["changes"])) == (300, 250)
    after, seen = None, []
    while True:
        (found,) = (await api.data(CHANGES, {"first": 120, "after": after}))["changeSets"]["nodes"]
        assert found["changeCount"] == found["changesPage"]["totalCount"] == 300
        assert found["changes"] == made["changeSet"]["changes"]
        seen += found["changesPage"]["nodes"]
        if not found["changesPage"]["pageInfo"]["hasNextPage"]:
            break
        after = found["changesPage"]["pageInfo"]["endCursor"]
    assert sorted(node["scope"]["sku"] for node in seen) == skus
    assert seen[:250] == found["changes"]


async def test_change_sets_are_listed_without_reading_what_they_changed(api: Api) -> None:
    await stock_up({"TENT": {"a": 1}})
    for number in range(1, 4):
        await rule(GLOBAL, {SettingKey.MIN_SALE_QTY: Decimal(number + 1)})
    with counted_statements() as seen:
        found = await api.data("{ changeSets { nodes { revision changeCount } } }")
    assert [node["changeCount"] for node in found["changeSets"]["nodes"]] == [1, 1, 1]
    assert len([sql for sql in seen if "change_set" in sql]) == 1
    await written("UPDATE change_set SET change_count = NULL")  # as an older process writes it
    assert await api.data("{ changeSets { nodes { revision changeCount } } }") == found


async def test_a_receipt_shows_the_first_lines_that_it_freed_and_has_pages_of_all(api: Api) -> None:
    await stock_up({"TENT": {"a": 0}})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    assert (await place(api, "first", [line("TENT", 1)]))["userErrors"] == []
    units = "ordered, shipped, canceled, refunded, late_at_placement"
    orders = [{"n": number} for number in range(2, 302)]
    await written(
        "INSERT INTO sales_order (number, sales_channel, stock, placed_at) SELECT 'order-' || r.n, 'default', 'default', r.n"
        " FROM rows($1, n bigint) ORDER BY r.n",
        orders,
    )
    await written(
        f"INSERT INTO order_line (order_id, sku, stock, {units}, is_reserved, is_open)"
        " SELECT id, 'TENT', 'default', 10000, 0, 0, 0, 10000, TRUE, TRUE FROM sales_order"
        " WHERE number <> 'first' ORDER BY id"
    )
    expected = ["first", *(f"order-{each['n']}" for each in orders)]
    after, seen = None, []
    while True:
        found = (await api.data(RECEIVE, {"after": after}))["receiveStock"]
        assert (found["userErrors"], found["releasedCount"]) == ([], 301)
        assert [node["orderNumber"] for node in found["released"]] == expected[:250]
        seen += [node["orderNumber"] for node in found["releasedPage"]["nodes"]]
        if not found["releasedPage"]["pageInfo"]["hasNextPage"]:
            break
        after = found["releasedPage"]["pageInfo"]["endCursor"]
    assert seen == expected
    assert (await api.data('{ sourceItems(filter: { sku: "TENT" }) { nodes { quantity } } }'))["sourceItems"] == {
        "nodes": [{"quantity": 1000}]
    }


async def test_orders_of_a_window_go_by_placement_and_new_ones_neither_skip_nor_repeat_any(api: Api) -> None:
    await stock_up({"TENT": {"a": 100}})
    numbers = [str(number) for number in range(7)]
    for number in numbers:
        assert (await place(api, number, [line("TENT", 1)]))["userErrors"] == []
    await written(
        "UPDATE sales_order SET placed_at = placed_at + 60000000 WHERE number = '2'"
    )  # by a clock that is ahead
    seen, after = [], None
    while True:
        page = (await api.data(WINDOW, {"after": after}))["orders"]
        seen += [node["number"] for node in page["nodes"]]
        assert (await place(api, f"new-{len(seen)}", [line("TENT", 1)]))["userErrors"] == []
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == ["2", "6", "5", "4", "3", "1", "0"]
