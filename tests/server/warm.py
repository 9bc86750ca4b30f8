"""`salable` by a fork of a process that has imported all of it: a few hundredths of a second in place of some seconds."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from tests.server.zygote import HEADER

_ROOT = Path(__file__).parents[2]
_asking = Lock()


class WarmProcess:
    """A running `salable`, as subprocess.Popen would show it."""

    def __init__(
        self, arguments: Sequence[str], *, cwd: Path, environment: Mapping[str, str], streams: Sequence[int]
    ) -> None:
        """Begin with these descriptors for standard input, output and errors; they stay open here."""
        self.arguments = arguments
        self.returncode: int | None = None
        self._said = b""
        self._socket, theirs = socket.socketpair()
        request = {"arguments": arguments, "cwd": str(cwd), "environment": dict(environment)}
        body = json.dumps(request).encode()
        with theirs, _asking:
            socket.send_fds(_zygote(), [len(body).to_bytes(HEADER)], [*streams, theirs.fileno()])
            _zygote().sendall(body)
        self.pid = self._next(None)

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, as soon as it has: a negative number is the signal that ended it."""
        if self.returncode is None:
            self.returncode = self._next(timeout)
            self._socket.close()
        return self.returncode

    def send_signal(self, sign: int) -> None:
        """Send it a signal, if it is there."""
        if self.poll() is None:
            os.kill(self.pid, sign)

    def kill(self) -> None:
        """End it as it is."""
        self.send_signal(signal.SIGKILL)

    def _next(self, timeout: float | None) -> int:
        """The next number that is said of it."""
        self._socket.settimeout(timeout)
        while b"\n" not in self._said:
            try:
                some = self._socket.recv(64)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(list(self.arguments), timeout or 0) from None
            assert some, "the process that starts the commands is gone"
            self._said += some
        number, _, self._said = self._said.partition(b"\n")
        return int(number)


@cache
def _zygote() -> socket.socket:
    """The socket of the process that is forked, which is started when it is needed first, and ends with this one."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.server.zygote", str(theirs.fileno())],
            cwd=_ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    atexit.register(_end, ours, process)
    return ours


def _end(ours: socket.socket, process: "subprocess.Popen[Any]") -> None:
    ours.close()
    process.wait()
