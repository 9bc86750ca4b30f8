"""Processes killed in the middle of a run: what was answered is there, what was not is done once by a retry."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import httpx

from models.database import reader
from models.sql import fetch
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import Api
from tests.orders import Payload, cancel, line, place, receive, ship
from tests.server.crowd import assert_books_agree, client, service, sums
from tests.server.process import PATIENCE_SECONDS, Service
from tests.stored import items
from tests.worlds import rule, stock_up

BUYERS = 24
ORDERS = 6
KILLS = 3
BETWEEN_KILLS = 40
ON_HAND = 180
SKUS = ("A", "B")


@dataclass
class Crowd:
    """Buyers who repeat a call with its key until it is answered, wherever the service is by then."""

    shop: Callable[[], Api]
    unanswered: int = 0
    answered: int = 0
    orders: dict[str, Payload] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    shipped: set[str] = field(default_factory=set)
    canceled: set[str] = field(default_factory=set)
    received: Counter[str] = field(default_factory=Counter)
    _answers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def run(self) -> None:
        """Let them all live."""
        await asyncio.gather(*(self._live(buyer) for buyer in range(BUYERS)))

    async def live_on(self) -> None:
        """Wait until they have had some more answers."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            for _ in range(BETWEEN_KILLS):
                await self._answers.acquire()

    async def _call(self, call: Callable[[Api], Awaitable[Payload]]) -> Payload:
        while True:
            try:
                answer = await call(self.shop())
            except httpx.TransportError:
                self.unanswered += 1
                await asyncio.sleep(0.05)
                continue
            assert answer["userErrors"] == [], answer
            self.answered += 1
            self._answers.release()
            return answer

    async def _live(self, buyer: int) -> None:
        chance = Random(buyer)  # noqa: S311  # what to do needs no secrecy
        for attempt in range(ORDERS):
            number, lines = f"{buyer}-{attempt}", [line(sku, chance.randint(1, 3)) for sku in SKUS]
            placed = await self._call(partial(place, number=number, lines=lines, key=f"place {number}"))
            self.orders[number] = placed["order"]
            if any(each["backorderedQtyAtPlacement"] for each in placed["order"]["lines"]):
                self.late.add(number)
            then = chance.random()
            if then < 0.25:
                self.canceled.add(number)
                await self._call(partial(cancel, number=number, key=f"cancel {number}"))
            elif then < 0.5:
                sku = chance.choice(SKUS)
                self.received[sku] += 1
                arriving = [line(sku, 1)]
                await self._call(partial(receive, source="south", lines=arriving, key=f"receive {number}"))
            elif placed["order"]["lines"][0]["backorderedQty"] == 0:
                self.shipped.add(number)
                leaving = [line("A", 1, source="north")]
                await self._call(partial(ship, number=number, lines=leaving, key=f"ship {number}"))


async def _stock() -> None:
    await stock_up({sku: {"north": ON_HAND, "south": 0} for sku in SKUS})
    await rule(scope_of(None, None), {SettingKey.BACKORDERS: BackorderMode.ALLOW})


async def _assert_whole(api: Api, crowd: Crowd) -> None:
    assert crowd.unanswered > 0
    rows = await fetch(
        reader(), "SELECT o.number, l.sku, l.ordered FROM sales_order o LEFT JOIN order_line l ON l.order_id = o.id"
    )
    stored = sorted((row["number"], row["sku"], row["ordered"] // 10_000) for row in rows)
    assert stored == sorted(
        (number, each["sku"], each["orderedQty"]) for number, order in crowd.orders.items() for each in order["lines"]
    )
    assert len(crowd.orders) == BUYERS * ORDERS
    told = {
        event: Counter(
            row["subject"] for row in await fetch(reader(), "SELECT subject FROM outbox WHERE event = $1", event)
        )
        for event in ("order.backordered", "order.shipped", "order.canceled")
    }
    assert told == {
        "order.backordered": Counter(crowd.late),
        "order.shipped": Counter(crowd.shipped),
        "order.canceled": Counter(crowd.canceled),
    }
    held, shipped = await items(), await sums("shipped")
    assert shipped == {"A": len(crowd.shipped), "B": 0}
    assert {sku: held["south", sku][0] for sku in SKUS} == crowd.received
    assert {sku: held["north", sku][0] for sku in SKUS} == {sku: ON_HAND - shipped[sku] for sku in SKUS}
    kept = [row["facts"] for row in await fetch(reader(), "SELECT facts FROM call")]
    assert len(kept) == crowd.answered
    assert "" not in kept
    await assert_books_agree(api)


async def test_a_killed_service_loses_nothing_that_it_answered(tmp_path: Path, database_url: str, db: None) -> None:
    await _stock()
    async with AsyncExitStack() as stack:
        services: list[Service] = []
        shops: list[Api] = []

        async def start() -> None:
            folder = tmp_path / str(len(services))
            services.append(await asyncio.to_thread(stack.enter_context, service(folder, database_url)))
            shops.append(await stack.enter_async_context(client(services[-1].url)))

        await start()
        crowd = Crowd(lambda: shops[-1])
        running = asyncio.create_task(crowd.run())
        for _ in range(KILLS):
            await crowd.live_on()
            assert not running.done()
            assert services[-1].stop(signal.SIGKILL) == -signal.SIGKILL
            await start()
        await running
        await _assert_whole(shops[-1], crowd)
        assert not any("Traceback" in each.output() for each in services)


async def test_a_killed_worker_is_replaced_and_loses_nothing(tmp_path: Path, database_url: str, db: None) -> None:
    await _stock()
    with service(tmp_path / "workers", database_url, "--workers", "2") as running_service:
        try:
            async with client(running_service.url) as api:
                crowd = Crowd(lambda: api)
                running = asyncio.create_task(crowd.run())
                for _ in range(KILLS):
                    await crowd.live_on()
                    assert not running.done()
                    os.kill(_workers(running_service)[0], signal.SIGKILL)
                await running
                await _assert_whole(api, crowd)
            assert "Traceback" not in running_service.output()
        finally:
            running_service.stop()


def _workers(running: Service) -> list[int]:
    """The processes that answer for a service, oldest first."""
    pid = running.process.pid
    children = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [each for each in children if "spawn_main" in Path(f"/proc/{each}/cmdline").read_text()]
