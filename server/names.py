"""Looking up names of hosts that others have chosen: a name server that is silent holds up its own names alone.

The machine looks names up (its hosts file, its name servers, whatever it is set to), and may take half a minute to give up:
a thread that waits cannot be ended. So each name has one thread of its own, shared by all who ask for that name meanwhile,
and those that were silent before share a part of all threads: a name of another server always finds one.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

LOOK_UP_SECONDS = 8.0
"""How long who asks waits: the machine asks its second name server after five."""
MOST_THREADS = 192
MOST_OF_SILENT = 64
"""Threads of names that were silent when they were looked up last."""
MOST_SILENT = 10_000
"""Names that are known to be silent; more are forgotten."""


class NoRoom(Exception):  # noqa: N818  # an outcome, named as one
    """There was no thread for this look-up, so it was not tried: that is our trouble, not the name's."""


class SilentNameServer(Exception):  # noqa: N818  # an outcome, named as one
    """The name was not answered for in time."""


class Threads(Generic[T]):
    """Calls that block, by what they are about: each in a thread of its own, one at a time for the same thing."""

    def __init__(self, most: int = MOST_THREADS, most_of_silent: int = MOST_OF_SILENT) -> None:
        self._most = most
        self._most_of_silent = most_of_silent
        self._running: dict[object, asyncio.Future[T]] = {}
        self._silent: set[object] = set()

    async def call(self, about: object, blocking: Callable[[], T], seconds: float) -> T:
        """What the call returns or raises; NoRoom, or SilentNameServer where it takes longer than so many seconds.

        What takes longer goes on: its thread is nobody's, and does not hold up the end of the process.
        """
        running = self._running.get(about)
        if running is None:
            running = self._begin(about, blocking)
        try:
            async with asyncio.timeout(seconds):
                answer = await asyncio.shield(running)
        except TimeoutError:
            if running.done():
                raise
            if len(self._silent) >= MOST_SILENT:
                self._silent.clear()
            self._silent.add(about)
            raise SilentNameServer from None
        self._silent.discard(about)
        return answer

    def _begin(self, about: object, blocking: Callable[[], T]) -> "asyncio.Future[T]":
        of_silent = sum(each in self._silent for each in self._running)
        if len(self._running) >= self._most or (about in self._silent and of_silent >= self._most_of_silent):
            raise NoRoom
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._running[about] = future

        def ended(answer: T | None, error: BaseException | None) -> None:
            self._running.pop(about, None)
            if not future.done():
                if error is not None:
                    future.set_exception(error)
                    future.exception()  # whoever asked may have gone
                else:
                    future.set_result(answer)  # type: ignore[arg-type]  # it is what the call returned

        def run() -> None:
            answer, error = None, None
            try:
                answer = blocking()
            except Exception as raised:  # noqa: BLE001  # it is raised where it is waited for
                error = raised
            try:
                loop.call_soon_threadsafe(ended, answer, error)
            except RuntimeError:  # the loop has ended meanwhile, with all who asked
                self._running.pop(about, None)

        try:
            threading.Thread(target=run, name="look-up of a name", daemon=True).start()
        except RuntimeError:  # the machine gives no thread
            del self._running[about]
            raise NoRoom from None
        return future


_threads: Threads[list[str]] = Threads()
_own_name: str | None = None


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, or of an address in any form, as the machine sees them.

    OSError where there is none, SilentNameServer where nobody says so in time, NoRoom where it was not tried.
    """

    def look_up() -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    return await _threads.call((asyncio.get_running_loop(), host, port), look_up, LOOK_UP_SECONDS)


async def own_name() -> str:
    """What this machine is called among others, as a mail server is greeted; the short name where nobody can say it."""
    global _own_name  # noqa: PLW0603  # it is one a machine
    if _own_name is None:
        try:
            [found] = await _threads.call((asyncio.get_running_loop(), ""), lambda: [socket.getfqdn()], 2.0)
        except (NoRoom, SilentNameServer, OSError):
            return socket.gethostname()
        _own_name = found
    return _own_name
