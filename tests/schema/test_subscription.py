"""stockChanged: what is shown, to whom and when, and what is refused."""

import asyncio
from contextlib import AsyncExitStack, aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.availability import live
from resolvers.availability.products import ProductView
from resolvers.availability.watcher import shoppers_sight
from schema.context import Viewer
from schema.product import Product
from tests.builders import SKU
from tests.client import Api
from tests.orders import line, place, receive
from tests.rules.worlds import LAW, ORDERED, RESERVED, World, items, worlds
from tests.schema.live import ADMIN, SHOPPER, STRANGER, following, subscribed
from tests.schema.rule_store import GLOBAL, TENT, TENT_EAST, set_rules, soon, stock_up
from tests.statements import counted_statements

EAST = "east"


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT at east and west, LAMP at east; no rule is set."""
    return await stock_up(api)


def hub() -> live.Hub:
    """The hub of this process."""
    assert live._hub is not None
    return live._hub


async def test_each_product_comes_at_once_and_an_unknown_one_once_it_is_there(store: Api) -> None:
    expected = await store.data('{ productsBySku(skus: ["TENT", "LAMP"]) { sku salableQty availability } }')
    async with following(["TENT", "NEW", "LAMP", "TENT", "no\0code"], fields="sku salableQty availability") as follower:
        first = [await follower.product(), await follower.product()]
        assert sorted(first, key=lambda each: str(each["sku"]), reverse=True) == expected["productsBySku"]
        assert await follower.is_quiet()
        await store.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "NEW"}])
        assert await follower.product() == {"sku": "NEW", "salableQty": 0, "availability": "OUT_OF_STOCK"}


async def test_an_order_a_receipt_and_a_rule_are_told_and_nothing_else_is(store: Api) -> None:
    async with following(["TENT"], fields="salableQty") as follower:
        before = (await follower.product())["salableQty"]
        await place(store, "1", [line("TENT", 2)])
        assert await follower.product() == {"salableQty": before - 2}
        await receive(store, EAST, [line("TENT", 5)])
        assert await follower.product() == {"salableQty": before + 3}
        await set_rules(store, (TENT, {"outOfStockThreshold": 1}))
        assert await follower.product() == {"salableQty": before + 2}

        await place(store, "2", [line("LAMP", 1)])
        await store.change("upsertSources", "sources", "[SourceInput!]!", [{"code": EAST, "name": "The east"}])
        await set_rules(store, (GLOBAL, {"notifyForQuantityBelow": 3}))
        assert await follower.is_quiet()
        await store.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "TENT", "name": "A tent"}])
        assert await follower.product() == {"salableQty": before + 2}


async def test_what_only_an_admin_sees_is_told_to_admins_only(store: Api) -> None:
    fields = "salableQty effectiveBackorderConfig { sources { notifyForQuantityBelow { value } } }"
    async with following(["TENT"], ADMIN, fields=fields) as admin, following(["TENT"]) as shopper:
        before = await admin.product()
        await shopper.product()
        await set_rules(store, (TENT, {"notifyForQuantityBelow": 3}))
        after = await admin.product()
        assert after["salableQty"] == before["salableQty"]
        assert {
            source["notifyForQuantityBelow"]["value"] for source in after["effectiveBackorderConfig"]["sources"]
        } == {3}
        assert await shopper.is_quiet()


@pytest.mark.parametrize(("viewer", "code"), [(SHOPPER, "FORBIDDEN"), (STRANGER, "UNAUTHENTICATED")])
async def test_a_field_of_the_admin_is_null_with_an_error_in_every_event(store: Api, viewer: Viewer, code: str) -> None:
    async with following(["TENT"], viewer, fields="sku salableQtyTerms { kind } sourceItems { sku }") as follower:
        for number in range(2):
            result = await follower.result()
            assert result.data == {"stockChanged": {"sku": "TENT", "salableQtyTerms": None, "sourceItems": None}}
            assert [(error.extensions or {})["code"] for error in result.errors or []] == [code, code]
            await place(store, str(number), [line("TENT", 1)])


@pytest.mark.parametrize("edge", ["activeFrom", "activeUntil"])
async def test_the_edges_of_a_window_are_told_when_they_come(store: Api, edge: str) -> None:
    async with following(["TENT"], fields="salableQty") as follower:
        before = (await follower.product())["salableQty"]
        await set_rules(store, (TENT, {"outOfStockThreshold": 1}), **{edge: soon(seconds=1.5)})
        changed = [] if edge == "activeFrom" else [before - 1]
        for expected in [*changed, before if changed else before - 1]:
            assert await follower.product() == {"salableQty": expected}


async def test_who_is_slow_gets_the_latest_state_only(store: Api) -> None:
    results = await subscribed(["TENT"], fields="salableQty")
    async with aclosing(results):
        before = (await anext(results)).data["stockChanged"]["salableQty"]
        async with following(["TENT"], fields="salableQty") as quick:
            await quick.product()
            for number in range(4):
                await place(store, str(number), [line("TENT", 1)])
                assert await quick.product() == {"salableQty": before - number - 1}
            assert (await anext(results)).data == {"stockChanged": {"salableQty": before - 4}}
            await receive(store, EAST, [line("TENT", 1)])
            await quick.product()
            await place(store, "away again", [line("TENT", 1)])
            await quick.product()
            # What changed back before it was taken has not changed for who is slow: the next that comes is another.
            await place(store, "last", [line("TENT", 1)])
            await quick.product()
            assert (await anext(results)).data == {"stockChanged": {"salableQty": before - 5}}


async def test_each_sales_channel_has_its_own_stock(store: Api) -> None:
    await store.change(
        "upsertStocks", "stocks", "[StockInput!]!", [{"code": "web", "sources": [{"source": EAST, "priority": 1}]}]
    )
    await store.change(
        "upsertSalesChannels", "salesChannels", "[SalesChannelInput!]!", [{"code": "web", "stock": "web"}]
    )
    async with following(["TENT"]) as here, following(["TENT"], salesChannel="web") as there:
        one, other = await here.product(), await there.product()
        await place(store, "1", [line("TENT", 1)], channel="web")
        assert (await there.product())["salableQty"] == other["salableQty"] - 1
        assert await here.is_quiet()
        await set_rules(store, (TENT_EAST, {"outOfStockThreshold": 2}))
        assert (await there.product())["salableQty"] == other["salableQty"] - 3
        assert (await here.product())["salableQty"] == one["salableQty"] - 2


@pytest.mark.parametrize(
    ("skus", "more", "code"),
    [
        ([], {}, "BAD_USER_INPUT"),
        (["A"] * 501, {}, "TOO_MANY"),
        ([str(number) for number in range(10_001)], {}, "TOO_MANY"),
        (["A"], {"salesChannel": "nowhere"}, "UNKNOWN_SALES_CHANNEL"),
        (["A"], {"salesChannel": "\0"}, "UNKNOWN_SALES_CHANNEL"),
        ([5], {}, "BAD_USER_INPUT"),
        (["A"], {"salesChannel": 5}, "BAD_USER_INPUT"),
        (["A"], {"query": "subscription {"}, "GRAPHQL_PARSE_FAILED"),
        (["A"], {"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        (["A"], {"query": " "}, "GRAPHQL_PARSE_FAILED"),
        (["A"], {"query": "{ viewer { name } }"}, "BAD_USER_INPUT"),
        (["A"], {"query": "mutation { upsertProducts(products: []) { count } }"}, "BAD_USER_INPUT"),
        (["A"], {"query": "subscription A { __typename } subscription B { __typename }"}, "BAD_USER_INPUT"),
        (["A"], {"fields": " ".join(f"a{number}: sku" for number in range(31))}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_cannot_be_followed_is_refused_as_a_whole(
    store: Api, skus: list[Any], more: dict[str, Any], code: str
) -> None:
    async with following(skus, **more) as follower:
        assert await follower.code() == code
    assert hub().watched == 0


async def test_what_can_be_no_sku_is_not_kept(store: Api) -> None:
    async with following(["TENT", "x" * 65, "", "no\0code", *(f"{number}" * 80 for number in range(9))]) as follower:
        await follower.product()
        assert hub().watched == 1


async def test_a_subscription_by_post_is_refused(store: Api) -> None:
    answer = await store.http.post("/graphql", json={"query": 'subscription { stockChanged(skus: ["TENT"]) { sku } }'})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_statements_grow_neither_with_products_nor_with_followers(store: Api) -> None:
    skus = ["TENT", *(f"SKU-{number:03}" for number in range(499))]
    await store.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": sku} for sku in skus[1:]])
    async with AsyncExitStack() as stack:
        followers = [await stack.enter_async_context(following(skus, fields="salableQty")) for _ in range(5)]
        for follower in followers:
            for _ in skus:
                await follower.product()
        assert all([await follower.is_quiet() for follower in followers])
        with counted_statements() as seen:
            await place(store, "1", [line("TENT", 1)])
            for follower in followers:
                await follower.product()
            reading = [sql for sql in seen if "FROM product p" in sql]
        # One to place the order, one to answer it, and one for all who follow; two where its commit was heard late.
        assert 2 <= len(reading) <= 4, reading


async def test_where_nobody_follows_nothing_is_done(store: Api) -> None:
    async with following(["TENT"]) as follower:
        await follower.product()
        running = hub()._task
        assert running is not None
    await asyncio.wait({running}, timeout=20)
    assert (hub().watched, hub()._task) == (0, None)
    with counted_statements() as seen:
        await asyncio.sleep(0.5)
    assert seen == []
    async with following(["TENT"]) as follower:  # and it begins again
        await follower.product()


OPEN = (
    ["name", "sku", "salable_qty", "stock_status", "availability", "only_x_left_in_stock"],
    ["backorders", "out_of_stock_threshold", "backorder_limit", "only_x_left_threshold", "manage_stock"],
)


def open_fields(world: World, quantities: list[Any]) -> list[Any]:
    """The value of every field that shoppers may see."""
    product = Product.of(ProductView(SKU, "", "default", (), world.found))
    config = product.effective_backorder_config()
    shown = [getattr(product, name) for name in OPEN[0]] + [getattr(config, name) for name in OPEN[1]]
    return shown + [product.salability(quantity) for quantity in quantities]


@LAW
@given(worlds(), st.tuples(items(), RESERVED) | worlds(), st.lists(ORDERED, min_size=2, max_size=5))
def test_where_a_shopper_would_see_a_difference_it_is_told(world: World, other: Any, quantities: list[Any]) -> None:
    is_of_rules = isinstance(other, World)
    changed = (
        World(world.items, world.reserved, other.values) if is_of_rules else World(other[0], other[1], world.values)
    )
    sights = [shoppers_sight(ProductView(SKU, "", "default", (), each.found)) for each in (world, changed)]
    if open_fields(world, quantities) != open_fields(changed, quantities):
        assert sights[0] != sights[1]
