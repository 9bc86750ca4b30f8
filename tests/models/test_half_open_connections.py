"""Whatever PostgreSQL, or the network before it, leaves unanswered: the wait ends, and what was silent is used no more."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import asyncpg
import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connections

from models.address import DatabaseAddress, parse_address
from models.connections import WRITER, session_settings
from models.database import database, reader, snapshot, transaction
from models.failures import DATABASE_ERRORS, is_away
from models.sessions import Task, connect
from models.silence import Ending, note_silence
from models.sql import fetch
from models.timeouts import Timeouts, UnansweredError
from tests.proxy import DatabaseProxy, proxied

PATIENCE_SECONDS = 60
SHORT = replace(Timeouts.of(1), connect=2, answer=1)
"""Long enough for a busy machine where something is answered, short enough to wait for what is not."""


@pytest.fixture
async def proxy(database_url: str, is_postgresql: bool) -> AsyncIterator[DatabaseProxy | None]:
    """What stands before PostgreSQL; a file has no network before it."""
    if not is_postgresql:
        yield None
        return
    async with proxied(database_url) as proxy:
        yield proxy


def _address(proxy: DatabaseProxy) -> DatabaseAddress:
    return replace(parse_address(proxy.url), timeouts=SHORT, connections=6)


async def _one(client: BaseDBAsyncClient) -> int:
    [row] = await fetch(client, "SELECT 1 AS one")
    return int(row["one"])


async def _read(body: Callable[[BaseDBAsyncClient], Awaitable[int]]) -> int:
    return await body(reader())


async def _add(client: BaseDBAsyncClient, code: str) -> None:
    await fetch(client, "INSERT INTO source (code, name, enabled, search) VALUES ($1, '', true, '')", code)


def _size(client: BaseDBAsyncClient) -> int:
    """How many connections a pool has at most."""
    return int(getattr(client, "pool_maxsize"))  # noqa: B009  # PostgreSQL's client alone has it


async def _sleep(client: BaseDBAsyncClient) -> None:
    await fetch(client, "SELECT pg_sleep(600)")


async def _codes() -> set[str]:
    return {row["code"] for row in await fetch(reader(), "SELECT code FROM source")}


async def test_reads_and_writes_on_forgotten_connections_end_and_the_next_ones_are_answered(
    proxy: DatabaseProxy | None,
) -> None:
    if proxy is None:
        return
    async with asyncio.timeout(PATIENCE_SECONDS), database(_address(proxy)):
        await asyncio.gather(*(snapshot(_one) for _ in range(2)), *(transaction(_one) for _ in range(2)))
        proxy.forget()

        outcomes = await asyncio.gather(
            _one(reader()), snapshot(_one), transaction(_one), transaction(_one), return_exceptions=True
        )

        assert {type(each) for each in outcomes} == {UnansweredError}
        assert all(is_away(each) for each in outcomes if isinstance(each, BaseException))
        assert await _one(reader()) == 1
        assert await snapshot(_one) == 1
        assert await transaction(_one) == 1


async def test_a_write_that_runs_when_its_connection_is_forgotten_is_given_up_once_a_new_one_is_answered(
    proxy: DatabaseProxy | None,
) -> None:
    if proxy is None:
        return

    patient = replace(_address(proxy), timeouts=replace(SHORT, write=600))
    async with asyncio.timeout(PATIENCE_SECONDS), database(patient):
        stuck = [asyncio.create_task(transaction(_sleep)) for _ in range(2)]
        await _until_asleep(proxy, 2)
        proxy.forget()
        with pytest.raises(UnansweredError):
            await snapshot(_one)
        assert await _one(reader()) == 1
        outcomes = await asyncio.gather(*stuck, return_exceptions=True)
        assert all(isinstance(each, BaseException) and is_away(each) for each in outcomes)
        assert await asyncio.gather(*(transaction(_one) for _ in range(2))) == [1, 1]


async def test_a_write_that_began_just_before_the_silence_was_noted_is_given_up_too(
    proxy: DatabaseProxy | None,
) -> None:
    if proxy is None:
        return
    patient = replace(_address(proxy), timeouts=replace(SHORT, write=600, connect=6))
    async with asyncio.timeout(PATIENCE_SECONDS), database(patient):
        assert await _one(reader()) == 1
        stuck = [asyncio.create_task(transaction(_sleep)) for _ in range(2)]
        await _until_asleep(proxy, 2)
        proxy.forget()
        with pytest.raises(UnansweredError):
            await _one(reader())
        assert await _one(reader()) == 1
        assert not any(each.done() for each in stuck)
        outcomes = await asyncio.gather(*stuck, return_exceptions=True)
        assert all(isinstance(each, BaseException) and is_away(each) for each in outcomes)
        assert await asyncio.gather(*(transaction(_one) for _ in range(2))) == [1, 1]


async def test_the_locks_of_a_dropped_connection_are_free_once_a_new_one_is_answered(
    proxy: DatabaseProxy | None,
) -> None:
    if proxy is None:
        return
    # By itself the server would notice after an hour.
    patient = replace(_address(proxy), timeouts=replace(SHORT, write=600, idle=3600, lock=600))
    rename = "UPDATE source SET name = 'Held'"

    async def hold(client: BaseDBAsyncClient) -> None:
        await fetch(client, rename)
        await _sleep(client)

    async with asyncio.timeout(PATIENCE_SECONDS), database(patient):
        stuck = asyncio.create_task(transaction(hold))
        await _until_asleep(proxy, 1)
        proxy.forget()
        with pytest.raises(UnansweredError):
            await _one(reader())
        with pytest.raises(DATABASE_ERRORS):
            await stuck if await _one(reader()) else None
        await transaction(lambda client: fetch(client, rename))


async def test_who_waits_for_a_connection_while_all_are_stuck_is_told_and_the_pool_recovers(
    proxy: DatabaseProxy | None,
) -> None:
    if proxy is None:
        return
    async with asyncio.timeout(PATIENCE_SECONDS), database(_address(proxy)):
        proxy.hold()
        outcomes = await asyncio.gather(*(_one(reader()) for _ in range(20)), return_exceptions=True)
        assert {type(each) for each in outcomes} == {UnansweredError}
        proxy.release()
        assert await asyncio.gather(*(_one(reader()) for _ in range(20))) == [1] * 20


async def test_while_the_server_is_silent_nobody_waits_longer_for_a_connection_than_a_new_one_takes(
    proxy: DatabaseProxy | None,
) -> None:
    if proxy is None:
        return
    patient = replace(_address(proxy), timeouts=replace(SHORT, acquire=3600, write=3600, idle=3600))
    begun, over = asyncio.Semaphore(0), asyncio.Event()

    async def wait(client: BaseDBAsyncClient) -> int:
        begun.release()
        await over.wait()
        return await _one(client)

    async with asyncio.timeout(PATIENCE_SECONDS), database(patient), AsyncExitStack() as stack:
        for _ in range(_size(reader())):
            await stack.enter_async_context(reader().acquire_connection())
        writers = _size(get_connections().get(WRITER))
        writing = [asyncio.create_task(transaction(wait)) for _ in range(writers)]
        for _ in writing:
            await begun.acquire()
        await note_silence(patient.timeouts)
        with pytest.raises(UnansweredError):
            await _one(reader())
        with pytest.raises(UnansweredError):
            await transaction(_one)
        over.set()
        assert await asyncio.gather(*writing) == [1] * writers


async def test_a_commit_that_is_not_answered_is_an_unknown_outcome_and_never_a_hang(
    proxy: DatabaseProxy | None,
) -> None:
    if proxy is None:
        return

    async def add_and_freeze(client: BaseDBAsyncClient) -> None:
        await _add(client, "frozen")
        proxy.hold()

    async with asyncio.timeout(PATIENCE_SECONDS), database(_address(proxy)):
        with pytest.raises(UnansweredError):
            await transaction(add_and_freeze)
        proxy.release()
        await transaction(lambda client: _add(client, "later"))
        assert "later" in await _codes()


async def test_a_process_ends_though_the_database_is_silent(
    proxy: DatabaseProxy | None, caplog: pytest.LogCaptureFixture
) -> None:
    if proxy is None:
        return
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with database(_address(proxy)):
            await _one(reader())
            proxy.hold()
            stuck = asyncio.create_task(transaction(_one))
            await asyncio.sleep(0.1)
        with pytest.raises((UnansweredError, asyncio.CancelledError)):
            await stuck
    assert "broken off" in caplog.text


async def test_what_waits_when_a_process_ends_is_given_up_whatever_it_was_allowed(
    proxy: DatabaseProxy | None, caplog: pytest.LogCaptureFixture
) -> None:
    if proxy is None:
        return
    patient = replace(_address(proxy), timeouts=replace(SHORT, read=600))
    async with asyncio.timeout(PATIENCE_SECONDS), database(patient):
        reading = asyncio.create_task(fetch(reader(), "SELECT pg_sleep(600)"))
        await _until_asleep(proxy, 1)
        proxy.hold()
        ending = Ending(patient.timeouts)
        ending.begin()
        with pytest.raises(asyncpg.PostgresConnectionError):
            await reading
        ending.over()
    assert "given up, since the process ends: 1" in caplog.text


async def test_a_statement_whose_caller_left_is_cancelled_though_nobody_confirms_it(
    proxy: DatabaseProxy | None,
) -> None:
    if proxy is None:
        return

    async def leave() -> None:
        asking = [asyncio.create_task(fetch(reader(), "SELECT pg_sleep(60)")) for _ in range(2)]
        await _until_asleep(proxy, 2)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    patient = replace(_address(proxy), timeouts=replace(SHORT, read=60))
    async with asyncio.timeout(PATIENCE_SECONDS), database(patient):
        await leave()
        await _until_asleep(proxy, 0)
        proxy.hold()
        silent = [asyncio.create_task(_one(reader())) for _ in range(2)]
        await asyncio.sleep(0.1)
        for task in silent:
            task.cancel()
        await asyncio.gather(*silent, return_exceptions=True)
        proxy.release()
        assert await asyncio.gather(*(_one(reader()) for _ in range(4))) == [1] * 4


async def _until_asleep(proxy: DatabaseProxy, number: int) -> None:
    """Wait until so many statements of this database sleep on the server, seen past the proxy."""
    admin = await asyncpg.connect(**parse_address(proxy.server_url).credentials)
    try:
        sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        while await admin.fetchval(sql) != number:  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.02)
    finally:
        await admin.close()


async def test_a_process_that_is_frozen_in_a_transaction_gives_its_locks_back(proxy: DatabaseProxy | None) -> None:
    if proxy is None:
        return
    address = replace(_address(proxy), timeouts=replace(SHORT, idle=0.5, lock=60, write=60))
    rename = "UPDATE source SET name = 'Frozen'"
    async with asyncio.timeout(PATIENCE_SECONDS), database(address):
        frozen = await connect(session_settings(address, Task.WRITE))
        await frozen.execute(f"BEGIN; {rename}")
        await transaction(lambda client: fetch(client, rename))  # it waits until the server has ended the other
        with pytest.raises(DATABASE_ERRORS):
            await frozen.execute("COMMIT")


async def test_a_restarted_server_is_used_again_at_once(proxy: DatabaseProxy | None) -> None:
    if proxy is None:
        return
    async with asyncio.timeout(PATIENCE_SECONDS), database(_address(proxy)):
        await asyncio.gather(snapshot(_one), transaction(_one))
        proxy.cut()
        await asyncio.sleep(0.1)
        assert await asyncio.gather(*(ask(_one) for ask in (_read, snapshot, transaction))) == [1, 1, 1]
