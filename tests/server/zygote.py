"""A process that has imported all of salable, and becomes `salable` itself by a fork, once for each time it is asked.

    python -m tests.server.zygote DESCRIPTOR

Asked over a socket by tests.server.warm. A child is what the installed command would be: its own session, streams, folder,
environment and signals, and it runs the command to its exit; only its start is shared. None outlives who asked for it.
"""

import gc
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import Any

WORKS_WITH = (
    "server.app",
    "server.websocket",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.supervisors",
    "uvloop",
)
"""What `salable serve` imports by name, or when it is asked."""
HEADER = 4
"""Bytes that say how long a request is."""
DESCRIPTORS = 4
"""With every request come those of its streams, and of the socket that says how it goes."""


class Zygote:
    """Waits to be asked; the children that live, by their ids, with the socket of who asked."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, socket.socket] = {}
        self._woken, self._wakes = socket.socketpair()
        for each in (self._woken, self._wakes):
            each.setblocking(False)

    def serve(self) -> Mapping[str, Any] | None:
        """What was asked for, in each child; None at the end, in the process that has made them."""
        signal.set_wakeup_fd(self._wakes.fileno())
        signal.signal(signal.SIGCHLD, _do_nothing)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks
        while True:
            asking = {each: pid for pid, each in self._children.items()}
            ready, _, _ = select.select([self._control, self._woken, *asking], [], [])
            if self._woken in ready:
                self._woken.recv(1024)
                self._tell_ends()
            for pid in [asking[each] for each in ready if each in asking]:
                if pid in self._children:  # nothing is said there: who asked is gone
                    _kill(pid)
            if self._control in ready and (request := self._begin()) is not None:
                if not request:
                    break
                return request
        for pid in self._children:
            _kill(pid)
        return None

    def _begin(self) -> Mapping[str, Any] | None:
        """Fork: the request in the child, None in the parent; an empty one where nobody is there to ask any more."""
        header, descriptors, _, _ = socket.recv_fds(self._control, HEADER, DESCRIPTORS)
        if not header:
            return {}
        request: Mapping[str, Any] = json.loads(self._control.recv(int.from_bytes(header), socket.MSG_WAITALL))
        *streams, asking = descriptors
        pid = os.fork()
        if pid == 0:
            self._leave()
            _become(request, streams)
            return request
        for each in streams:
            os.close(each)
        self._children[pid] = socket.socket(fileno=asking)
        self._say(pid, pid)
        return None

    def _leave(self) -> None:
        signal.set_wakeup_fd(-1)
        for each in (self._control, self._woken, self._wakes, *self._children.values()):
            each.detach()  # its number may soon be another file's

    def _tell_ends(self) -> None:
        for pid in list(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._say(pid, os.waitstatus_to_exitcode(status))
                self._children.pop(pid).close()

    def _say(self, pid: int, number: int) -> None:
        with suppress(OSError):
            self._children[pid].sendall(f"{number}\n".encode())


def _become(request: Mapping[str, Any], streams: list[int]) -> None:
    """Take the place of a process that was just started."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    sys.argv = list(request["arguments"])


def _kill(pid: int) -> None:
    """With all that it has started, as far as that has stayed in its session."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):  # it has not come to its session yet
        os.kill(pid, signal.SIGKILL)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """A signal with a function wakes who waits."""


def _import_all() -> None:
    commands = import_module("server.commands")
    for each in (*WORKS_WITH, *(f"server.commands.{each.name}" for each in pkgutil.iter_modules(commands.__path__))):
        import_module(each)
    gc.collect()
    gc.freeze()  # what is there is never looked through again: children share it


if __name__ == "__main__":
    _import_all()
    from server.cli import main

    if Zygote(socket.socket(fileno=int(sys.argv[1]))).serve() is not None:
        main(prog_name="salable")
