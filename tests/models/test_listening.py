"""Hearing of changes: over connections that fall silent, and beside poolers that keep no session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest

from models.address import DatabaseAddress, parse_address
from models.database import Client, database, transaction
from models.listening import CHANNEL, Listening, announcing
from models.sql import fetch
from models.supervision import troubles
from models.timeouts import Timeouts
from tests.pgbouncer import pgbouncer
from tests.proxy import proxied
from tests.server.loops import until
from tests.statements import counted_statements
from tests.telling import write

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
    assert "listening waits for the database" in caplog.text


async def test_a_listener_that_is_refused_is_a_trouble_until_it_listens(
    database_url: str, is_postgresql: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if not is_postgresql:
        return
    async with proxied(database_url) as proxy:
        through = parse_address(proxy.url)
    well = parse_address(database_url)
    async with database(well):
        async with Listening(replace(well, is_pooled=True, direct=through.credentials), lambda: None):
            await until(lambda: bool(troubles()))
            (trouble,) = troubles()
            assert (trouble.part, trouble.wrong) == ("listening", "waits for the database")
        assert "listening waits for the database" in caplog.text
        heard = asyncio.Event()
        async with Listening(well, heard.set):
            await heard.wait()
            assert troubles() == []


async def test_a_listener_that_looks_says_that_it_cannot(
    db: None, is_postgresql: bool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, heard = replace(parse_address(database_url), is_pooled=is_postgresql), asyncio.Event()
    asked = Listening._data_version

    async def refused(_listening: Listening) -> int:
        raise ConnectionRefusedError("nobody is there")

    monkeypatch.setattr(Listening, "_data_version", refused)
    async with Listening(address, heard.set):
        await until(lambda: [each.wrong for each in troubles()] == ["waits for the database"])
        monkeypatch.setattr(Listening, "_data_version", asked)
        await heard.wait()
        await until(lambda: not troubles())


async def test_what_could_not_be_announced_is_announced_later(
    db: None, database_url: str, is_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_postgresql:
        return

    def away() -> Client:
        raise ConnectionRefusedError("nobody is there")

    announced = asyncio.Event()
    address = parse_address(database_url)
    listening = await asyncpg.connect(**address.credentials)
    try:
        await listening.add_listener(CHANNEL, lambda *_: announced.set())
        async with announcing(address):
            with monkeypatch.context() as lost:
                lost.setattr("models.listening.reader", away)
                await write("UPDATE source SET name = 'Another'")
                await until(lambda: [each.part for each in troubles()] == ["announcing"])
            await until(announced.is_set)
    finally:
        await listening.close()


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


async def test_without_a_session_a_transaction_is_heard_that_is_over_after_younger_ones(
    database_url: str, is_postgresql: bool
) -> None:
    if not is_postgresql:
        return
    heard = asyncio.Event()
    address = replace(parse_address(database_url), is_pooled=True)
    older = await asyncpg.connect(**address.credentials)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), database(address), Listening(address, heard.set) as listening:
            async with older.transaction():
                await older.execute("UPDATE source SET name = 'Older'")
                await _change(database_url, "UPDATE stock SET name = 'Younger'")
                await listening.before_reading()
                heard.clear()
            await heard.wait()
    finally:
        await older.close()


async def test_what_was_read_after_a_commit_of_ones_own_is_not_heard_again(
    database_url: str, is_postgresql: bool
) -> None:
    if is_postgresql:  # it tells whose a notification is
        return

    async def rename(client: Client) -> None:
        await fetch(client, "UPDATE source SET name = 'Another'")

    heard = asyncio.Event()
    address = parse_address(database_url)
    async with asyncio.timeout(PATIENCE_SECONDS), database(address), Listening(address, heard.set) as listening:
        await transaction(rename)
        assert heard.is_set()
        await listening.before_reading()
        heard.clear()
        with counted_statements() as seen:
            while sum("data_version" in sql for sql in seen) < 2:  # noqa: ASYNC110  # statements tell nobody
                await asyncio.sleep(0.01)
        assert not heard.is_set()
