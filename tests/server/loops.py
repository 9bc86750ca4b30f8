"""Loops that tell, for tests: processes of their own, and waiting for what they do."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from models.database import reader
from models.sql import fetch
from server.delivery.loop import Pace
from tests.server.process import PATIENCE_SECONDS, ROOT, environment
from tests.telling import deliveries

OFTEN = Pace(seconds=0.05)

PROGRAM = """
import asyncio, os, sys
from models.address import parse_address
from models.database import database
from resolvers.notifications.deliveries import Channel, Outcome
from server.delivery.loop import Pace, Way, deliver_forever

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


def sent_in(file: Path) -> list[tuple[str, int, str, str]]:
    """What was sent: by which process, the delivery, the target and the subject."""
    lines = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
    return [(process, int(number), target, subject) for process, number, target, subject in lines]


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


async def states() -> Counter[str]:
    return Counter(row["state"] for row in await deliveries())


async def until_no_more_than(pending: int) -> None:
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
