"""Whatever is ordered, shipped, canceled, refunded, received and changed, the store says what a plain model says."""

import asyncio
from decimal import Decimal
from random import Random

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.address import parse_address
from models.database import Client, database, reader, transaction
from models.sql import fetch
from resolvers.availability.products import products_by_sku
from resolvers.errors import Refused
from resolvers.orders.backorders import backorder_page
from resolvers.orders.ledger import inconsistency_page
from resolvers.orders.order_changes import cancel_order, refund_order, ship_order
from resolvers.orders.order_lock import LineChange
from resolvers.orders.order_search import OrderFilter
from resolvers.orders.orders import Movement, Order, order_page
from resolvers.orders.place_order import OrderRequest, Unsalable, place_order
from resolvers.orders.receive_stock import receive_stock
from rules.order import OrderStatus
from rules.quantity import from_units
from tests.catalogues import SKUS, SOURCES, build
from tests.order_calls import answer
from tests.order_model import ZERO, Answer, Call, Model, Row, order_row
from tests.order_steps import Items, Rule, a_step, beginning, change_model, make_change, other_input, same_input
from tests.stored import items

Done = tuple[Call, Answer, object]
"""A call that took effect, what it said, and what only the store can name: its movement, its notices."""

TABLES = (
    *("call", "outbox", "shipment_line", "shipment", "refund_line", "refund", "order_line", "sales_order"),
    *("reservation", "balance", "rule_change", "change_set", "scope_rule", "source_item", "product", "sales_channel"),
    *("stock_source", "stock", "source"),
)
KEPT = ("sales_channel", "stock", "source")
FACTS = "SELECT order_number, sku, stock, SUM(quantity) AS n FROM reservation GROUP BY order_number, sku, stock"
TOLD = "SELECT event, subject, payload FROM outbox WHERE event LIKE 'order.%' OR event = 'backorder.freed' ORDER BY id"


async def _empty() -> Model:
    """Forget everything, and begin with the catalogue that the model begins with."""

    async def remove(client: Client) -> None:
        await fetch(client, "UPDATE sales_channel SET stock_id = 'default'")
        for table in TABLES:
            await fetch(client, f"DELETE FROM {table} {'WHERE code <> $1' if table in KEPT else ''}", *_default(table))
        await fetch(client, "UPDATE revision SET value = 0")
        for table in ("survey", "line_survey"):
            await fetch(client, f"UPDATE {table} SET revision = 0, instant = 0, is_running = FALSE")

    await transaction(remove)
    await build([], [])
    channels = {"default": "default", "second": "default", "other": "other"}
    links = {"default": ["north", "east"], "other": ["west", "east"]}
    return Model(SKUS, channels, links, dict.fromkeys(("default", *SOURCES), True))


def _default(table: str) -> list[str]:
    return ["default"] if table in KEPT else []


async def _call(call: Call, key: str) -> tuple[Answer, Order | None, object]:
    """What the store answers; the last is what names the movement that a call made."""
    pairs = [(sku, quantity) for sku, quantity, _ in call.lines or ()]
    lines = [LineChange(*line) for line in call.lines or ()]
    try:
        if call.mutation == "placeOrder":
            placed = await place_order(OrderRequest(call.number, call.channel, pairs, key))
            notices = [(notice.sku, notice.backordered) for notice in placed.notices]
            return Answer(facts=[*notices]), placed.order, [notice.message for notice in placed.notices]
        if call.mutation == "receiveStock":
            received = await receive_stock(call.number, pairs, key)
            on_hand = await items()
            assert {(each.source.code, each.sku) for each in received.source_items} == {
                (call.number, sku) for sku, _ in pairs
            }
            for item in received.source_items:
                assert (item.quantity, item.is_in_stock) == on_hand[item.source.code, item.sku]
            freed: list[Row] = [
                (line.order_number, line.sku, line.stock, line.released, line.waiting) for line in received.released
            ]
            return Answer(facts=[*freed, *((each.code,) for each in received.advice)]), None, None
        if call.mutation == "cancelOrder":
            canceled = await cancel_order(call.number, None if call.lines is None else lines, key)
            return Answer(), canceled.order, None
        changed = await (ship_order if call.mutation == "shipOrder" else refund_order)(call.number, lines, key)
        assert changed.movement
        return Answer(facts=[*_moved(changed.movement)]), changed.order, changed.movement
    except Refused as refused:
        errors = [(each.code, next(map(int, filter(str.isdigit, each.path)), None)) for each in refused.errors]
        unsalable = refused.lines if isinstance(refused, Unsalable) else []
        facts: list[Row] = [
            (each.sku, each.max_salable_qty, [error.code for error in each.errors]) for each in unsalable
        ]
        return Answer(errors, facts), None, None


def _moved(movement: Movement) -> tuple[tuple[str, Decimal, str | None], ...]:
    return tuple((line.sku, line.quantity, line.source) for line in movement.lines)


def _row(order: Order) -> Row:
    lines = [
        (
            *(line.sku, line.units.ordered, line.units.open, line.units.shipped, line.units.canceled),
            *(line.units.refunded, line.late_at_placement, line.coverage.waiting, line.coverage.shippable),
        )
        for line in order.lines
    ]
    moved = [_moved(each) for each in order.shipments], [_moved(each) for each in order.refunds]
    head = order.number, order.sales_channel, order.stock, order.status, order.payment_status, order.is_on_hold
    return (*head, lines, *moved)


async def _numbers(asked: OrderFilter) -> list[str]:
    return [order.number for order in (await order_page(asked, 250, None)).nodes]


async def _compare(model: Model) -> None:
    may_ship = model.may_ship()
    expected = [order_row(order, may_ship) for order in model.orders.values()][::-1]
    assert [_row(order) for order in (await order_page(OrderFilter(), 250, None)).nodes] == expected
    queue = [
        (order.number, line.sku, order.stock, order.channel, line.open - covered, place)
        for order, line, covered, place in model.queue()
        if line.open > covered
    ]
    assert [
        (each.order_number, each.sku, each.stock, each.sales_channel, each.waiting, each.position)
        for each in (await backorder_page(None, None, 250, None)).nodes
    ] == queue
    for channel in {stock: channel for channel, stock in model.channels.items()}.values():
        views = await products_by_sku(SKUS, channel, all_items=False)
        found = {view.sku: view.availability.salable_qty for view in views if view}
        assert found == {sku: model.salable_qty(sku, channel) for sku in SKUS}
    assert await items() == model.items
    await _compare_ledger(model)
    told = [(row["event"], row["subject"], orjson.loads(row["payload"])) for row in await fetch(reader(), TOLD)]
    assert [each[:2] for each in told] == [each[:2] for each in model.told]
    for (_, _, payload), (_, _, *news) in zip(told, model.told, strict=True):
        names = ("sku", "uncovered" if "uncovered" in payload else "freed", "waiting", "customerFreed")
        assert not news or [payload[name] for name in names if name in payload] == news
    kept = await fetch(reader(), "SELECT told_waiting, told_late FROM order_line ORDER BY id")
    assert [(from_units(row["told_waiting"]), from_units(row["told_late"])) for row in kept] == [
        (line.told_waiting, line.told_late) for order in model.orders.values() for line in order.lines.values()
    ]


async def _compare_lists(model: Model) -> None:
    expected = [order_row(order, model.may_ship()) for order in model.orders.values()][::-1]
    assert await _numbers(OrderFilter(shipping_hold=True)) == [row[0] for row in expected if row[5]]
    assert await _numbers(OrderFilter(shipping_hold=False)) == [row[0] for row in expected if not row[5]]
    for status in OrderStatus:
        assert await _numbers(OrderFilter(status=status)) == [row[0] for row in expected if row[3] == status]


async def _compare_ledger(model: Model) -> None:
    rows = await fetch(reader(), FACTS)
    sums = {(row["order_number"], row["sku"], row["stock"]): from_units(int(row["n"])) for row in rows}
    assert sums == {
        (order.number, line.sku, order.stock): -line.open
        for order in model.orders.values()
        for line in order.lines.values()
        if line.is_reserved
    }
    booked: dict[tuple[str, str], Decimal] = {}
    for (_, sku, stock), quantity in sums.items():
        booked[sku, stock] = booked.get((sku, stock), ZERO) + quantity
    balances = await fetch(reader(), "SELECT sku, stock, quantity FROM balance")
    found = {(row["sku"], row["stock"]): from_units(row["quantity"]) for row in balances}
    assert {key: quantity for key, quantity in found.items() if quantity} == {
        key: quantity for key, quantity in booked.items() if quantity
    }
    assert not (await inconsistency_page(250, None)).nodes


async def _walk(seeds: list[int]) -> None:
    model = await _empty()
    for change in beginning(Random(seeds[0])):  # noqa: S311  # nothing secret
        change_model(model, change)
        await make_change(change)
    done: dict[str, list[Done]] = {}
    for place, seed in enumerate(seeds, start=1):
        if not seed:
            continue
        await _step(model, done, Random(f"{place} {seed}"))  # noqa: S311  # nothing secret
        await _compare(model)
        if place % 8 == 0:
            await _compare_lists(model)


async def _step(model: Model, done: dict[str, list[Done]], by: Random) -> None:
    if done and by.random() < 0.12:
        calls = done[by.choice([*done])]
        place = by.randrange(len(calls))
        await _replay(model, calls[place], f"key-{place}")
        return
    step = a_step(by, model)
    if not isinstance(step, Call):
        change_model(model, step)
        await make_change(step)
        return
    calls = done.get(step.mutation, [])
    expected = answer(model, step)
    found, order, made = await _call(step, f"key-{len(calls)}")  # a refused call leaves its key to the next one
    assert found == expected
    assert order is None or _row(order) == order_row(model.orders[step.number], model.may_ship())
    if not found.errors:
        done[step.mutation] = [*calls, (step, found, made)]


async def _replay(model: Model, first: Done, key: str) -> None:
    call, expected, made = first
    found, order, again = await _call(same_input(call), key)
    assert (found, again) == (expected, made)
    assert order is None or _row(order) == order_row(model.orders[call.number], model.may_ship())
    other, _, _ = await _call(other_input(call), key)
    assert other.errors == [("IDEMPOTENCY_KEY_REUSED", None)]


def test_the_store_says_what_a_plain_model_says(database_url: str) -> None:
    address = parse_address(database_url)

    async def walk(seeds: list[int]) -> None:
        async with database(address):
            await _walk(seeds)

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.integers(0, 2**32), min_size=40, max_size=40))  # a seed a step; 0 is none, so that walks shrink
    def law(seeds: list[int]) -> None:
        asyncio.run(walk(seeds))

    law()


async def test_a_line_that_is_not_reserved_takes_no_place_in_the_queue(db: None) -> None:
    model = await _empty()
    lines = (("A", Decimal(5), None),)
    for step in (
        Items((("east", "A", Decimal(5), True),)),
        Rule("manage_stock", None, "A", value=False),
        Call("placeOrder", "1", lines),
        Rule("manage_stock", None, "A", None),
        Call("placeOrder", "2", lines),
    ):
        if isinstance(step, Call):
            expected = answer(model, step)
            assert (await _call(step, step.number))[0] == expected == Answer()
        else:
            change_model(model, step)
            await make_change(step)
    await _compare(model)
