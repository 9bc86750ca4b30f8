"""Running our own command, as people do."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

COMMAND = str(Path(sys.executable).parent / "salable")
ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30


def run(*arguments: str, cwd: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run `salable` with these arguments and SALABLE_* settings to its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=cwd,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@dataclass(slots=True)
class Service:
    """A running `salable serve`."""

    process: "subprocess.Popen[str]"
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
def serving(*arguments: str, cwd: Path, **settings: str) -> Iterator[Service]:
    """A `salable serve` on a free port that answers; killed when the test is over."""
    port = _free_port()
    log = cwd / "serve.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port), *arguments],
            cwd=cwd,
            env=environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        service = Service(process, f"http://127.0.0.1:{port}", log)
        try:
            _wait_until_ready(service)
            yield service
        finally:
            process.kill()
            process.wait()


def _wait_until_ready(service: Service) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and service.process.poll() is None:
        try:
            if httpx.get(f"{service.url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the service does not answer:\n{service.output()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command that is to have these SALABLE_* settings."""
    # The command runs the code that is tested, wherever it was installed from.
    return (
        os.environ | {"PYTHONPATH": str(ROOT)} | {f"SALABLE_{name.upper()}": value for name, value in settings.items()}
    )
