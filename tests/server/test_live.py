"""Live updates over real sockets: several processes, callers that vanish, limits, and the end of the service."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import asyncpg

from models.address import parse_address
from tests.orders import line, place
from tests.server.crowd import client, service
from tests.server.process import PATIENCE_SECONDS, Service, run
from tests.watching import PROTOCOL, ended, watching
from tests.worlds import stock_up

CROWD = 200


async def test_what_one_process_changes_is_told_by_the_other(tmp_path: Path, database_url: str, db: None) -> None:
    await stock_up({"A": {"north": 1000}})
    with (
        service(tmp_path / "one", database_url) as one,
        service(tmp_path / "other", database_url) as other,
    ):
        async with client(one.url) as api, watching(other.url) as watch:
            await watch.subscribe(["A"], "salableQty")
            assert await watch.product() == {"salableQty": 1000}
            for number in range(1, 6):
                await place(api, str(number), [line("A", 1)])
                assert await watch.product() == {"salableQty": 1000 - number}
            assert await watch.is_quiet()


async def test_all_workers_of_a_service_tell_the_same(running: Service) -> None:
    async with AsyncExitStack() as stack:
        watches = [await stack.enter_async_context(watching(running.url)) for _ in range(8)]
        api = await stack.enter_async_context(client(running.url))
        for watch in watches:
            await watch.subscribe(["A", "B"], "sku salableQty")
            assert {(await watch.product())["sku"] for _ in range(2)} == {"A", "B"}
        for number in range(1, 6):
            await place(api, str(number), [line("A", 1)])
            for watch in watches:
                assert await watch.product() == {"sku": "A", "salableQty": 1000 - number}
        assert all([await watch.is_quiet() for watch in watches])


async def test_what_a_command_changes_is_told(running: Service, tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "items.csv"
    file.write_text("source_code,sku,status,quantity\nnorth,A,1,7\n")
    async with watching(running.url) as watch:
        await watch.subscribe(["A"], "salableQty")
        await watch.product()
        done = await asyncio.to_thread(
            run, "import", "source-items", str(file), cwd=tmp_path, database_url=database_url
        )
        assert done.returncode == 0, done.stderr
        assert await watch.product() == {"salableQty": 7}


_LISTENING = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"


async def _pid_of_listener(database_url: str, but_for: int | None = None) -> int:
    """The process of PostgreSQL that serves the connection which hears of changes, once there is one (another one)."""
    admin = await asyncpg.connect(**parse_address(database_url).credentials)
    try:
        while (found := await admin.fetchval(_LISTENING)) in {None, but_for}:  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.05)
        if but_for is None:
            await admin.execute("SELECT pg_terminate_backend($1)", found)
        return int(found)
    finally:
        await admin.close()


async def test_what_another_process_changes_is_heard_though_the_connection_was_lost_meanwhile(
    tmp_path: Path, database_url: str, db: None, is_postgresql: bool
) -> None:
    await stock_up({"A": {"north": 1000}})
    with service(tmp_path / "one", database_url) as one, service(tmp_path / "other", database_url) as other:
        async with asyncio.timeout(PATIENCE_SECONDS), client(one.url) as api, watching(other.url) as watch:
            await watch.subscribe(["A"], "salableQty")
            assert await watch.product() == {"salableQty": 1000}
            lost = await _pid_of_listener(database_url) if is_postgresql else None  # a file is not lost
            await place(api, "1", [line("A", 1)])
            assert await watch.product() == {"salableQty": 999}
            if lost is not None:
                await _pid_of_listener(database_url, but_for=lost)
            await place(api, "2", [line("A", 1)])
            assert await watch.product() == {"salableQty": 998}
        assert other.output().count("listening waits for the database") == int(is_postgresql)
        assert "Traceback" not in other.output()


async def _vanish(url: str, chance: Random) -> None:
    """Shake hands, subscribe, and reset the connection somewhere in between."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    head = (
        f"GET /graphql HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
    )
    writer.write(head.encode())
    await reader.readuntil(b"\r\n\r\n")
    query = 'subscription { stockChanged(skus: ["A", "B"]) { sku salableQty } }'
    for message in (
        {"type": "connection_init"},
        {"type": "subscribe", "id": "1", "payload": {"query": query}},
    ):
        text = json.dumps(message).encode()
        length = bytes([0x80 | len(text)]) if len(text) < 126 else bytes([0x80 | 126]) + len(text).to_bytes(2, "big")
        writer.write(b"\x81" + length + b"\0\0\0\0" + text)
        await asyncio.sleep(chance.uniform(0, 0.02))
    writer.transport.abort()


async def test_200_callers_that_vanish_are_forgotten_and_the_service_goes_on(
    tmp_path: Path, database_url: str, db: None
) -> None:
    await stock_up({"A": {"north": 1000}, "B": {"north": 1000}})
    chance = Random(7)  # noqa: S311  # when to go away needs no secrecy
    limits = {"live_connections": "60"}
    with service(tmp_path / "service", database_url, **limits) as running:
        async with client(running.url) as api, watching(running.url) as stays:
            await stays.subscribe(["A"], "salableQty")
            await stays.product()
            for number in range(CROWD // 20):
                await asyncio.gather(*[_vanish(running.url, chance) for _ in range(20)])
                await place(api, str(number), [line("A", 1)])
                assert await stays.product() == {"salableQty": 999 - number}
            # Where any of them were still held, the last of these would not be let in.
            async with asyncio.timeout(PATIENCE_SECONDS), AsyncExitStack() as stack:
                for _ in range(59):
                    await stack.enter_async_context(watching(running.url))
        running.stop()
        assert "Traceback" not in running.output()


async def test_the_service_stops_at_once_and_says_so_to_those_who_watch(running: Service) -> None:
    parts = urlsplit(running.url)
    async with AsyncExitStack() as stack:
        watches = [await stack.enter_async_context(watching(running.url)) for _ in range(10)]
        for watch in watches:
            await watch.subscribe(["A", "B"])
            await watch.product()
        # One that never reads again, and one that never finishes its handshake.
        watches[0].socket.transport.pause_reading()
        _, silent = await asyncio.open_connection(parts.hostname, parts.port)
        start = time.monotonic()
        assert await asyncio.to_thread(running.stop) == 0
        assert time.monotonic() - start < 15
        assert {await ended(watch) for watch in watches[1:]} == {1001}
        silent.close()
