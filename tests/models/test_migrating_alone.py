"""Whoever migrates is alone at it: who waits for that says for whom, and a database that falls silent ends the wait."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import asyncpg
import pytest
from filelock import FileLock

from models import concurrent_index, migration
from models.address import parse_address
from models.connections import session_settings
from models.database import database
from models.migration import MigrationBlocked, Patience, migrate, pending_migrations
from models.sessions import SILENT_SECONDS, Task, connect
from models.timeouts import Timeouts, UnansweredError
from tests.proxy import proxied

PATIENCE_SECONDS = 60
LOCK = f"SELECT pg_advisory_lock({migration._ADVISORY_LOCK})"


async def test_who_waits_for_another_one_that_migrates_says_for_whom(
    empty_database_url: str, is_postgresql: bool
) -> None:
    address = parse_address(empty_database_url)
    said: list[str] = []

    async def until_said() -> None:
        while not said:  # noqa: ASYNC110  # it says something by and by
            await asyncio.sleep(0.02)

    async with asyncio.timeout(PATIENCE_SECONDS), database(address):
        if is_postgresql:
            other = await asyncpg.connect(**address.credentials, server_settings={"application_name": "the other"})
            await other.execute(LOCK)
            migrating = asyncio.create_task(migrate(address, on_progress=said.append))
            await until_said()
            assert f"pid {other.get_server_pid()} (the other, for " in said[0]
            await other.close()
        else:
            with FileLock(f"{address.file}-migrate.lock"):
                migrating = asyncio.create_task(migrate(address, on_progress=said.append))
                await until_said()
            assert said[0] == "waiting for another process, which migrates this database"
        await migrating
        assert await pending_migrations() == []


@pytest.mark.parametrize("is_ended", [False, True])
async def test_who_waits_to_migrate_while_the_database_falls_silent_is_told_and_may_leave(
    empty_database_url: str, is_postgresql: bool, is_ended: bool
) -> None:
    if not is_postgresql:
        return
    said: list[str] = []
    async with proxied(empty_database_url) as proxy:
        address = replace(parse_address(proxy.url), timeouts=replace(Timeouts.of(1), connect=2))
        other = await asyncpg.connect(**parse_address(empty_database_url).credentials)
        await other.execute(LOCK)
        async with asyncio.timeout(PATIENCE_SECONDS), database(address):
            migrating = asyncio.create_task(migrate(address, on_progress=said.append))
            while not said:  # noqa: ASYNC110  # it says something by and by
                await asyncio.sleep(0.02)
            proxy.hold()
            if is_ended:
                migrating.cancel()
            with pytest.raises(asyncio.CancelledError if is_ended else UnansweredError):
                await migrating
            await other.close()


async def test_a_server_that_hears_no_more_of_who_migrates_ends_its_session(
    empty_database_url: str, is_postgresql: bool
) -> None:
    if not is_postgresql:
        return
    async with proxied(empty_database_url) as proxy:
        session = await connect(session_settings(parse_address(proxy.url), Task.MIGRATE))
        names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "statement_timeout")
        asked = await session.fetch("SELECT name, reset_val FROM pg_settings WHERE name = ANY($1)", names)
        await session.close()
    assert {row["name"]: row["reset_val"] for row in asked} == dict(
        zip(names, (str(SILENT_SECONDS), "3", "3", "0"), strict=True)
    )


async def test_an_index_of_which_nothing_is_heard_any_more_is_given_up(
    database_url: str, is_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_postgresql:
        return

    async def unanswered(*_: object) -> tuple[bool, str]:
        raise UnansweredError("the database is away")

    monkeypatch.setattr(concurrent_index, "_how_far", unanswered)
    address = parse_address(database_url)
    reading = await asyncpg.connect(**address.credentials)
    session = await connect(session_settings(address, Task.MIGRATE))
    try:
        await reading.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM product")
        with pytest.raises(MigrationBlocked, match="has not answered"):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await concurrent_index.make_index(
                    session,
                    'CREATE INDEX "by_name" ON "product" ("name")',
                    "1 of 1",
                    lambda _: None,
                    Patience(total_seconds=0.1),
                )
    finally:
        with suppress(asyncpg.PostgresError):
            await reading.execute("COMMIT")
        await reading.close()
        await session.close()
