"""The loop that tells as a process: killed, twice at once, and as a command."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import pytest

from models.database import reader
from models.sql import fetch
from resolvers.notifications.deliveries import Channel
from server.delivery.loop import Way, deliver_once
from tests.server.loops import Loop, sent_in, states, until, until_no_more_than
from tests.server.process import COMMAND, PATIENCE_SECONDS, environment, run, serving
from tests.telling import Ear, deliveries, endpoint, make_due, say


async def test_a_loop_killed_while_it_sends_loses_nothing(tmp_path: Path, database_url: str, db: None) -> None:
    await endpoint()
    await say(*(str(number % 10) for number in range(30)))
    file = tmp_path / "sent"
    loop = Loop(database_url, file, 600)
    loop.go()
    await until(lambda: len(sent_in(file)) == 10)
    loop.kill()
    assert await states() == {"PENDING": 30}
    ear = Ear()
    assert await deliver_once({Channel.WEBHOOK: Way(ear)}) == 0  # its leases hold, and hold back what is behind them
    await make_due()
    assert await deliver_once({Channel.WEBHOOK: Way(ear)}) == 30
    assert await states() == {"DELIVERED": 30}
    for number in range(10):
        sent = [each.event_id for each in ear.heard if each.subject == str(number)]
        assert sent == sorted(sent)
        assert len(sent) == 3


async def test_two_loops_send_each_delivery_once_and_in_order(tmp_path: Path, database_url: str, db: None) -> None:
    for code in ("a", "b"):
        await endpoint(code)
    file = tmp_path / "sent"
    loops = [Loop(database_url, file, 0.002) for _ in range(2)]
    for loop in loops:
        loop.go()
    rounds = 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while rounds < 10 or len({process for process, *_ in sent_in(file)}) < 2:  # both have come to it
            await say(*(str(number % 40) for number in range(30 * rounds, 30 * rounds + 30)))
            rounds += 1
            await asyncio.sleep(0.02)
    await until_no_more_than(0)
    for loop in loops:
        loop.kill()
    sent = sent_in(file)
    assert Counter(number for _, number, _, _ in sent) == Counter(row["id"] for row in await deliveries())
    assert len(sent) == 60 * rounds
    for target in ("a", "b"):
        for subject in range(40):
            numbers = [number for _, number, *of in sent if of == [target, str(subject)]]
            assert numbers == sorted(numbers)


async def test_the_command_works_off_what_is_due_and_ends(tmp_path: Path, database_url: str, db: None) -> None:
    await say("1", "2")
    done = await asyncio.to_thread(run, "deliver", "--once", cwd=tmp_path, database_url=database_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "0 deliveries were tried\n"
    assert not await fetch(reader(), "SELECT id FROM outbox WHERE is_dispatched = FALSE")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_runs_until_it_is_told_to_stop(
    tmp_path: Path, database_url: str, db: None, sign: signal.Signals
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, "deliver"),
        cwd=tmp_path,
        env=environment({"database_url": database_url, "delivery_seconds": "0.05"}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    assert b"Ctrl-C ends it" in await process.stderr.readline()
    await say("1")
    await until_no_more_than(0)
    process.send_signal(sign)
    output, errors = await process.communicate()
    assert (process.returncode, output, errors) == (0, b"", b"")


async def test_the_service_dispatches_unless_it_is_told_not_to(tmp_path: Path, database_url: str, db: None) -> None:
    await say("1")
    waiting = "SELECT id FROM outbox WHERE is_dispatched = FALSE"
    for deliver, left in (("false", 1), ("true", 0)):
        service = serving(cwd=tmp_path, database_url=database_url, deliver=deliver, delivery_seconds="0.05")
        running = await asyncio.to_thread(service.__enter__)
        if deliver == "true":
            await until_no_more_than(0)
        await asyncio.to_thread(running.stop)
        assert "Traceback" not in running.output()
        await asyncio.to_thread(service.__exit__, None, None, None)
        assert len(await fetch(reader(), waiting)) == left


def test_the_command_explains_itself(tmp_path: Path) -> None:
    helped = run("deliver", "--help", cwd=tmp_path)
    assert helped.returncode == 0
    assert "SALABLE_DELIVER=false" in helped.stdout
