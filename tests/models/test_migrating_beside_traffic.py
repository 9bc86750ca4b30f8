"""Migrating while somebody reads for long, and others read and write all along."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg
import pytest
from tortoise.connection import get_connections
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.migration import Migration

from models.address import DatabaseAddress, parse_address
from models.connections import WRITER
from models.database import APPS, database, reader, transaction
from models.migration import MigrationBlocked, Patience, migrate, pending_migrations
from models.sql import fetch

OLD = "0005_taken_and_told"
"""Before indexes were added to tables that are read all the time."""
HASTY = Patience(lock_seconds=0.1, first_pause=0.1, longest_pause=0.2)
GIVES_UP = Patience(lock_seconds=0.1, first_pause=0.1, longest_pause=0.1, total_seconds=0.5)
ENOUGH_READS = 20


@asynccontextmanager
async def _old(url: str) -> AsyncIterator[DatabaseAddress]:
    """An open database as an older version has it."""
    address = parse_address(url)
    async with database(address):
        executor = MigrationExecutor(get_connections().get(WRITER), APPS)
        await executor.migrate([MigrationTarget("models", OLD)])
        await transaction(
            lambda client: fetch(client, "INSERT INTO product (sku, name, search) VALUES ('TENT', 'Tent', 'tent')")
        )
        yield address


@asynccontextmanager
async def _long_reader(address: DatabaseAddress, sql: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who has read, in a transaction that goes on until it is ended."""
    connection = await asyncpg.connect(**address.credentials, server_settings={"application_name": "the report"})
    try:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        await connection.fetch(sql)
        yield connection
    finally:
        await connection.close()


async def _read() -> int:
    return len(await fetch(reader(), "SELECT sku FROM product"))


async def test_reads_and_writes_are_answered_all_along_while_a_migration_waits_for_a_long_reader(
    empty_database_url: str, is_postgresql: bool
) -> None:
    if not is_postgresql:
        return  # readers of SQLite hold nothing that a migration waits for: see below
    said: list[str] = []
    async with asyncio.timeout(60), _old(empty_database_url) as address:
        async with _long_reader(address, "SELECT sku FROM product") as report:
            migrating = asyncio.create_task(migrate(address, on_progress=said.append, patience=HASTY))
            while not said:  # noqa: ASYNC110  # it says something by and by
                await asyncio.sleep(0.02)
            for _ in range(ENOUGH_READS):  # they would wait as long as the reader does, which waits for them here
                assert await _read() == 1
                await transaction(lambda client: fetch(client, "UPDATE product SET name = name"))
            assert not migrating.done()
            await report.execute("COMMIT")
            await migrating
        assert await pending_migrations() == []
    assert "0006_folded_keys waits for pid" in said[0]
    assert "(the report, idle in transaction, for" in said[0]
    assert "creating index product_by_look (1 of 4)" in said


async def test_a_migration_that_waits_for_too_long_does_nothing_and_says_who_is_in_the_way(
    empty_database_url: str, is_postgresql: bool
) -> None:
    if not is_postgresql:
        return
    async with asyncio.timeout(60), _old(empty_database_url) as address:
        before = await pending_migrations()
        async with _long_reader(address, "SELECT sku FROM product"):
            with pytest.raises(
                MigrationBlocked, match=r"0006_folded_keys waits for pid \d+ \(the report, idle in trans"
            ):
                await migrate(address, patience=GIVES_UP)
        assert await pending_migrations() == before
        await migrate(address)
        assert await pending_migrations() == []


async def test_a_prepared_transaction_in_the_way_is_named(empty_database_url: str, is_postgresql: bool) -> None:
    if not is_postgresql:
        return
    async with asyncio.timeout(60), _old(empty_database_url) as address:
        forgotten = f"forgotten in {address.credentials['database']}"  # one name counts for all of a server
        other = await asyncpg.connect(**address.credentials)
        await other.execute(f"BEGIN; SELECT sku FROM product; PREPARE TRANSACTION '{forgotten}'")
        try:
            with pytest.raises(MigrationBlocked, match=f"waits for the prepared transaction '{forgotten}' "):
                await migrate(address, patience=GIVES_UP)
        finally:
            await other.execute(f"ROLLBACK PREPARED '{forgotten}'")
            await other.close()


async def test_an_index_that_was_left_unfinished_is_made_anew_and_the_tables_are_not(
    empty_database_url: str, is_postgresql: bool
) -> None:
    if not is_postgresql:
        return
    invalid = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid"
    said: list[str] = []
    async with asyncio.timeout(60), _old(empty_database_url) as address:
        async with _long_reader(address, "SELECT 1"):  # it holds no table, but a state that an index waits for
            with pytest.raises(
                MigrationBlocked, match=r"index product_by_look \(1 of 4\) waits for pid \d+ \(the report"
            ):
                await migrate(address, patience=GIVES_UP)
        assert [row["relname"] for row in await fetch(reader(), invalid)] == ["product_by_look"]
        assert (await pending_migrations())[0] == "0006_folded_keys"
        await migrate(address, on_progress=said.append)
        assert await fetch(reader(), invalid) == []
        assert await pending_migrations() == []
    assert said[0] == "the index product_by_look was left unfinished; it is made anew"


async def test_a_migration_that_is_cancelled_ends_whole_and_is_gone_on_with(
    empty_database_url: str, is_postgresql: bool
) -> None:
    if not is_postgresql:
        return
    said: list[str] = []
    async with asyncio.timeout(60), _old(empty_database_url) as address:
        async with _long_reader(address, "SELECT 1"):
            migrating = asyncio.create_task(migrate(address, on_progress=said.append))
            while not said:  # noqa: ASYNC110  # it says something by and by
                await asyncio.sleep(0.02)
            migrating.cancel()  # as Ctrl-C does
            with pytest.raises(asyncio.CancelledError):
                await migrating
        await migrate(address)
        assert await pending_migrations() == []


async def test_a_migration_of_sqlite_waits_for_a_writer_and_for_no_reader(
    empty_database_url: str, is_postgresql: bool
) -> None:
    if is_postgresql:
        return
    file = Path(empty_database_url.removeprefix("sqlite:///"))
    async with asyncio.timeout(60), _old(empty_database_url) as address:
        with (
            closing(sqlite3.connect(file, isolation_level=None)) as report,
            closing(sqlite3.connect(file, isolation_level=None)) as writer,
        ):
            report.execute("BEGIN")
            report.execute("SELECT sku FROM product").fetchall()
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("UPDATE product SET name = 'Tent for two'")
            begun = asyncio.Event()
            migrating = asyncio.create_task(migrate(address, lambda _: begun.set()))
            await begun.wait()
            for _ in range(ENOUGH_READS):
                assert await _read() == 1
            assert not migrating.done()
            writer.execute("COMMIT")
            await migrating
            assert report.execute("SELECT name FROM product").fetchall() == [("Tent",)]  # as it was when it began
        assert await pending_migrations() == []


async def test_what_an_older_version_writes_and_reads_stands_in_the_tables_of_every_later_one(db: None) -> None:
    """Between two migrations both versions work: columns stay, and new ones need not be given (see CONTRIBUTING)."""
    executor = MigrationExecutor(reader(), APPS)
    await executor.loader.build_graph()
    keys = executor._full_plan()
    columns = await _columns()
    for number in range(1, len(keys)):
        older = await executor._project_state(set(keys[:number]))
        for (_, model), state in older.models.items():
            meta = older.apps.get_model(f"models.{model}")._meta
            known = set(meta.fields_db_projection.values())
            found = columns[state.table]
            assert known <= found.keys(), f"{keys[number - 1].name} reads columns of {state.table} that are gone"
            needed = {name for name, is_optional in found.items() if not is_optional}
            assert needed <= known, f"{keys[number - 1].name} writes {state.table} without what it needs now"
    assert all(isinstance(executor.loader.graph.nodes[MigrationKey("models", key.name)], Migration) for key in keys)


async def _columns() -> dict[str, dict[str, bool]]:
    """Of each table its columns, and whether a row may be written without naming it."""
    client, found = reader(), dict[str, dict[str, bool]]()
    if client.capabilities.dialect == "postgres":
        sql = """SELECT table_name AS t, column_name AS c, is_nullable = 'YES' OR column_default IS NOT NULL
            OR is_identity = 'YES' AS o FROM information_schema.columns WHERE table_schema = current_schema()"""
        for row in await fetch(client, sql):
            found.setdefault(row["t"], {})[row["c"]] = row["o"]
        return found
    for table in await fetch(client, "SELECT name FROM sqlite_master WHERE type = 'table'"):
        for row in await fetch(client, f"PRAGMA table_info({table['name']})"):
            is_optional = not row["notnull"] or row["dflt_value"] is not None or row["pk"]
            found.setdefault(table["name"], {})[row["name"]] = bool(is_optional)
    return found
