"""What /readyz says: what the process can do now, and what it cannot for how long."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing

import asyncpg
import httpx
import pytest

from models.address import parse_address
from models.supervision import repeat
from server import health
from server.health import Check
from tests.client import Api
from tests.server.loops import until
from tests.server.refusal import writes_refused

Ask = Callable[[str], Awaitable[httpx.Response]]


async def ready(api: Api, asked: str = "") -> httpx.Response:
    """What a prober is answered."""
    return await api.http.get("/readyz", params={"for": asked} if asked else {})


@asynccontextmanager
async def no_write_ends(database_url: str) -> AsyncIterator[None]:
    """Meanwhile somebody else holds what every write needs."""
    address = parse_address(database_url)
    if address.file is not None:
        with closing(sqlite3.connect(address.file)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.rollback()
        return
    holding = await asyncpg.connect(**address.credentials)
    try:
        async with holding.transaction():
            await holding.execute("LOCK TABLE call IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await holding.close()


async def test_all_that_works_is_said(api: Api) -> None:
    answer = await ready(api, "writes,loops")
    assert answer.status_code == 200
    works = {"ok": True}
    assert answer.json() == {"status": "ok", "reads": works, "writes": works, "migrations": works, "loops": works}
    unknown = await ready(api, "writs")
    assert unknown.status_code == 400
    assert "reads, writes, migrations, loops" in unknown.json()["status"]


@pytest.mark.parametrize("is_full", [True, False])
async def test_a_database_that_takes_no_write_is_said_and_shoppers_are_still_sent_here(
    api: Api, is_postgresql: bool, is_full: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with writes_refused("call", is_postgresql=is_postgresql, is_full=is_full):
        answer = await ready(api)
        wrong = "the disk of the database is full" if is_full else "the database is read-only"
        assert answer.status_code == 200
        await until_known(api)
        answer = await ready(api)
        assert answer.json()["status"] == f"writes: {wrong}"
        assert answer.json()["writes"] == {"ok": False, "wrong": wrong, "seconds": answer.json()["writes"]["seconds"]}
        assert answer.json()["reads"] == {"ok": True}
        assert (await ready(api, "writes")).status_code == 503
        assert "tomato" not in answer.text
        assert caplog.text.count("not well: writes") == 1


async def test_writes_that_hang_are_said_in_time_and_hold_up_no_probe_of_reads(
    api: Api, database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(health, "SHORT_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(health, "WRITES_KEPT_SECONDS", 0.05)
    async with no_write_ends(database_url):
        answer = await ready(api)
        assert (answer.status_code, answer.json()["status"], answer.json()["writes"]) == (200, "ok", {"ok": None})
        asked = await asyncio.gather(*(ready(api, "writes") for _ in range(20)))
        assert {each.status_code for each in asked} == {503}
        assert {each.json()["status"] for each in asked} == {"writes: there is no answer"}
    async with asyncio.timeout(60):
        while (await ready(api, "writes")).status_code != 200:  # noqa: ASYNC110  # it is asked from outside
            await asyncio.sleep(0.05)
    assert caplog.text.count("not well: writes") == 1
    assert "well again: writes" in caplog.text


async def test_a_loop_that_does_not_run_is_said(api: Api) -> None:
    stop = asyncio.Event()

    async def broken() -> None:
        raise ValueError("the password is tomato")

    task = asyncio.create_task(repeat("dispatch", broken, 1, stop))
    await asyncio.sleep(0)
    answer = await ready(api)
    loops = answer.json()["loops"]
    assert (answer.status_code, loops["ok"], loops["wrong"]) == (200, False, "dispatch fails (ValueError)")
    assert [each["part"] for each in loops["parts"]] == ["dispatch"]
    assert (await ready(api, "loops")).status_code == 503
    assert "tomato" not in answer.text
    stop.set()
    await task
    assert (await ready(api, "loops")).status_code == 200


async def test_however_many_probe_a_check_is_asked_once_and_its_answer_is_kept() -> None:
    asked, may_answer = 0, asyncio.Event()

    async def ask() -> str:
        nonlocal asked
        asked += 1
        await may_answer.wait()
        return "it is broken"

    check = Check("reads", ask, 60)
    finding = asyncio.gather(*(check.finding(60) for _ in range(100)))
    await asyncio.sleep(0)
    may_answer.set()
    assert {each.wrong for each in await finding} == {"it is broken"}
    for _ in range(100):
        await check.finding(60)
    assert asked == 1


async def test_a_check_that_hangs_is_left_alone_and_asked_anew_a_bounded_number_of_times(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(health, "LEFT_SECONDS", 0.0)
    asked, may_answer = 0, asyncio.Event()

    async def ask() -> str:
        nonlocal asked
        asked += 1
        await may_answer.wait()
        return ""

    check = Check("reads", ask, 0)
    with caplog.at_level(logging.INFO):
        for _ in range(10):
            assert (await check.finding(1)).wrong == "there is no answer"
        assert asked == health.MOST_LEFT + 1
        may_answer.set()
        await until(lambda: "well again: reads" in caplog.text)


async def test_a_check_that_hangs_is_said_however_seldom_it_is_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    now, answers = 0.0, True
    monkeypatch.setattr(health, "monotonic", lambda: now)

    async def ask() -> str:
        if not answers:
            await asyncio.Event().wait()
        return ""

    check = Check("writes", ask, health.WRITES_KEPT_SECONDS)
    assert (await check.finding(60)).wrong == ""
    answers, found = False, []
    for _ in range(5):
        now += health.LEFT_SECONDS + 0.1
        found.append((await check.finding(0)).wrong)
    assert found == ["", *["there is no answer"] * 4], "the first probe begins to ask"


async def until_known(api: Api) -> None:
    """Wait until the check of writes has an answer, on however busy a machine."""
    async with asyncio.timeout(60):
        while (await ready(api)).json()["writes"]["ok"] is None:  # noqa: ASYNC110  # it is asked from outside
            await asyncio.sleep(0.02)
