"""The whole service before a PostgreSQL that is silent, full or gone: callers are told, and it is well again by itself."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from models.address import parse_address
from server.app import create_app
from server.settings import Settings
from tests.client import ADMIN_TOKEN, Api
from tests.orders import ORDER, PLACE, line
from tests.proxy import proxied
from tests.worlds import stock_up

PATIENCE_SECONDS = 90
SOURCES = "{ sources { nodes { code } } }"
PRODUCTS = '{ productsBySku(skus: ["A"]) { sku } }'


@asynccontextmanager
async def _shop(url: str, **settings: Any) -> AsyncIterator[Api]:
    given = {
        "database_url": url,
        "admin_token": ADMIN_TOKEN,
        "database_seconds": 2,
        "database_connections": 8,
        **settings,
    }
    app = create_app(Settings.model_validate(given))
    async with app.router.lifespan_context(app), Api.of(app) as api:
        yield api


async def test_while_the_database_is_silent_callers_are_told_and_a_retry_has_one_effect(
    database_url: str, is_postgresql: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if not is_postgresql:
        return
    order = {"input": {"number": "1", "lines": [line("A", 2)], "idempotencyKey": "k"}}
    async with asyncio.timeout(PATIENCE_SECONDS), proxied(database_url) as proxy, _shop(proxy.url) as api:
        await stock_up({"A": {"north": 10}})
        proxy.hold()
        caplog.clear()
        codes = await asyncio.gather(api.code(SOURCES), api.code(ORDER + PLACE, order))
        not_ready = await api.http.get("/readyz")
        assert set(codes) == {"DATABASE_UNAVAILABLE"}
        assert not_ready.status_code == 503
        assert not [record for record in caplog.records if record.exc_info]
        proxy.release()

        placed = (await api.data(ORDER + PLACE, order))["placeOrder"]
        again = (await api.data(ORDER + PLACE, order))["placeOrder"]

        assert placed["userErrors"] == []
        assert again == placed
        assert (await api.data('{ product(sku: "A") { salableQty } }'))["product"]["salableQty"] == 8
        while (await api.http.get("/readyz")).status_code != 200:  # noqa: ASYNC110  # it keeps what it found for a moment
            await asyncio.sleep(0.1)


async def test_a_service_that_delivers_and_pushes_ends_though_the_database_is_silent(
    database_url: str, is_postgresql: bool
) -> None:
    if not is_postgresql:
        return
    async with asyncio.timeout(PATIENCE_SECONDS), proxied(database_url) as proxy:
        async with _shop(proxy.url) as api:
            assert await api.data(SOURCES)
            proxy.hold()
            asking = [asyncio.create_task(api.ask(SOURCES)) for _ in range(8)]
            await asyncio.sleep(0.2)
        await asyncio.gather(*asking, return_exceptions=True)


async def test_without_connections_callers_are_told_and_it_is_well_once_there_are_some(
    database_url: str, is_postgresql: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if not is_postgresql:
        return
    address = parse_address(database_url)
    role = f"role_{uuid4().hex}"
    admin = await asyncpg.connect(**address.credentials)
    try:
        await admin.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 3")
        await admin.execute(f"GRANT pg_read_all_data, pg_write_all_data TO {role}")
        url = database_url.replace("postgres@", f"{role}@")
        async with _shop(url, deliver=False) as api:
            with caplog.at_level(logging.ERROR):
                answers = await asyncio.gather(*(api.ask(PRODUCTS) for _ in range(20)))
            errors = [error for answer in answers for error in answer.get("errors", [])]
            assert {error["extensions"]["code"] for error in errors} == {"DATABASE_UNAVAILABLE"}
            assert "too many connections" in caplog.text
            await admin.execute(f"ALTER ROLE {role} CONNECTION LIMIT 50")
            await asyncio.gather(*(api.data(PRODUCTS) for _ in range(20)))
    finally:
        await admin.execute(f"DROP OWNED BY {role}")
        await admin.execute(f"DROP ROLE {role}")
        await admin.close()
