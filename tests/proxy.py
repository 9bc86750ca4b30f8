"""A real TCP proxy before a PostgreSQL server, that can go silent as networks and servers do.

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
from urllib.parse import parse_qsl, urlsplit

CHUNK = 65_536


@dataclass(slots=True, eq=False)
class _Route:
    """A connection through the proxy."""

    is_forgotten: bool = False
    writers: list[asyncio.StreamWriter] = field(default_factory=list)


class Proxy:
    """What stands between; made by `proxied`."""

    def __init__(self, url: str) -> None:
        self.server_url = url
        self._to = urlsplit(url)
        self._flows = asyncio.Event()
        self._flows.set()
        self._routes: set[_Route] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.accepted = 0
        """How many connections were made so far."""

    @property
    def url(self) -> str:
        """The database, through the proxy."""
        user = f"{self._to.username}@" if self._to.username else ""
        return f"{self._to.scheme}://{user}127.0.0.1:{self.port}{self._to.path}"

    @property
    def open(self) -> int:
        """How many connections stand now."""
        return len(self._routes)

    def hold(self) -> None:
        """Let nothing pass any more: a frozen server, a network without a route."""
        self._flows.clear()

    def release(self) -> None:
        """Let everything pass, what was held back first."""
        self._flows.set()

    def forget(self) -> None:
        """Swallow for ever what comes by the connections that stand now; new ones pass: a firewall that lost its table."""
        for route in self._routes:
            route.is_forgotten = True

    def cut(self) -> None:
        """Close all connections: a server that was restarted."""
        for route in self._routes:
            for writer in route.writers:
                writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        route = _Route(writers=[writer])
        self._routes.add(route)
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._flows.wait()
            from_server, to_server = await self._connect()
            route.writers.append(to_server)
            await asyncio.gather(self._pump(route, reader, to_server), self._pump(route, from_server, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for each in route.writers:
                each.transport.abort()
            self._routes.discard(route)
            self._tasks.discard(task)

    async def end(self) -> None:
        """Drop everything."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        port = self._to.port or 5432
        folder = dict(parse_qsl(self._to.query)).get("host")
        if folder:
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self._to.hostname, port)

    async def _pump(self, route: _Route, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = b" "
        while data:
            try:
                data = await reader.read(CHUNK)
            except ConnectionError:  # who resets a connection ends it
                data = b""
            await self._flows.wait()
            if route.is_forgotten:
                continue
            if data:
                writer.write(data)
                await writer.drain()
            elif writer.can_write_eof():
                writer.write_eof()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[Proxy]:
    """A proxy on a free port of this machine before the database of the URL."""
    proxy = Proxy(url)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.release()
        await proxy.end()
