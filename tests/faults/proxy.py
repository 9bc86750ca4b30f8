"""A TCP proxy to a TCP port that can keep all bytes back, as a firewall does that forgot a connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PART = 65_536


@dataclass(slots=True, eq=False)
class Link:
    """One connection, and whether its bytes pass."""

    gate: asyncio.Event
    writers: list[asyncio.StreamWriter]


@dataclass(slots=True)
class Proxy:
    """Where it listens and where it leads; `target` may be changed at any time, for connections made from then on."""

    target: int
    port: int = 0
    new_are_held: bool = False
    links: set[Link] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def listen(self) -> None:
        """Take connections: on a free port, and later on that one again."""
        self._server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Be gone: who has a connection is cut off, who wants one is refused."""
        if self._server is not None:
            self._server.close()
        self.drop()

    def hold(self, *, new: bool = False) -> None:
        """Keep back all bytes of the connections that exist, in both directions, and of new ones where asked."""
        self.new_are_held = new
        for link in self.links:
            link.gate.clear()

    def release(self) -> None:
        """Let all bytes pass again, those that were kept back first."""
        self.new_are_held = False
        for link in self.links:
            link.gate.set()

    def drop(self) -> None:
        """Cut every connection off."""
        for link in self.links:
            for writer in link.writers:
                writer.transport.abort()
            link.gate.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, for as long as both sides want it."""
        link = Link(asyncio.Event(), [writer])
        if not self.new_are_held:
            link.gate.set()
        self.links.add(link)
        try:
            await link.gate.wait()
            there_reader, there = await asyncio.open_connection("127.0.0.1", self.target)
            link.writers.append(there)
            await asyncio.gather(_pump(reader, there, link.gate), _pump(there_reader, writer, link.gate))
        except OSError:
            pass  # one side is gone: so is the other
        finally:
            self.links.discard(link)
            for each in link.writers:
                each.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event) -> None:
    while part := await reader.read(PART):
        await gate.wait()
        writer.write(part)
        await writer.drain()
    await gate.wait()
    writer.transport.abort()  # PostgreSQL closes no connection by halves


@asynccontextmanager
async def proxy_to(target: int) -> AsyncIterator[Proxy]:
    """A proxy on a free port of 127.0.0.1 to a port of 127.0.0.1."""
    proxy = Proxy(target)
    await proxy.listen()
    try:
        yield proxy
    finally:
        proxy.close()
