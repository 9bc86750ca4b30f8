"""A real HTTP server on loopback that answers as a test says, and keeps what it was sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Received:
    """One request; the names of headers are in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """A server: what it answers may be changed at any time."""

    answer: Answer
    port: int = 0
    requests: list[Received] = field(default_factory=list)
    is_cut_off: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once whoever asked went away while the answer was written."""

    def url(self, host: str = "127.0.0.1", path: str = "/hook", scheme: str = "http") -> str:
        """A URL of this server."""
        return f"{scheme}://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, answer it, hang up."""
        with suppress(asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in head[1:])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Received(head[0], headers, body))
            try:
                await self.answer(reader, writer)
                await writer.drain()
            except ConnectionError:
                self.is_cut_off.set()
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


def status(code: int, *headers: str, body: bytes = b"") -> Answer:
    """A whole answer."""

    async def write(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (f"HTTP/1.1 {code} So", f"Content-Length: {len(body)}", *headers, "", "")
        writer.write("\r\n".join(lines).encode() + body)

    return write


def raw(text: bytes) -> Answer:
    """Just these bytes, whatever they are."""

    async def write(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)

    return write


def endless(head: bytes, part: bytes) -> Answer:
    """A beginning, and then the same again and again until nobody reads it any more."""

    async def write(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)

    return write


def silent(head: bytes = b"") -> Answer:
    """A beginning, and then nothing until the other side hangs up."""

    async def write(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await reader.read()
        raise ConnectionResetError

    return write


@asynccontextmanager
async def receiving(answer: Answer | None = None, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A server on a free port of 127.0.0.1, which answers 200 unless told otherwise."""
    receiver = Receiver(answer or status(200))
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        task.add_done_callback(running.discard)
        await receiver.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        if running:
            await asyncio.wait(running, timeout=10)
        await server.wait_closed()
