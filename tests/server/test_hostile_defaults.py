"""What a hand in PostgreSQL, or a pooler before it, may set: every session is as we need it all the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import asyncpg
import pytest
from tortoise.backends.base.client import BaseDBAsyncClient

from models.address import parse_address
from models.database import reader, transaction
from models.sql import fetch
from server.app import create_app
from server.settings import Settings
from tests.client import ADMIN_TOKEN, Api
from tests.orders import line, place
from tests.pgbouncer import pgbouncer
from tests.server.crowd import assert_books_agree, sums
from tests.worlds import stock_up

HOSTILE = {
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "TimeZone": "Asia/Kathmandu",
    "DateStyle": "German, DMY",
    "IntervalStyle": "iso_8601",
    "search_path": "nowhere",
    "standard_conforming_strings": "off",
    "bytea_output": "escape",
    "transform_null_equals": "on",
    "synchronous_commit": "off",
    "statement_timeout": "300ms",
    "lock_timeout": "5ms",
    "idle_in_transaction_session_timeout": "300ms",
    "transaction_timeout": "300ms",
}
POOLED = ["direct", "pgbouncer"]


async def _alter(database_url: str, settings: dict[str, str]) -> None:
    admin = await asyncpg.connect(**parse_address(database_url).credentials)
    try:
        [[name]] = await admin.fetch("SELECT current_database()")
        for setting, value in settings.items():
            given = value if setting in {"search_path", "DateStyle"} else f"'{value}'"
            await admin.execute(f'ALTER DATABASE "{name}" SET {setting} = {given}')
    finally:
        await admin.close()


@asynccontextmanager
async def _shop(url: str, **settings: Any) -> AsyncIterator[Api]:
    given = {"database_url": url, "admin_token": ADMIN_TOKEN, "deliver": False, **settings}
    app = create_app(Settings.model_validate(given))
    async with app.router.lifespan_context(app), Api.of(app) as api:
        yield api


@asynccontextmanager
async def _hostile_shop(database_url: str, way: str, **hostile: str) -> AsyncIterator[Api]:
    """A shop on a database whose defaults are hostile, with a pooler before it or without."""
    await _alter(database_url, hostile)
    if way == "direct":
        async with _shop(database_url) as api:
            yield api
        return
    with pgbouncer(database_url) as url:
        async with _shop(url, database_pooler="transaction") as api:
            yield api


async def _race(api: Api) -> None:
    """A crowd that buys more than there is, by as many connections as there are."""
    await stock_up({sku: {"north": 9, "south": 6} for sku in ("A", "B")})

    async def buy(buyer: int) -> int:
        chance = Random(buyer)  # noqa: S311  # what to buy needs no secrecy
        lines = [line(sku, chance.randint(1, 2)) for sku in chance.sample(("A", "B"), chance.randint(1, 2))]
        answer = await place(api, str(buyer), lines)
        assert {error["code"] for error in answer["userErrors"]} <= {"NOT_SALABLE"}
        return int(answer["order"] is None)

    refused = sum(await asyncio.gather(*(buy(buyer) for buyer in range(40))))

    assert refused > 0
    sold = await sums("ordered")
    assert all(14 <= sold[sku] <= 15 for sku in ("A", "B")), sold
    await assert_books_agree(api)


@pytest.mark.parametrize("way", POOLED)
@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
async def test_the_last_unit_is_sold_once_whatever_isolation_the_database_prefers(
    database_url: str, is_postgresql: bool, way: str, isolation: str
) -> None:
    if not is_postgresql:  # a file has no defaults of its own
        return
    async with _hostile_shop(database_url, way, default_transaction_isolation=isolation) as api:
        await _race(api)


@pytest.mark.parametrize("way", POOLED)
async def test_no_default_of_the_database_reaches_a_statement(database_url: str, is_postgresql: bool, way: str) -> None:
    if not is_postgresql:
        return

    async def slow(client: BaseDBAsyncClient) -> None:
        await fetch(client, "SELECT pg_sleep(0.4)")
        await asyncio.sleep(0.4)
        [row] = await fetch(client, "SELECT current_setting('synchronous_commit') AS is_durable")
        assert row["is_durable"] == "on"

    async with _hostile_shop(database_url, way, **HOSTILE) as api:
        _, [row] = await asyncio.gather(
            transaction(slow),
            fetch(reader(), "SELECT now()::text AS instant, NULL = NULL AS nothing, E'\\x5c' AS slash, '\\' AS plain"),
        )
        assert (row["instant"][-3:], row["nothing"], row["slash"] == row["plain"]) == ("+00", None, True)
        await _race(api)
