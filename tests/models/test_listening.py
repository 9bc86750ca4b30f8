"""Hearing of changes: over connections that fall silent, and beside poolers that keep no session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest

from models.address import DatabaseAddress, parse_address
from models.database import database
from models.listening import CHANNEL, Listening
from models.timeouts import Timeouts
from tests.pgbouncer import pgbouncer
from tests.proxy import proxied

PATIENCE_SECONDS = 60


@asynccontextmanager
async def _listening(address: DatabaseAddress) -> AsyncIterator[asyncio.Event]:
    """An event that is set whenever a change is heard of."""
    heard = asyncio.Event()
    async with asyncio.timeout(PATIENCE_SECONDS), database(address), Listening(address, heard.set):
        yield heard


async def _change(database_url: str, sql: str) -> None:
    other = await asyncpg.connect(**parse_address(database_url).credentials)
    try:
        await other.execute(sql)
    finally:
        await other.close()


async def test_a_listener_whose_connection_is_forgotten_notices_and_listens_by_another(
    database_url: str, is_postgresql: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if not is_postgresql:
        return
    async with proxied(database_url) as proxy:
        address = replace(parse_address(proxy.url), timeouts=replace(Timeouts.of(2), heartbeat=1))
        async with _listening(address) as heard:
            await heard.wait()  # it listens
            heard.clear()
            proxy.forget()
            await heard.wait()  # it listens anew, and may have missed something
            heard.clear()
            await _change(database_url, f"NOTIFY {CHANNEL}, 'another process'")
            await heard.wait()
    assert "the connection that hears of changes is lost" in caplog.text


@pytest.mark.parametrize("is_direct_known", [True, False])
async def test_beside_a_pooler_changes_are_heard_past_it_or_else_looked_for(
    database_url: str, is_postgresql: bool, is_direct_known: bool
) -> None:
    if not is_postgresql:
        return
    with pgbouncer(database_url) as url:
        direct = parse_address(database_url).credentials if is_direct_known else None
        async with _listening(replace(parse_address(url), is_pooled=True, direct=direct)) as heard:
            await heard.wait()
            heard.clear()
            await _change(
                database_url,
                f"NOTIFY {CHANNEL}, 'another process'" if is_direct_known else "UPDATE source SET name = 'Another'",
            )
            await heard.wait()
