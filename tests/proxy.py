"""A real TCP proxy before a server, that can go silent as networks and servers do.

    async with proxied(database_url) as proxy:
        ...  # whoever connects to proxy.url
        proxy.hold()  # nothing passes, in either direction; who connects anew is accepted and never answered
        proxy.release()  # what was held back is delivered, in order

What was sent before its sender left is delivered all the same, as by the kernel of a server that was frozen.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

CHUNK = 65_536


@dataclass(slots=True, eq=False)
class _Route:
    """A connection through the proxy."""

    writers: list[asyncio.StreamWriter]
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    is_forgotten: bool = False

    def cut(self) -> None:
        """Reset both halves."""
        for writer in self.writers:
            writer.transport.abort()


class Proxy:
    """What stands between; made by `proxy_to`.

    Its `target`, a port of this machine or the path of a socket, may be changed at any time: it counts for new connections.
    """

    def __init__(self, target: int | str) -> None:
        self.target = target
        self.port = 0
        self.accepted = 0
        """How many connections were made so far."""
        self._new_are_held = False
        self._routes: set[_Route] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def open(self) -> int:
        """How many connections stand now."""
        return len(self._routes)

    async def listen(self) -> None:
        """Take connections: on a free port, and later on that one again."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def hold(self, *, new: bool = True) -> None:
        """Let nothing pass any more: a frozen server, a network without a route; or, with `new=False`, of what stands."""
        self._new_are_held = new
        for route in self._routes:
            route.flows.clear()

    def release(self) -> None:
        """Let everything pass, what was held back first."""
        self._new_are_held = False
        for route in self._routes:
            route.flows.set()

    def forget(self) -> None:
        """Swallow for ever what comes by the connections that stand now; new ones pass: a firewall that lost its table."""
        for route in self._routes:
            route.is_forgotten = True

    def cut(self) -> None:
        """Reset all connections: a server that was restarted."""
        for route in self._routes:
            route.cut()
            route.flows.set()

    def close(self) -> None:
        """Be gone: who has a connection is cut off, who wants one is refused."""
        if self._server is not None:
            self._server.close()
        self.cut()

    async def end(self) -> None:
        """Close, and see every connection to its end."""
        self.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        route = _Route([writer])
        if not self._new_are_held:
            route.flows.set()
        self._routes.add(route)
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await route.flows.wait()
            from_server, to_server = await self._connect()
            route.writers.append(to_server)
            await asyncio.gather(_pump(route, reader, to_server), _pump(route, from_server, writer))
        except (OSError, asyncio.CancelledError):
            pass  # one side is gone: so is the other
        finally:
            route.cut()
            self._routes.discard(route)
            self._tasks.discard(task)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.target, str):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection("127.0.0.1", self.target)


class DatabaseProxy(Proxy):
    """A proxy before a database; made by `proxied`."""

    def __init__(self, url: str) -> None:
        self.server_url = url
        self._to = urlsplit(url)
        port = self._to.port or 5432
        folder = dict(parse_qsl(self._to.query)).get("host")
        super().__init__(f"{folder}/.s.PGSQL.{port}" if folder else port)

    @property
    def url(self) -> str:
        """The database, through the proxy."""
        user = f"{self._to.username}@" if self._to.username else ""
        return f"{self._to.scheme}://{user}127.0.0.1:{self.port}{self._to.path}"


async def _pump(route: _Route, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    data = b" "
    while data:
        try:
            data = await reader.read(CHUNK)
        except ConnectionError:  # who resets a connection ends it
            data = b""
        await route.flows.wait()
        if route.is_forgotten:
            continue
        if data:
            writer.write(data)
            await writer.drain()
        elif writer.can_write_eof():
            writer.write_eof()


P = TypeVar("P", bound=Proxy)


@asynccontextmanager
async def _listening(proxy: P) -> AsyncIterator[P]:
    await proxy.listen()
    try:
        yield proxy
    finally:
        await proxy.end()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[DatabaseProxy]:
    """A proxy on a free port of this machine before the database of the URL."""
    async with _listening(DatabaseProxy(url)) as proxy:
        yield proxy


@asynccontextmanager
async def proxy_to(port: int) -> AsyncIterator[Proxy]:
    """A proxy on a free port of this machine before another one of it."""
    async with _listening(Proxy(port)) as proxy:
        yield proxy
