"""Running our own command, as people do.

It starts by a fork of a process that has imported it already; tests of the start itself run COMMAND.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import httpx

from tests.server.warm import WarmProcess

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).parent / "salable")
PATIENCE_SECONDS = 180
"""How long anything may take that does come: several suites may share two cores."""

PATIENT = {"database_seconds": "60", "read_seconds": "120", "write_seconds": "120"}
"""Settings of commands whose tests are of something else: on a machine that has much to do no deadline is to be missed."""

_LISTENING = re.compile(r"http://(?:127\.0\.0\.1|localhost):\d+")


def run(*arguments: str, cwd: Path, said: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run `salable` with these arguments and SALABLE_* settings to its end; said: what comes by standard input."""
    with TemporaryFile("w+") as given, TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        given.write(said)  # never that of whoever runs the tests
        given.seek(0)
        process = start(*arguments, cwd=cwd, streams=[given, output, errors], **settings)
        try:
            code = process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()
        for each in (output, errors):
            each.seek(0)
        return subprocess.CompletedProcess([COMMAND, *arguments], code, output.read(), errors.read())


def start(*arguments: str, cwd: Path, streams: Sequence[IO[str]], **settings: str) -> WarmProcess:
    """Begin `salable` with these arguments, SALABLE_* settings and files for its three standard streams."""
    numbers = [each.fileno() for each in streams]
    patient = environment(PATIENT | settings)
    return WarmProcess([COMMAND, *arguments], cwd=cwd, environment=patient, streams=numbers)


@dataclass(slots=True)
class Service:
    """A running `salable serve`."""

    process: WarmProcess
    url: str
    log: Path

    def stop(self, sign: int = signal.SIGTERM) -> int:
        """Tell it to stop, and return how it ended."""
        self.process.send_signal(sign)
        return self.process.wait(PATIENCE_SECONDS)

    def output(self) -> str:
        """All that it has printed and logged."""
        return self.log.read_text()


@contextmanager
def serving(*arguments: str, cwd: Path, url: str | None = None, **settings: str) -> Iterator[Service]:
    """A `salable serve` that answers, on a free port or where one was before; killed when the test is over."""
    at = ["--port", str(httpx.URL(url).port)] if url else []
    log = cwd / "serve.log"
    with log.open("w") as output, Path(os.devnull).open() as nothing:
        process = start("serve", *at, *arguments, cwd=cwd, streams=[nothing, output, output], **settings)
        service = Service(process, "", log)
        try:
            _wait_until_ready(service)
            yield service
        finally:
            process.kill()
            process.wait()


def _wait_until_ready(service: Service) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and service.process.poll() is None:
        if not service.url:  # it took a free port, and says which
            said = _LISTENING.search(service.output())
            service.url = said[0] if said else ""
        try:
            if service.url and httpx.get(f"{service.url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"the service does not answer:\n{service.output()}")


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command that is to have these SALABLE_* settings."""
    given = {f"SALABLE_{name.upper()}": value for name, value in settings.items()}
    # The command runs the code that is tested, wherever it was installed from. A port of its own is a free one: who
    # tests it names it.
    return os.environ | {"PYTHONPATH": str(ROOT), "SALABLE_PORT": "0"} | given
