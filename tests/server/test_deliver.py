"""The loop that tells: killed, twice at once, stopped in the middle, without a database, and as a command."""

import asyncio
import logging
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from models.database import reader
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.deliveries import Channel, Delivery, Outcome
from resolvers.place_order import OrderRequest, place_order
from rules.scope import GLOBAL
from rules.setting import SettingKey
from server import delivery
from server.delivery import Pace, Way, deliver_once, delivering
from tests.server.process import COMMAND, PATIENCE_SECONDS, ROOT, environment, run, serving
from tests.telling import Ear, deliveries, endpoint, make_due, recipient, say, write
from tests.worlds import rule, stock_up

OFTEN = Pace(seconds=0.05)

PROGRAM = """
import asyncio, os, sys
from models.database import database, parse_address
from resolvers.deliveries import Channel, Outcome
from server.delivery import Pace, Way, deliver_forever

async def main():
    url, path, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def send(batch):
        for each in batch:
            os.write(file, f"{os.getpid()} {each.id} {each.target} {each.subject}\\n".encode())
        await asyncio.sleep(seconds)
        return [Outcome(delivered=True)] * len(batch)

    async with database(parse_address(url)):
        print("ready", flush=True)
        sys.stdin.readline()
        await deliver_forever({Channel.WEBHOOK: Way(send)}, Pace(seconds=0.05), asyncio.Event())

asyncio.run(main())
"""


class Loop:
    """A process of its own that runs the loop with a sender that writes down what it sends, each with its process."""

    def __init__(self, url: str, file: Path, seconds: float) -> None:
        self._file = file
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url, str(file), str(seconds)],
            cwd=ROOT,
            env=environment({}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == b"ready\n"

    def go(self) -> None:
        """Let it begin."""
        assert self._process.stdin
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """Kill it, wherever it is."""
        self._process.send_signal(signal.SIGKILL)
        assert self._process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()


def _sent(file: Path) -> list[tuple[str, int, str, str]]:
    """What was sent: by which process, the delivery, the target and the subject."""
    lines = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
    return [(process, int(number), target, subject) for process, number, target, subject in lines]


async def _until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


async def _until_no_more_than(pending: int) -> None:
    """Wait until no event waits for dispatch, and no more than so many deliveries for being sent."""
    async with asyncio.timeout(PATIENCE_SECONDS * 2):
        while True:
            rows = await fetch(
                reader(),
                "SELECT (SELECT COUNT(*) FROM delivery WHERE state = 'PENDING') AS pending,"
                " (SELECT COUNT(*) FROM outbox WHERE is_dispatched = FALSE) AS waiting",
            )
            if rows[0]["waiting"] == 0 and rows[0]["pending"] <= pending:
                return
            await asyncio.sleep(0.02)


async def _states() -> Counter[str]:
    return Counter(row["state"] for row in await deliveries())


async def test_a_loop_killed_while_it_sends_loses_nothing(tmp_path: Path, database_url: str, db: None) -> None:
    await endpoint()
    await say(*(str(number % 10) for number in range(30)))
    file = tmp_path / "sent"
    loop = Loop(database_url, file, 600)
    loop.go()
    await _until(lambda: len(_sent(file)) == 10)
    loop.kill()
    assert await _states() == {"PENDING": 30}
    ear = Ear()
    assert await deliver_once({Channel.WEBHOOK: Way(ear)}) == 0  # its leases hold, and hold back what is behind them
    await make_due()
    assert await deliver_once({Channel.WEBHOOK: Way(ear)}) == 30
    assert await _states() == {"DELIVERED": 30}
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
        while rounds < 10 or len({process for process, *_ in _sent(file)}) < 2:  # both have come to it
            await say(*(str(number % 40) for number in range(30 * rounds, 30 * rounds + 30)))
            rounds += 1
            await asyncio.sleep(0.02)
    await _until_no_more_than(0)
    for loop in loops:
        loop.kill()
    sent = _sent(file)
    assert Counter(number for _, number, _, _ in sent) == Counter(row["id"] for row in await deliveries())
    assert len(sent) == 60 * rounds
    for target in ("a", "b"):
        for subject in range(40):
            numbers = [number for _, number, *of in sent if of == [target, str(subject)]]
            assert numbers == sorted(numbers)


async def test_the_loop_tells_of_movements_and_of_rules_without_being_asked(db: None) -> None:
    await stock_up({"TENT": {"default": 5}, "LAMP": {"default": 5}})
    ear = Ear()
    async with delivering({Channel.WEBHOOK: Way(ear), Channel.MAIL: Way(ear)}, OFTEN):
        await _until_no_more_than(0)
        await endpoint()
        await recipient("ann@shop.test")
        await place_order(OrderRequest("1", None, [("TENT", Decimal(5))], "1"))
        await rule(GLOBAL, {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(5)})
        await _until(lambda: len(ear.heard) >= 5)
        await _until_no_more_than(0)
    flips = sorted((each.target, each.subject) for each in ear.heard if each.event == "product.out_of_stock")
    assert flips == [
        ("ann@shop.test", "LAMP"),
        ("ann@shop.test", "TENT"),
        ("shop", "LAMP"),
        ("shop", "TENT"),
    ]


async def test_a_digest_is_one_call_for_each_address(db: None) -> None:
    for email in ("ann@shop.test", "bob@shop.test"):
        await recipient(email)
    await stock_up({f"SKU-{number}": {"default": 5} for number in range(20)})
    ear = Ear()
    await deliver_once({Channel.MAIL: Way(ear)})
    await rule(GLOBAL, {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(5)})
    assert await deliver_once({Channel.MAIL: Way(ear)}) == 40
    assert ear.calls == [20, 20]


async def test_what_is_being_sent_is_finished_when_the_loop_stops(db: None) -> None:
    await endpoint()
    await say("1")
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def send(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        has_begun.set()
        await may_end.wait()
        return [Outcome(delivered=True)] * len(batch)

    async with delivering({Channel.WEBHOOK: Way(send)}, OFTEN):
        await has_begun.wait()
        await say("2")
        asyncio.get_running_loop().call_later(0.2, may_end.set)
    rows = {row["subject"]: row["state"] for row in await deliveries()}
    assert rows["1"] == "DELIVERED"


async def test_what_hangs_is_given_up_when_the_loop_stops_and_its_lease_holds(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivery, "GRACE_SECONDS", 0.05)
    await endpoint()
    await say("1")
    has_begun = asyncio.Event()

    async def send(_batch: Sequence[Delivery]) -> Sequence[Outcome]:
        has_begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with delivering({Channel.WEBHOOK: Way(send)}, OFTEN):
        await has_begun.wait()
    (row,) = await deliveries()
    assert (row["state"], row["attempts"]) == ("PENDING", 0)
    assert row["claimed_until"] > to_microseconds(datetime.now(UTC))
    assert "1 deliveries were being sent" in caplog.text


async def test_one_target_that_hangs_does_not_keep_the_others_waiting(db: None) -> None:
    for code in ("hangs", "well"):
        await endpoint(code)
    await say(*(str(number) for number in range(200)))
    may_end = asyncio.Event()

    async def send(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        if batch[0].target == "hangs":
            await may_end.wait()
        return [Outcome(delivered=True)] * len(batch)

    async with delivering({Channel.WEBHOOK: Way(send)}, OFTEN):
        await _until_no_more_than(200)
        assert Counter((row["target"], row["state"]) for row in await deliveries()) == {
            ("hangs", "PENDING"): 200,
            ("well", "DELIVERED"): 200,
        }
        may_end.set()


async def test_a_sender_that_breaks_has_failed_and_its_message_is_kept_nowhere(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    await endpoint()
    await say("1")

    secret = "tomato"  # noqa: S105  # nobody's

    async def send(_batch: Sequence[Delivery]) -> Sequence[Outcome]:
        raise ValueError(f"the password is {secret}")

    with caplog.at_level(logging.DEBUG):
        assert await deliver_once({Channel.WEBHOOK: Way(send)}) == 1
    (row,) = await deliveries()
    assert (row["state"], row["attempts"], row["error"]) == ("PENDING", 1, "The sender failed: ValueError.")
    assert "ValueError" in caplog.text
    assert "tomato" not in caplog.text


async def test_a_loop_that_loses_its_database_says_so_in_a_line_and_goes_on_once_it_is_back(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    await endpoint()
    ear = Ear()
    await write("ALTER TABLE delivery RENAME TO hidden")
    async with delivering({Channel.WEBHOOK: Way(ear)}, OFTEN):
        await _until(lambda: "send webhook waits for the database" in caplog.text)
        await write("ALTER TABLE hidden RENAME TO delivery")
        await say("1")
        await _until(lambda: bool(ear.heard))
    assert "Traceback" not in caplog.text


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
    await _until_no_more_than(0)
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
            await _until_no_more_than(0)
        await asyncio.to_thread(running.stop)
        assert "Traceback" not in running.output()
        await asyncio.to_thread(service.__exit__, None, None, None)
        assert len(await fetch(reader(), waiting)) == left


def test_the_command_explains_itself(tmp_path: Path) -> None:
    helped = run("deliver", "--help", cwd=tmp_path)
    assert helped.returncode == 0
    assert "SALABLE_DELIVER=false" in helped.stdout
