"""The last units, a crowd, and two processes on one database: what is salable is sold, and nothing beyond it."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random

import pytest

from models.database import reader
from models.sql import fetch
from rules.quantity import from_units
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey, SettingValue
from tests.client import Api
from tests.orders import cancel, line, new_key, place, receive, ship
from tests.server.crowd import BUYERS, assert_books_agree, client, service, sums
from tests.stored import items
from tests.worlds import rule, stock_up

SKUS = ("A", "B", "C")
SOURCES = ("north", "south")
Settings = dict[SettingKey, SettingValue | None]


def backorders(threshold: int, mode: BackorderMode = BackorderMode.ALLOW) -> Settings:
    """The rules of a product that goes below zero."""
    return {SettingKey.BACKORDERS: mode, SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(threshold)}


@pytest.fixture
def urls(tmp_path: Path, database_url: str) -> Iterator[list[str]]:
    """Two services on the database of this test, which log nothing and end cleanly."""
    with ExitStack() as stack:
        with ThreadPoolExecutor() as starting:
            services = [service(tmp_path / name, database_url) for name in ("one", "two")]
            running = list(starting.map(stack.enter_context, services))
        yield [each.url for each in running]
        for each in running:
            each.stop()
            assert "Traceback" not in each.output()


@pytest.fixture
async def shops(urls: list[str], db: None) -> AsyncIterator[list[Api]]:
    """The API of both, beside the open database."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(client(url)) for url in urls]


async def _sell_out(shops: list[Api], name: str, skus: tuple[str, ...], most: int) -> list[dict[str, int]]:
    """Every buyer places three orders of these SKUs, each in an order of its own; returns what was refused."""
    refused = []

    async def buy(buyer: int) -> None:
        chance = Random(f"{name} {buyer}")  # noqa: S311  # what to buy needs no secrecy
        for attempt in range(3):
            chosen = chance.sample(skus, chance.randint(1, len(skus)))
            wanted = {sku: chance.randint(1, most) for sku in chosen}
            lines = [line(sku, quantity) for sku, quantity in wanted.items()]
            answer = await place(shops[buyer % 2], f"{name}-{buyer}-{attempt}", lines)
            if answer["order"] is None:
                assert {error["code"] for error in answer["userErrors"]} == {"NOT_SALABLE"}
                refused.append(wanted)
            for each in answer["unsalable"]:
                assert each["errors"] == [{"code": "NOT_ENOUGH_QUANTITY"}]
                assert each["maxSalableQty"] < wanted[each["sku"]]

    await asyncio.gather(*(buy(buyer) for buyer in range(BUYERS)))
    return refused


@pytest.mark.parametrize(
    ("settings", "salable"),
    [({}, 90), (backorders(-40), 130), (backorders(0, BackorderMode.ALLOW_AND_NOTIFY), None)],
    ids=["no backorders", "limited backorders", "unlimited backorders"],
)
async def test_exactly_what_is_salable_is_sold(shops: list[Api], settings: Settings, salable: int | None) -> None:
    await stock_up({sku: {"north": 60, "south": 30} for sku in SKUS})
    if settings:
        await rule(scope_of(None, None), settings)

    refused = await _sell_out(shops, "order", SKUS, 3)

    sold = await sums("ordered")
    if salable is None:
        assert refused == []
        assert min(sold.values()) > 90
    else:
        assert refused
        left = {sku: salable - sold[sku] for sku in SKUS}
        assert min(left.values()) >= 0
        for wanted in refused:
            assert any(quantity > left[sku] for sku, quantity in wanted.items()), (wanted, left)
    assert await sums("late_at_placement") == {sku: max(0, sold[sku] - 90) for sku in SKUS}
    await assert_books_agree(shops[0])


async def test_rules_and_quantities_change_while_a_crowd_buys_and_the_limit_holds_in_the_end(shops: list[Api]) -> None:
    await stock_up({sku: {"north": 40, "south": 0} for sku in SKUS})
    await rule(scope_of(None, None), backorders(-10))
    selling = asyncio.create_task(_sell_out(shops, "order", SKUS, 2))
    deliveries = turns = 0
    while not selling.done():
        turns += 1
        threshold = backorders(-10 * (turns % 3 + 1))
        quantities = [
            {"source": "north", "sku": sku, "quantity": 40 - turns % 2} for sku in (SKUS if turns % 2 else SKUS[::-1])
        ]
        _, _, received = await asyncio.gather(
            rule(scope_of(None, None), threshold),
            shops[turns % 2].change("setSourceItems", "items", "[SourceItemInput!]!", quantities),
            receive(shops[0], "south", [line(sku, 1) for sku in (SKUS[::-1] if deliveries < 10 else SKUS[:1])]),
        )
        assert received["userErrors"] == []
        deliveries += 1
    await selling
    sold = await sums("ordered")
    arrived = {sku: await _at("south", sku) for sku in SKUS}
    assert arrived["A"] == deliveries
    assert all(sold[sku] <= 40 + arrived[sku] + 30 for sku in SKUS)

    await rule(scope_of(None, None), backorders(-200))
    quantities = [{"source": "north", "sku": sku, "quantity": 40} for sku in SKUS]
    await shops[0].change("setSourceItems", "items", "[SourceItemInput!]!", quantities)
    salable = {sku: 240 + arrived[sku] for sku in SKUS}

    async def buy(buyer: int, sku: str) -> None:
        number = 0
        while (await place(shops[buyer % 2], f"last-{sku}-{buyer}-{number}", [line(sku, 7)]))["order"]:
            number += 1

    await asyncio.gather(*(buy(buyer, sku) for buyer in range(BUYERS // 4) for sku in SKUS))
    sold = await sums("ordered")
    assert {sku: (salable[sku] - sold[sku]) // 7 for sku in SKUS} == dict.fromkeys(SKUS, 0)
    await assert_books_agree(shops[0])


async def test_nothing_is_lost_where_orders_ship_and_are_canceled_and_goods_arrive_at_once(shops: list[Api]) -> None:
    await stock_up({sku: {"north": 20, "south": 10} for sku in SKUS})
    await rule(scope_of(None, None), backorders(0))
    changed: set[str] = set()
    arrived: Counter[str] = Counter()

    async def live(buyer: int) -> None:
        chance = Random(buyer)  # noqa: S311  # what to do needs no secrecy
        for attempt in range(3):
            number, shop = f"{buyer}-{attempt}", shops[(buyer + attempt) % 2]
            lines = [line(sku, 2) for sku in chance.sample(SKUS, 2)]
            assert (await place(shop, number, lines))["userErrors"] == []
            then = chance.random()
            if then < 0.3:
                sku = chance.choice(SKUS)
                assert (await receive(shop, chance.choice(SOURCES), [line(sku, 3)]))["userErrors"] == []
                arrived[sku] += 3
            elif then < 0.6:
                changed.add(number)
                assert (await cancel(shop, number))["userErrors"] == []
            elif then < 0.9:
                leaving = [line(each["sku"], 1, source=chance.choice(SOURCES)) for each in lines]
                errors = (await ship(shops[buyer % 2], number, leaving))["userErrors"]
                assert {error["code"] for error in errors} <= {"BACKORDER_ON_HOLD", "NOT_ENOUGH_AT_SOURCE"}

    await asyncio.gather(*(live(buyer) for buyer in range(BUYERS)))

    shipped, held = await sums("shipped"), await items()
    assert {sku: sum(held[source, sku][0] for source in SOURCES) for sku in SKUS} == {
        sku: 30 + arrived[sku] - shipped[sku] for sku in SKUS
    }
    await assert_books_agree(shops[0])
    await _assert_every_freed_unit_was_told(shops[0], changed)


async def test_an_order_placed_while_goods_arrive_is_late_no_more_or_told_so(shops: list[Api]) -> None:
    await stock_up({f"SKU-{number}": {"north": 5, "south": 0} for number in range(80)})
    await rule(scope_of(None, None), backorders(0))
    for number in range(80):
        lines = [line(f"SKU-{number}", 5)]
        await place(shops[0], f"first-{number}", lines)
        await asyncio.gather(place(shops[0], f"late-{number}", lines), receive(shops[1], "south", lines))
    await _assert_every_freed_unit_was_told(shops[0], set())


async def test_one_call_made_twice_at_once_in_two_processes_has_one_effect(shops: list[Api]) -> None:
    await stock_up({"A": {"north": 1_000}})
    for number in range(25):
        key, lines = new_key(), [line("A", 2)]
        first, second = await asyncio.gather(*(place(shop, f"twice-{number}", lines, key) for shop in shops))
        assert first == second
        assert first["order"]["lines"][0]["orderedQty"] == 2
        one, other = await asyncio.gather(*(place(shop, f"once-{number}", lines) for shop in shops))
        taken = one if one["order"] is None else other
        assert [error["code"] for error in taken["userErrors"]] == ["ORDER_NUMBER_TAKEN"]
        assert (one["order"] is None) != (other["order"] is None)
    calls = (
        partial(ship, number="twice-0", lines=[line("A", 1, source="north")]),
        partial(cancel, number="twice-0", lines=[line("A", 1)]),
        partial(receive, source="north", lines=[line("A", 5)]),
    )
    for call in calls:
        key = new_key()
        first, second = await asyncio.gather(*(call(shop, key=key) for shop in shops))
        assert first == second
        assert first["userErrors"] == []
    assert await sums("ordered") == {"A": 100}
    assert await _at("north", "A") == 1_004
    await assert_books_agree(shops[0])


async def _at(source: str, sku: str) -> Decimal:
    return (await items())[source, sku][0]


async def _assert_every_freed_unit_was_told(api: Api, without: set[str]) -> None:
    """What a line lacked when it was placed, less what it was told to have got since, is what it lacks now."""
    told: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    events = "event IN ('backorder.freed', 'order.waiting')"
    for row in await fetch(reader(), f"SELECT payload FROM outbox WHERE {events}"):
        news = json.loads(row["payload"])
        told[news["order"], news["sku"]] += Decimal(news.get("freed", 0)) - Decimal(news.get("uncovered", 0))
    late = await fetch(
        reader(),
        "SELECT o.number, l.sku, l.late_at_placement AS late FROM order_line l JOIN sales_order o ON o.id = l.order_id",
    )
    expected = {
        (row["number"], row["sku"]): from_units(row["late"]) - told[row["number"], row["sku"]]
        for row in late
        if row["number"] not in without
    }
    page = await api.data("{ orders(first: 250) { nodes { number lines { sku backorderedQty } } } }")
    waiting = {
        (order["number"], each["sku"]): each["backorderedQty"]
        for order in page["orders"]["nodes"]
        for each in order["lines"]
        if order["number"] not in without
    }
    assert waiting == expected
