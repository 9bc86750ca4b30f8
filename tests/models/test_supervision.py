"""What runs beside the requests goes on, whatever fails, and says what does not."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from models import supervision
from models.database import reader
from models.sql import fetch
from models.supervision import LONGEST_PAUSE, Part, keep_running, pause_after, repeat, troubles
from tests.server.loops import until


def disk_error() -> sqlite3.OperationalError:
    """What a disk that cannot be read makes of a statement."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    return error


async def test_a_part_that_fails_a_thousand_times_in_a_row_runs_on_and_says_it_in_few_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop, turns = asyncio.Event(), 0

    async def turn() -> int:
        nonlocal turns
        turns += 1
        if turns <= 1_100:
            raise disk_error()
        stop.set()
        return 1

    with caplog.at_level(logging.INFO):
        await repeat("survey", turn, 0, stop, longest_pause=0)
    assert turns == 1_101
    first, last = caplog.messages
    assert first == "survey waits for the database: disk I/O error"
    assert last.startswith("survey runs again, after")


def test_pauses_grow_and_are_bounded_however_many_failures_there_are() -> None:
    assert [pause_after(failures, 60) for failures in (1, 2, 3, 10**9)] == [2, 4, 8, 60]
    assert pause_after(1_024) == LONGEST_PAUSE


async def test_whatever_is_raised_ends_neither_the_part_nor_another(caplog: pytest.LogCaptureFixture) -> None:
    stop, other = asyncio.Event(), 0

    async def cancelled() -> None:
        inner = asyncio.ensure_future(asyncio.Event().wait())
        inner.cancel()
        await inner

    async def broken() -> None:
        raise ExceptionGroup("both", [ValueError("a"), KeyError("b")])

    failing = [cancelled, broken, cancelled]

    async def turn() -> None:
        if failing:
            await failing.pop()()
        stop.set()

    async def well() -> None:
        nonlocal other
        other += 1

    async with asyncio.TaskGroup() as group:
        group.create_task(repeat("dispatch", turn, 0, stop, longest_pause=0.01))
        group.create_task(repeat("prune", well, 0.005, stop))
    assert failing == []
    assert other > 1
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2, "the same one is said once"
    assert "ExceptionGroup: both" in caplog.text
    assert "CancelledError" in caplog.text


async def test_a_part_that_is_itself_cancelled_ends() -> None:
    task = asyncio.create_task(repeat("survey", asyncio.Event().wait, 0, asyncio.Event()))
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert troubles() == []


async def test_what_fails_and_what_hangs_is_told_with_how_long(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "SLACK_SECONDS", 0.05)
    stop, may_go_on = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        await may_go_on.wait()

    async def fail() -> None:
        raise ValueError("the password is tomato")

    tasks = [asyncio.create_task(repeat(name, turn, 0.01, stop)) for name, turn in (("hangs", hang), ("fails", fail))]
    await until(lambda: "hangs has not run for" in caplog.text)
    found = {each.part: each for each in troubles()}
    assert {name: each.wrong for name, each in found.items()} == {
        "hangs": "has not run",
        "fails": "fails (ValueError)",
    }
    assert all(each.seconds >= 0 for each in found.values())
    may_go_on.set()
    await until(lambda: [each.part for each in troubles()] == ["fails"])
    stop.set()
    await asyncio.wait(tasks)
    assert troubles() == []


async def test_a_statement_that_is_wrong_is_a_bug_whatever_else_fails(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()

    async def first() -> None:
        await fetch(reader(), "SELECT no_such_column FROM product")

    async def second() -> None:
        await fetch(reader(), "SELECT another FROM product")

    failing: list[Callable[[], Awaitable[None]]] = [first, first, second]

    async def turn() -> None:
        if not failing:
            stop.set()
            raise disk_error()
        await failing.pop(0)()

    await repeat("dispatch", turn, 0, stop, longest_pause=0)
    said = [(record.getMessage(), bool(record.exc_info)) for record in caplog.records]
    assert said == [
        ("dispatch failed (1 in a row)", True),
        ("dispatch failed (3 in a row)", True),
        ("dispatch waits for the database: disk I/O error", False),
    ]


def test_what_fails_again_after_it_was_well_is_news(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now, part = 0.0, Part("survey")
    monkeypatch.setattr(supervision, "monotonic", lambda: now)

    def outage(seconds: int) -> int:
        nonlocal now
        caplog.clear()
        for _ in range(0, seconds, 10):
            part.failed(disk_error())
            now += 10
        part.turned()
        return len(caplog.records)

    assert outage(8_000) == 8
    now += 900
    assert outage(1_200) == 5, "at once, and after 1, 3, 7 and 15 minutes"
    now += 30
    assert outage(10) == 0, "what comes and goes is said as seldom as what stays"


async def test_a_body_that_ends_is_not_run_again() -> None:
    runs = 0

    async def body(part: Part) -> None:
        nonlocal runs
        runs += 1
        part.turned()

    await keep_running(Part("hub"), body, asyncio.Event())
    assert runs == 1
