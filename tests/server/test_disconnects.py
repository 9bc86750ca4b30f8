"""Callers whose connection breaks in the middle of a mutation: the service goes on, and nothing is done by half."""

import asyncio
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import orjson

from models.database import Client, reader, snapshot
from models.sql import fetch
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import AS_ADMIN
from tests.orders import ORDER, PLACE, line, order, place
from tests.server.crowd import assert_books_agree, client, service, sums
from tests.worlds import rule, stock_up

DISCONNECTS = 200
SKUS = ("A", "B", "C")
LINES = [line(sku, quantity) for quantity, sku in enumerate(SKUS, start=1)]


def _request(url: str, number: str) -> bytes:
    asked = {"number": number, "lines": LINES, "idempotencyKey": f"key of {number}"}
    body = orjson.dumps({"query": ORDER + PLACE, "variables": {"input": asked}})
    headers = {"Host": urlsplit(url).netloc, "Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = ["POST /graphql HTTP/1.1", *(f"{name}: {value}" for name, value in (headers | AS_ADMIN).items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _break_off(url: str, number: str, sent: float, wait: float) -> None:
    """Send this part of a request, wait, and reset the connection, whatever the service does by then."""
    parts = urlsplit(url)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    request = _request(url, number)
    writer.write(request[: int(len(request) * sent)])
    await writer.drain()
    await asyncio.sleep(wait)
    writer.transport.abort()


async def test_200_broken_connections_and_every_order_is_whole_or_not_there(
    tmp_path: Path, database_url: str, db: None
) -> None:
    await stock_up({sku: {"north": 10} for sku in SKUS})
    await rule(scope_of(None, None), {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    chance = Random(7)  # noqa: S311  # when to go away needs no secrecy
    with service(tmp_path / "service", database_url) as running:
        async with client(running.url) as api:
            for batch in range(0, DISCONNECTS, 10):
                numbers = range(batch, batch + 10)
                sent = {number: 1 if number % 5 else chance.random() for number in numbers}
                breaking = [
                    _break_off(running.url, str(number), sent[number], chance.uniform(0, 0.001 * (number % 40)))
                    for number in numbers
                ]
                _, answered = await asyncio.gather(
                    asyncio.gather(*breaking), place(api, f"stays-{batch}", LINES, f"stays {batch}")
                )
                assert answered["userErrors"] == []

            await snapshot(_assert_whole_or_nothing)
            placed = {str(row["number"]) for row in await fetch(reader(), "SELECT number FROM sales_order")}
            broken = {str(number) for number in range(DISCONNECTS)}
            assert broken & placed, "some orders are placed though nobody waits for the answer"
            assert broken - placed, "what was cut off in the middle of a request is none"
            await assert_books_agree(api)

            for number in sorted(broken):
                answer = await place(api, number, LINES, f"key of {number}")
                assert answer["userErrors"] == []
                assert answer["order"] == await order(api, number)
            await snapshot(_assert_whole_or_nothing)
            each = DISCONNECTS + DISCONNECTS // 10
            assert await sums("ordered") == {sku: quantity * each for quantity, sku in enumerate(SKUS, start=1)}
            await assert_books_agree(api)
        running.stop()
        assert "Traceback" not in running.output()


async def _assert_whole_or_nothing(client: Client) -> None:
    """Every order has all of its lines, its reservations, its remembered call and, where late, its one event."""
    rows = await fetch(
        client,
        """
        SELECT o.number, (SELECT COUNT(*) FROM order_line l WHERE l.order_id = o.id) AS lines,
            (SELECT COUNT(*) FROM reservation r WHERE r.order_number = o.number) AS reservations,
            (SELECT COUNT(*) FROM order_line l WHERE l.order_id = o.id AND l.late_at_placement > 0) AS late,
            (SELECT COUNT(*) FROM outbox b WHERE b.subject = o.number AND b.event = 'order.backordered') AS told
        FROM sales_order o
        """,
    )
    for row in rows:
        assert (row["lines"], row["reservations"]) == (len(SKUS), len(SKUS)), row
        assert row["told"] == min(row["late"], 1), row
    orders = {row["number"] for row in rows}
    calls = await fetch(client, "SELECT facts FROM call WHERE mutation = 'placeOrder'")
    assert {orjson.loads(row["facts"])["number"] for row in calls} == orders
    assert len(calls) == len(orders)
    told = await fetch(client, "SELECT subject FROM outbox WHERE event LIKE 'order.%'")
    assert {row["subject"] for row in told} <= orders
