"""The open WebSockets of a process: how many, from where, and which of them have to end."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

from models.supervision import repeat
from resolvers.tokens import Holder, holders_by_digest
from server.live_limits import LiveLimits

LOOK_SECONDS = 1.0
"""At most so long between two looks at who is idle."""
NORMAL = 1000
FORBIDDEN = 4403

_log = logging.getLogger("salable.live")


class Full(Exception):  # noqa: N818  # what it is
    """There is no room for one more connection; status and message are the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Connection(Protocol):
    """What has to be known of a connection."""

    digest: str | None
    """Of the token that it was opened with; None for shoppers, and for the token of the settings, which cannot end."""
    idle_since: float | None

    @property
    def is_idle(self) -> bool:
        """Whether it was greeted and has no subscription."""

    def is_held_by(self, holder: Holder | None) -> bool:
        """Whether this is who it was opened by."""

    async def end(self, code: int, reason: str) -> None:
        """Close it."""


class LiveConnections:
    """The connections of a process, with one look at all of them now and then."""

    def __init__(self, limits: LiveLimits) -> None:
        self.limits = limits
        self._open: set[Connection] = set()
        self._by_address: Counter[str] = Counter()
        self._ending: set[asyncio.Task[None]] = set()
        self._stop = asyncio.Event()

    @contextmanager
    def room_for(self, host: str | None) -> Iterator[None]:
        """A place for a connection from this address, while it lasts; Full where there is none."""
        place = place_of(host)
        if self._by_address.total() >= self.limits.connections:
            raise Full(503, "There are too many live connections.")
        if self._by_address[place] >= self.limits.per_address:
            raise Full(429, "There are too many live connections from this address.")
        self._by_address[place] += 1
        try:
            yield
        finally:
            self._by_address[place] -= 1
            if not self._by_address[place]:
                del self._by_address[place]

    def add(self, connection: Connection) -> None:
        """Look at this one too."""
        self._open.add(connection)

    def remove(self, connection: Connection) -> None:
        """Look at it no more."""
        self._open.discard(connection)

    @asynccontextmanager
    async def looked_after(self) -> AsyncIterator[None]:
        """Meanwhile, connections that have nothing to do or whose token is no more are ended."""
        self._stop.clear()
        often = min(LOOK_SECONDS, self.limits.idle_seconds)
        seldom = self.limits.token_seconds
        tasks = [
            asyncio.create_task(repeat("live connections that are idle", self._end_idle, often, self._stop)),
            asyncio.create_task(
                repeat(
                    "tokens of live connections",
                    self._end_revoked,
                    seldom,
                    self._stop,
                    first_after=seldom,
                    longest_pause=seldom,
                )
            ),
        ]
        try:
            yield
        finally:
            self._stop.set()  # a statement is never cancelled
            await asyncio.wait(tasks)
            for task in self._ending:
                task.cancel()

    async def _end_idle(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in list(self._open):
            if not connection.is_idle:
                connection.idle_since = None
            elif connection.idle_since is None:
                connection.idle_since = now
            elif now - connection.idle_since >= self.limits.idle_seconds:
                self._end(connection, NORMAL, "There was no subscription for a while.")

    async def _end_revoked(self) -> None:
        """One statement for all connections, none where nobody has a token."""
        held = [connection for connection in self._open if connection.digest is not None]
        if not held:
            return
        holders = await holders_by_digest({connection.digest or "" for connection in held})
        for connection in held:
            if not connection.is_held_by(holders.get(connection.digest or "")):
                self._end(connection, FORBIDDEN, "This token is not valid any more.")

    def _end(self, connection: Connection, code: int, reason: str) -> None:
        self.remove(connection)
        # In a task of its own: who reads nothing holds up a close, too.
        task = asyncio.create_task(connection.end(code, reason))
        self._ending.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("a live connection could not be closed", exc_info=error)


def place_of(host: str | None) -> str:
    """What counts as one address: of IPv6 the network that one customer gets, a /64; '' where there is none."""
    try:
        address = ip_address((host or "").partition("%")[0])
    except ValueError:
        return host or ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, 64), strict=False))
    return str(address)
