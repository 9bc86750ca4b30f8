"""Whatever moves while rules change and loops run: what was heard last is what is so, and nothing is heard twice."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal
from random import Random

import pytest

from models.database import reader
from models.sql import fetch
from resolvers.availability.low_stock import low_stock_page
from resolvers.availability.products import products_by_sku
from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.catalogue.stock_upserts import LinkRow, StockRow, upsert_stocks
from resolvers.errors import Refused
from resolvers.notifications import dispatch as dispatching
from resolvers.notifications import survey as surveying
from resolvers.notifications.dispatch import dispatch
from resolvers.notifications.survey import Surveyor
from resolvers.orders import line_survey
from resolvers.orders.line_survey import line_surveyor
from resolvers.orders.order_changes import cancel_order, refund_order, ship_order
from resolvers.orders.order_lock import LineChange
from resolvers.orders.order_search import OrderFilter
from resolvers.orders.orders import order_page
from resolvers.orders.place_order import OrderRequest, place_order
from resolvers.orders.receive_stock import receive_stock
from rules.order import OrderStatus
from rules.quantity import from_units
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey, SettingValue
from tests.catalogues import SKUS, SOURCES, Item, build
from tests.telling import deliveries, endpoint, settle
from tests.worlds import rule

STEPS = 80
WRITERS = 3

Place = tuple[str, str]
"""A SKU, and the stock or source that it is told of."""


async def _sold() -> dict[Place, bool]:
    """Whether each product is in stock, as shoppers see it."""
    found = {}
    for stock, channel in (("default", "default"), ("other", "other")):
        for view in await products_by_sku(SKUS, channel, all_items=False):
            assert view
            found[view.sku, stock] = view.availability.stock_status == "IN_STOCK"
    return found


async def _low() -> set[Place]:
    """The items that are low, as the list of them has it."""
    return {(item.sku, item.source) for item in (await low_stock_page(None, None, 250, None)).nodes}


async def _waiting() -> dict[int, Decimal]:
    """How many units of each open line wait, as it is shown."""
    page = await order_page(OrderFilter(status=OrderStatus.PROCESSING), 250, None)
    assert not page.has_next_page
    lines = [line for order in page.nodes for line in order.lines if line.is_reserved and line.units.open]
    return {line.id: line.coverage.waiting for line in lines}


class Shop:
    """Random steps, each of which may flip something."""

    def __init__(self, by: Random) -> None:
        self._by = by
        self._numbers: list[str] = []

    async def step(self, *, only_moves: bool) -> None:
        """One of them; what the shop refuses changes nothing."""
        kinds: list[Callable[[], Awaitable[object]]] = [
            *(self._count, self._place, self._place, self._place, self._end, self._end, self._receive),
        ]
        others: list[Callable[[], Awaitable[object]]] = [
            *(self._rule, self._rule, self._rule, self._manage, self._source, self._links),
        ]
        with suppress(Refused):
            await self._by.choice(kinds if only_moves else kinds + others)()

    def _key(self) -> str:
        return f"{self._by.getrandbits(64)}"

    async def _count(self) -> None:
        keys = {(self._by.choice(SOURCES), self._by.choice(SKUS)) for _ in range(2)}
        await set_source_items(
            [
                SourceItemRow(source, sku, Decimal(self._by.randint(-1, 8)), self._by.random() < 0.9)
                for source, sku in sorted(keys)
            ]
        )

    async def _place(self) -> None:
        number = self._key()
        lines = [(sku, Decimal(self._by.randint(1, 4))) for sku in self._by.sample(SKUS, 2)]
        await place_order(OrderRequest(number, self._by.choice((None, "other", "second")), lines, number))
        self._numbers.append(number)

    async def _end(self) -> None:
        if not self._numbers:
            return
        number = self._by.choice(self._numbers)
        sku, source = self._by.choice(SKUS), self._by.choice(SOURCES)
        line = LineChange(sku, Decimal(self._by.randint(1, 3)), source)
        match self._by.randrange(4):
            case 0:
                await cancel_order(number, None, self._key())
            case 1:
                await refund_order(number, [line], self._key())
            case _:
                await ship_order(number, [line], self._key())

    async def _receive(self) -> None:
        lines = [(self._by.choice(SKUS), Decimal(self._by.randint(1, 4)))]
        await receive_stock(self._by.choice(SOURCES), lines, self._key())

    async def _rule(self) -> None:
        key = self._by.choice(
            (SettingKey.OUT_OF_STOCK_THRESHOLD, SettingKey.NOTIFY_FOR_QUANTITY_BELOW, SettingKey.BACKORDERS)
        )
        values: list[SettingValue | None] = [None, *(Decimal(number) for number in (0, 2, 4))]
        if key is SettingKey.BACKORDERS:
            values = [None, *BackorderMode]
        source, sku = self._by.choice((None, None, *SOURCES)), self._by.choice((None, None, *SKUS))
        await rule(scope_of(source, sku), {key: self._by.choice(values)})

    async def _manage(self) -> None:
        await rule(
            scope_of(None, self._by.choice(SKUS)), {SettingKey.MANAGE_STOCK: self._by.choice((None, None, False))}
        )

    async def _source(self) -> None:
        await upsert_sources([SourceRow(self._by.choice(SOURCES), None, self._by.random() < 0.7)])

    async def _links(self) -> None:
        sources = self._by.sample(SOURCES, self._by.randint(1, 3))
        links = [LinkRow(source, place) for place, source in enumerate(sorted(sources))]
        await upsert_stocks([StockRow("other", None, links)])


@pytest.mark.parametrize("seed", range(6))
async def test_what_was_heard_last_is_so_and_nothing_is_heard_twice(
    db: None, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveying, "BATCH", 2)
    monkeypatch.setattr(line_survey, "TOLD_AT_ONCE", 2)
    monkeypatch.setattr(dispatching, "MOST_SKUS", 2)
    by = Random(seed)  # noqa: S311  # nothing secret
    await build([Item(sku, source, Decimal(5), True) for sku in SKUS for source in SOURCES], [])
    await settle()
    await endpoint()
    sold, low = await _sold(), await _low()
    shop, is_over = Shop(by), asyncio.Event()

    async def write_all() -> None:
        for step in range(STEPS):  # in the end only goods move: no survey then mends what one before has missed
            await shop.step(only_moves=step > STEPS * 2 // 3)
            await asyncio.sleep(0)

    async def repeat(body: Callable[[], Awaitable[int]]) -> None:
        while not is_over.is_set():
            if not await body():
                await asyncio.sleep(0.002)

    bodies = [
        dispatch,
        dispatch,
        *(survey.run for survey in (Surveyor(), Surveyor(), line_surveyor(), line_surveyor())),
    ]
    loops = [asyncio.create_task(repeat(body)) for body in bodies]
    await asyncio.gather(*(write_all() for _ in range(WRITERS)))
    is_over.set()
    await asyncio.gather(*loops)
    await settle()

    rows = await deliveries()
    for row in rows:
        if row["event"].startswith("product."):
            place, is_in_stock = (row["subject"], row["payload"]["stock"]), row["event"] == "product.back_in_stock"
            assert sold.get(place) is not is_in_stock, (place, row)
            sold[place] = is_in_stock
    assert sold == await _sold()
    assert any(row["event"].startswith("product.") for row in rows)

    # What was told of an open line is what is so of it, and the customer heard of no more units than were told late.
    waiting = await _waiting()
    kept = await fetch(
        reader(), "SELECT id, told_waiting, told_late FROM order_line WHERE is_open = TRUE AND is_reserved"
    )
    assert {row["id"]: from_units(row["told_waiting"]) for row in kept} == waiting
    assert all(row["told_late"] <= row["told_waiting"] for row in kept)
    news = [row for row in rows if row["event"] in ("order.waiting", "backorder.freed")]
    assert all(Decimal(row["payload"].get("uncovered") or row["payload"]["freed"]) > 0 for row in news)
    assert {row["event"] for row in news} == {"order.waiting", "backorder.freed"}

    # Of items only the falls are told; what is kept of both is what is so.
    rows_of_told = await fetch(reader(), "SELECT sku, place FROM told WHERE kind = 'SOURCE' AND is_so = TRUE")
    assert {(row["sku"], row["place"]) for row in rows_of_told} == await _low()
    fallen = {(row["subject"], row["payload"]["source"]) for row in rows if row["event"] == "stock.low"}
    assert await _low() <= low | fallen
    assert fallen
