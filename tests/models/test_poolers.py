"""Behind a pooler: who waits for a session doubts nobody else's, and no request to cancel is broken off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from tortoise.transactions import in_transaction

from models.address import DatabaseAddress, parse_address
from models.connections import READER
from models.database import Client, database, reader, snapshot, transaction
from models.listening import Listening
from models.sessions import Session
from models.silence import longest_turn
from models.sql import fetch
from models.timeouts import Timeouts, UnansweredError
from tests.pgbouncer import SESSIONS, pgbouncer
from tests.proxy import DatabaseProxy, proxied

PATIENCE_SECONDS = 60
SHORT = replace(Timeouts.of(1), connect=10, answer=1)
PATIENT = {"cancel": float(PATIENCE_SECONDS), "close": float(PATIENCE_SECONDS)}
WAITING = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
async def admin(database_url: str, is_postgresql: bool) -> AsyncIterator[asyncpg.Connection | None]:
    """A session past the pooler."""
    if not is_postgresql:
        yield None
        return
    admin = await asyncpg.connect(**parse_address(database_url).credentials)
    yield admin
    await admin.close()


@pytest.fixture
async def proxy(database_url: str, is_postgresql: bool) -> AsyncIterator[DatabaseProxy | None]:
    """What stands before PostgreSQL."""
    if not is_postgresql:
        yield None
        return
    async with proxied(database_url) as proxy:
        yield proxy


def _pooled(url: str, **timeouts: float) -> DatabaseAddress:
    return replace(parse_address(url), is_pooled=True, timeouts=replace(SHORT, **timeouts))


async def _read(client: Client) -> None:
    await fetch(client, "SELECT 1 AS one")


async def _read_alone() -> None:
    await _read(reader())


async def _read_in_a_transaction() -> None:
    async with in_transaction(READER) as client:
        await _read(client)


async def test_who_waits_for_a_session_of_the_pooler_ends_nobody_who_has_one(
    database_url: str, admin: asyncpg.Connection | None
) -> None:
    if admin is None:
        return

    async def wait(client: Client) -> None:
        await fetch(client, "SELECT pg_advisory_xact_lock(7)")

    with pgbouncer(database_url) as url:
        address = replace(_pooled(url, acquire=3, lock=600, write=600), connections=8 * SESSIONS)
        async with asyncio.timeout(PATIENCE_SECONDS), database(address):
            await admin.execute("SELECT pg_advisory_lock(7)")
            writing = [asyncio.create_task(transaction(wait)) for _ in range(SESSIONS)]
            while await admin.fetchval(WAITING) != SESSIONS:  # noqa: ASYNC110  # the database tells nobody
                await asyncio.sleep(0.02)
            with pytest.raises(UnansweredError):
                await _read_alone()
            assert longest_turn() is None
            await admin.execute("SELECT pg_advisory_unlock(7)")
            await asyncio.gather(*writing, _read_alone())


async def test_a_pooler_of_which_nobody_has_said_anything_is_told_by_its_setting(
    database_url: str, is_postgresql: bool
) -> None:
    if not is_postgresql:
        return
    with pgbouncer(database_url) as url, pytest.raises(ValueError, match="set SALABLE_DATABASE_POOLER=transaction"):
        async with database(parse_address(url)):
            pass


async def test_a_listener_that_is_lost_past_the_pooler_says_nothing_of_those_behind_it(
    database_url: str, proxy: DatabaseProxy | None, caplog: pytest.LogCaptureFixture
) -> None:
    if proxy is None:
        return
    address = replace(_pooled(database_url, heartbeat=0.2), direct=parse_address(proxy.url).credentials)
    heard = asyncio.Event()
    async with asyncio.timeout(PATIENCE_SECONDS), database(address), Listening(address, heard.set):
        await heard.wait()
        proxy.hold()
        while "listening waits for the database" not in caplog.text:  # noqa: ASYNC110  # it is a log
            await asyncio.sleep(0.02)
        assert longest_turn() is None


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What became of the requests to cancel a statement."""
    cancel: Callable[..., Awaitable[None]] = asyncpg.connect_utils._cancel  # type: ignore[attr-defined]  # asyncpg's own
    outcomes: list[str] = []

    async def noted(**arguments: Any) -> None:
        try:
            await cancel(**arguments)
        except asyncio.CancelledError:
            outcomes.append("broken off")
            raise
        outcomes.append("answered")

    monkeypatch.setattr(asyncpg.connect_utils, "_cancel", noted)
    return outcomes


@pytest.mark.parametrize("read", [_read_alone, _read_in_a_transaction])
async def test_a_transaction_that_is_cancelled_as_it_begins_or_ends_keeps_its_connection(
    proxy: DatabaseProxy | None,
    requests: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    read: Callable[[], Awaitable[None]],
) -> None:
    if proxy is None:
        return
    async with asyncio.timeout(PATIENCE_SECONDS), database(_pooled(proxy.url, **PATIENT)):
        await read()
        [one] = _sessions()
        for statement in ("BEGIN;", "COMMIT;"):
            requests.clear()
            with monkeypatch.context() as patched:
                patched.setattr(Session, "execute", _left_at(statement, proxy))
                reading = asyncio.create_task(_run(read))
                while not requests and not reading.done():  # noqa: ASYNC110  # of asyncpg's
                    await asyncio.sleep(0.02)
                proxy.release()
                with pytest.raises(asyncio.CancelledError):
                    await reading
            assert requests == ["answered"]
            assert _sessions() == [one]
            await snapshot(_read)
    assert "active transaction" not in caplog.text


def _left_at(statement: str, proxy: DatabaseProxy) -> Callable[..., Awaitable[str]]:
    """A session's `execute` for a caller who leaves once this statement is sent, before it is answered."""
    execute = Session.execute

    async def left(self: Session, query: str, *arguments: Any, **named: Any) -> str:
        task = asyncio.current_task()
        if query == statement and task is not None:
            proxy.hold(new=False)  # the request to cancel comes by a new connection
            asyncio.get_running_loop().call_soon(task.cancel)
        return await execute(self, query, *arguments, **named)

    return left


async def test_a_statement_that_misses_its_deadline_is_cancelled_before_its_connection_is_closed(
    database_url: str, is_postgresql: bool, requests: list[str]
) -> None:
    if not is_postgresql:
        return

    async def sleep(client: Client) -> None:
        await fetch(client, "SET LOCAL statement_timeout = 0")
        await fetch(client, "SELECT pg_sleep(600)")

    async with asyncio.timeout(PATIENCE_SECONDS), database(_pooled(database_url, **PATIENT)):
        with pytest.raises(UnansweredError):
            await snapshot(sleep)
        assert requests == ["answered"]
        await _read_alone()


async def _run(read: Callable[[], Awaitable[None]]) -> None:
    await read()


def _sessions() -> list[Session]:
    """The sessions of those who read."""
    sessions: list[Session] = getattr(reader(), "sessions")()  # noqa: B009  # PostgreSQL's client alone has it
    return sessions
