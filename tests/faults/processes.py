"""Our own command as the fault run starts it: each in a process group of its own, of which nothing is left at the end."""

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.server.process import COMMAND, environment

START_SECONDS = 60.0
_LISTENING = re.compile(r"http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True, slots=True)
class Launch:
    """How a command is started: its settings (SALABLE_*), and where asked through another command or with more variables."""

    arguments: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    through: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Process:
    """A command that runs, with all that it started."""

    launch: Launch
    log: Path
    popen: "subprocess.Popen[bytes]"

    @property
    def pid(self) -> int:
        """Of the process that was started: the parent of its workers."""
        return self.popen.pid

    @property
    def port(self) -> int:
        """Where it listens; 0: it has not said so yet."""
        said = _LISTENING.search(self.log.read_text("utf-8", "replace"))
        return int(said[1]) if said else 0

    @property
    def workers(self) -> list[int]:
        """The processes that answer for it, the oldest first; those of a dead parent are found no more."""
        return [each for each in children(self.pid) if "spawn_main" in _command_of(each)]

    def group(self) -> list[int]:
        """All processes of its group that live."""
        return [pid for pid in _living() if _group_of(pid) == self.pid]

    def kill_all(self) -> None:
        """End it, and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(10)


def start(name: str, launch: Launch, folder: Path) -> Process:
    """Start a command; what it says goes to a file of this name."""
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        popen = subprocess.Popen(
            [*launch.through, COMMAND, *launch.arguments],
            cwd=folder,
            env={**environment(launch.settings), **launch.variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Process(launch, log, popen)


async def answering(process: Process, seconds: float = START_SECONDS) -> str:
    """The URL of a service once it answers; AssertionError where it ends, or does not answer in time."""
    async with httpx.AsyncClient(timeout=5) as http:
        for _ in range(int(seconds / 0.1)):
            if process.popen.poll() is not None:
                break
            if process.port:
                with suppress(httpx.TransportError):
                    await http.get(f"http://127.0.0.1:{process.port}/healthz")
                    return f"http://127.0.0.1:{process.port}"
            await asyncio.sleep(0.1)
    raise AssertionError(f"the service does not answer:\n{process.log.read_text()[-2000:]}")


def run(launch: Launch, folder: Path, seconds: float = 90) -> tuple[int, str]:
    """Run a command to its end: its exit code and what it said; -9 where it did not end in time."""
    process = start("command", launch, folder)
    try:
        code = process.popen.wait(seconds)
    except subprocess.TimeoutExpired:
        code = -signal.SIGKILL
    finally:
        process.kill_all()
    return code, process.log.read_text()


def children(pid: int) -> list[int]:
    """The processes that a process started, the oldest first."""
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _living() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit() and not _is_dead(each)]


def _is_dead(folder: Path) -> bool:
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def _group_of(pid: int) -> int:
    with suppress(ProcessLookupError):
        return os.getpgid(pid)
    return 0


def _command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""
