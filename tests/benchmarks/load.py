"""A plain HTTP/1.1 load: connections that are kept open and ask one request after the other."""

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Load:
    """What a run measured; times are in seconds."""

    requests_per_second: float
    median: float
    p99: float


async def load(url: str, body: bytes, seconds: float, connections: int = 8) -> Load:
    """POST the body for so many seconds over so many connections; every answer must be 200 without errors."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    request = head.encode() + body
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def ask() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while (start := time.perf_counter()) < end:
            writer.write(request)
            answer = await _answer(reader)
            times.append(time.perf_counter() - start)
            if b'"errors":[{"message"' in answer[:200]:
                raise AssertionError(answer[:500])
        writer.close()

    await asyncio.gather(*(ask() for _ in range(connections)))
    times.sort()
    return Load(len(times) / seconds, times[len(times) // 2], times[len(times) * 99 // 100])


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return await reader.readexactly(int(length.split(b":")[1]))
