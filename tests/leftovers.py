"""Processes that outlive the part of the suite that started them: found, named and ended.

All that a part starts inherits its environment, and with it the part's mark. On machines without /proc nothing is found.
"""

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MARKS = "TESTS_PARTS"
"""The variable with the marks of a part, and of those around it: suites are run by tests, too."""
PATIENCE_SECONDS = 10
"""How long what ends by itself, once the part has, may take."""

_PROCESSES = Path("/proc")


def marked(mark: str) -> str:
    """The value of MARKS for a part with this mark."""
    return " ".join([*os.environ.get(MARKS, "").split(), mark])


def end_leftovers(mark: str, patience: float = PATIENCE_SECONDS) -> list[str]:
    """Kill what still runs of the part with this mark, and say what it was."""
    deadline = time.monotonic() + patience
    while (running := _running(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    found = dict(running)
    while running:  # what one has started while it was killed is killed, too
        for pid in running:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
        running = {pid: command for pid, command in _running(mark).items() if pid not in found}
        found |= running
    return [f"{pid} {command}" for pid, command in found.items()]


def _running(mark: str) -> Mapping[int, str]:
    """The commands of the processes that have inherited this mark, by their ids."""
    found = {}
    for each in _PROCESSES.glob("[0-9]*"):
        with suppress(OSError):  # it has just ended, or it is another user's
            if mark.encode() in (each / "environ").read_bytes():
                found[int(each.name)] = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return found
