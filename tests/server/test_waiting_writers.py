"""Whoever holds what others would change: they wait for a bounded time, and then nothing is done."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg

from models.address import parse_address
from models.database import Client, transaction
from models.sql import fetch
from tests.client import Api
from tests.orders import ORDER, PLACE, line, place
from tests.server.crowd import assert_books_agree, sums
from tests.server.test_slow_reads import impatient
from tests.worlds import stock_up

WAITING = 20
MANY = 150
PATIENCE_SECONDS = 60
LOCK = "SELECT * FROM balance WHERE sku = 'A' FOR UPDATE"
READ = '{ productsBySku(skus: ["A"]) { sku } }'
FROZEN = """
import asyncio, os, signal, sqlite3, sys
import asyncpg
from models.address import parse_address

async def main():
    address = parse_address(sys.argv[1])
    if address.file is None:
        connection = await asyncpg.connect(**address.credentials)
        await connection.execute("BEGIN")
        await connection.execute(sys.argv[2])
    else:
        connection = sqlite3.connect(address.file, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
    print("frozen", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)

asyncio.run(main())
"""


@asynccontextmanager
async def held(database_url: str) -> AsyncIterator[None]:
    """Meanwhile somebody else holds A; on SQLite that is the whole database."""
    address = parse_address(database_url)
    if address.file is None:
        connection = await asyncpg.connect(**address.credentials)
        try:
            async with connection.transaction():
                await connection.execute(LOCK)
                yield
        finally:
            await connection.close()
        return
    with closing(sqlite3.connect(address.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def sell(api: Api, sku: str, number: str) -> dict[str, object]:
    """The whole answer to an order of one unit; its key follows from its number."""
    asked = {"number": number, "lines": [line(sku, 1)], "idempotencyKey": f"key of {number}"}
    return await api.ask(ORDER + PLACE, {"input": asked})


async def stocked(api: Api) -> None:
    """200 of A and of B, and an order of each, so that there is something to hold."""
    await stock_up({sku: {"default": 200} for sku in ("A", "B")})
    for sku in ("A", "B"):
        assert (await place(api, f"first of {sku}", [line(sku, 1)]))["userErrors"] == []


async def test_other_skus_are_sold_while_many_wait_for_one(database_url: str, *, is_postgresql: bool) -> None:
    async with impatient(database_url) as api, asyncio.timeout(PATIENCE_SECONDS):
        await stocked(api)
        async with held(database_url):
            waiting = [asyncio.create_task(sell(api, "A", f"a-{number}")) for number in range(MANY)]
            await asyncio.sleep(0.2)
            assert (await api.data(READ))["productsBySku"] == [{"sku": "A"}]
            if is_postgresql:  # SQLite has one lock for all
                for number in range(3):
                    assert (await place(api, f"b-{number}", [line("B", 1)]))["userErrors"] == []
            assert not any(task.done() for task in waiting)
        assert all("errors" not in answer for answer in await asyncio.gather(*waiting))
        assert (await sums("ordered"))["A"] == MANY + 1
        await assert_books_agree(api)


async def test_who_waits_too_long_is_told_that_nothing_is_done_and_a_retry_sells_once(database_url: str) -> None:
    async with impatient(database_url, write_seconds=1) as api, asyncio.timeout(PATIENCE_SECONDS):
        await stocked(api)
        async with held(database_url):
            answers = await asyncio.gather(*(sell(api, "A", f"a-{number}") for number in range(WAITING)))
        codes = [[error["extensions"]["code"] for error in answer["errors"]] for answer in answers]  # type: ignore[attr-defined]  # JSON
        assert codes == [["TIMEOUT"]] * WAITING
        assert (await sums("ordered"))["A"] == 1
        for number in range(WAITING):
            for _ in range(2):
                assert "errors" not in await sell(api, "A", f"a-{number}")
        assert (await sums("ordered"))["A"] == WAITING + 1
        await assert_books_agree(api)


async def test_the_database_lets_a_write_wait_as_long_as_a_request_may(
    database_url: str, *, is_postgresql: bool
) -> None:
    async def limits(client: Client) -> list[float]:
        if not is_postgresql:
            return [row["timeout"] / 1000 for row in await fetch(client, "PRAGMA busy_timeout")]
        sql = "SELECT EXTRACT(EPOCH FROM current_setting($1)::interval) AS seconds"
        return [(await fetch(client, sql, each))[0]["seconds"] for each in ("lock_timeout", "statement_timeout")]

    async with impatient(database_url, write_seconds=600):
        assert set(await transaction(limits)) == {600}


async def test_what_a_frozen_process_holds_is_not_waited_for_without_end(
    database_url: str, *, is_postgresql: bool
) -> None:
    async with impatient(database_url, write_seconds=20 if is_postgresql else 0.5) as api:
        await stocked(api)
        if is_postgresql:
            connection = await asyncpg.connect(**parse_address(database_url).credentials)
            name = await connection.fetchval("SELECT current_database()")
            await connection.execute(f"ALTER DATABASE {name} SET idle_in_transaction_session_timeout = '500ms'")
            await connection.close()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            FROZEN,
            database_url,
            LOCK,
            cwd=Path(__file__).parents[2],
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout
            assert await process.stdout.readline() == b"frozen\n"
            answer = await sell(api, "A", "a")
            if is_postgresql:  # the server ended what was idle in a transaction
                assert "errors" not in answer
            else:
                assert answer["errors"][0]["extensions"]["code"] == "TIMEOUT"  # type: ignore[index]  # JSON
                assert (await api.data(READ))["productsBySku"] == [{"sku": "A"}]
        finally:
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
        assert "errors" not in await sell(api, "A", "a")
        assert (await sums("ordered"))["A"] == 2
        await assert_books_agree(api)
