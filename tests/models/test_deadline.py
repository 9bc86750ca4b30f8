"""What is read for a request ends with it; what is written is written whole, or not at all."""

import asyncio
from contextlib import suppress

import pytest

from models.database import Client, reader, snapshot, transaction
from models.deadline import Allotted, TimedOut, at_length, within
from models.sql import fetch
from tests.endless import PATIENCE_SECONDS, endless, until_none_runs, until_running

pytestmark = pytest.mark.usefixtures("db")

COUNTED = 20_000
COUNT = (
    f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COUNTED}) SELECT COUNT(*) AS n FROM n"
)
SOLD = "INSERT INTO product (sku, name, search, folded) VALUES ('A', 'A', 'a', 'a')"


async def read_for_ever(client: Client | None = None) -> None:
    """Ask what is never answered."""
    await fetch(client or reader(), f"SELECT {endless()} AS n")


async def count() -> int:
    """Read what takes a moment."""
    return int((await fetch(reader(), COUNT))[0]["n"])


async def products() -> int:
    """How many there are."""
    return int((await fetch(reader(), "SELECT COUNT(*) AS n FROM product"))[0]["n"])


@pytest.mark.parametrize("read", [read_for_ever, lambda: snapshot(read_for_ever)])
async def test_what_is_read_ends_with_whoever_waits_for_it(read: object) -> None:
    for _ in range(3):
        tasks = [asyncio.create_task(read()) for _ in range(4)]  # type: ignore[operator]  # both are called alike
        await until_running(4)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await until_none_runs()


async def test_nobody_elses_statement_is_interrupted() -> None:
    for _ in range(10):
        ends = asyncio.create_task(read_for_ever())
        others = [asyncio.create_task(count()) for _ in range(8)]  # more than there are connections on SQLite
        await asyncio.sleep(0)
        ends.cancel()
        assert await asyncio.gather(*others) == [COUNTED] * 8
    await until_none_runs()


@pytest.mark.parametrize("read", [read_for_ever, lambda: snapshot(read_for_ever)])
async def test_what_is_read_ends_with_the_time_of_its_request(read: object) -> None:
    with within(Allotted(read_seconds=0.1)), pytest.raises(TimedOut) as over:
        await read()  # type: ignore[operator]  # both are called alike
    assert not over.value.is_written
    await until_none_runs()


async def test_long_reads_of_many_leave_room_for_short_ones() -> None:
    shopper, admin = Allotted(), Allotted()
    admin.is_public = False
    tasks = []
    for time in (shopper, admin):
        with within(time):
            tasks += [asyncio.create_task(at_length(read_for_ever)()) for _ in range(20)]
            tasks += [asyncio.create_task(at_length(snapshot)(read_for_ever)) for _ in range(20)]
    await until_running(4)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await asyncio.gather(*(count() for _ in range(4))) == [COUNTED] * 4
        assert await snapshot(lambda client: fetch(client, "SELECT 1 AS one")) == [{"one": 1}]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await until_none_runs()
    assert await at_length(count)() == COUNTED


async def test_more_than_may_wait_are_told_at_once() -> None:
    tasks = [asyncio.create_task(at_length(read_for_ever)()) for _ in range(110)]
    done, waiting = await asyncio.wait(tasks, timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
    assert all(isinstance(task.exception(), TimedOut) for task in done)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


async def test_a_write_that_takes_too_long_is_rolled_back_whole() -> None:
    async def write(client: Client) -> None:
        await fetch(client, SOLD)
        await read_for_ever(client)

    with within(Allotted(write_seconds=0.2)), pytest.raises(TimedOut) as over:
        await transaction(write)
    assert not over.value.is_written
    await until_none_runs()
    await transaction(lambda client: fetch(client, SOLD))  # another one finds the database free
    assert await products() == 1


async def test_a_write_whose_caller_leaves_ends_when_it_would_have_for_who_stays() -> None:
    has_begun = asyncio.Event()

    async def write(client: Client) -> None:
        await fetch(client, SOLD)
        has_begun.set()
        await asyncio.Event().wait()

    with within(Allotted(write_seconds=1)):
        task = asyncio.create_task(transaction(write))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await has_begun.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await transaction(lambda client: fetch(client, SOLD))  # waits until it is rolled back
    assert await products() == 1


async def test_what_is_written_is_said_where_the_answer_takes_too_long() -> None:
    with within(Allotted(read_seconds=0.2)):
        await transaction(lambda client: fetch(client, SOLD))
        with pytest.raises(TimedOut) as over:
            await read_for_ever()
    assert over.value.is_written
    assert await products() == 1


async def test_who_leaves_before_their_turn_has_nothing_written() -> None:
    has_begun, may_end = asyncio.Semaphore(0), asyncio.Event()

    async def hold(_client: Client) -> None:
        has_begun.release()
        await may_end.wait()

    holding = [asyncio.create_task(transaction(hold)) for _ in range(10)]
    await has_begun.acquire()
    await asyncio.sleep(0.05)  # on PostgreSQL ten write at once
    task = asyncio.create_task(transaction(lambda client: fetch(client, SOLD)))
    await asyncio.sleep(0.05)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    may_end.set()
    await asyncio.gather(*holding)
    assert await products() == 0
