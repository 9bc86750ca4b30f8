"""Live updates over real sockets: several processes, callers that vanish, limits, and the end of the service."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from models.database import parse_address
from tests.client import ADMIN_TOKEN, AS_ADMIN
from tests.orders import line, place
from tests.server.crowd import client, service
from tests.server.process import Service, run
from tests.watching import PROTOCOL, Watch, watching
from tests.worlds import stock_up

CROWD = 200
BEARER = {"Authorization": f"Bearer {ADMIN_TOKEN}"}

UNLAWFUL = [
    ("no json", 4400),
    ("[" * 10_000, 4400),
    ("[]", 4400),
    ("5", 4400),
    ('{"type": 5}', 4400),
    ('{"type": "unheard of"}', 4400),
    ('{"type": "subscribe"}', 4400),
    ('{"type": "subscribe", "id": ["1"], "payload": {"query": "{"}}', 4400),
    ('{"type": "subscribe", "id": "1", "payload": {"query": 5}}', 4400),
    ('{"type": "subscribe", "id": "1", "payload": {"query": "{", "variables": []}}', 4400),
    ('{"type": "complete", "id": {}}', 4400),
    ('{"type": "connection_init"}', 4429),
    (json.dumps({"type": "ping", "payload": {"pad": "x" * 2**20}}), 1009),
]


@pytest.fixture
async def running(tmp_path: Path, database_url: str, db: None) -> AsyncIterator[Service]:
    """A service with two workers, and 1,000 of each of two products."""
    await stock_up({"A": {"north": 1000}, "B": {"north": 1000}})
    with service(tmp_path / "service", database_url, "--workers", "2") as found:
        yield found
        assert "Traceback" not in found.output()


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
        async with asyncio.timeout(20), client(one.url) as api, watching(other.url) as watch:
            await watch.subscribe(["A"], "salableQty")
            assert await watch.product() == {"salableQty": 1000}
            lost = await _pid_of_listener(database_url) if is_postgresql else None  # a file is not lost
            await place(api, "1", [line("A", 1)])
            assert await watch.product() == {"salableQty": 999}
            if lost is not None:
                await _pid_of_listener(database_url, but_for=lost)
            await place(api, "2", [line("A", 1)])
            assert await watch.product() == {"salableQty": 998}
        assert other.output().count("the connection that hears of changes is lost") == int(is_postgresql)
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
            async with asyncio.timeout(20), AsyncExitStack() as stack:
                for _ in range(59):
                    await stack.enter_async_context(watching(running.url))
        running.stop()
        assert "Traceback" not in running.output()


async def test_a_process_holds_as_many_connections_as_it_is_told(tmp_path: Path, database_url: str, db: None) -> None:
    with service(tmp_path / "service", database_url, live_connections="2") as running:
        async with watching(running.url):
            async with watching(running.url):
                with pytest.raises(InvalidStatus) as refused:
                    async with watching(running.url):
                        pass
                assert refused.value.response.status_code == 503
            async with asyncio.timeout(20):
                while True:
                    try:
                        async with watching(running.url):
                            break
                    except InvalidStatus:
                        await asyncio.sleep(0.01)


async def test_only_pages_of_our_own_and_of_the_settings_may_connect(
    tmp_path: Path, database_url: str, db: None
) -> None:
    with service(tmp_path / "service", database_url, cors_origins="https://shop.example") as running:
        for origin in (running.url, "https://shop.example", None):
            async with watching(running.url, origin=origin):
                pass
        for origin in ("https://evil.example", "null", f"{running.url}0"):
            with pytest.raises(InvalidStatus) as refused:
                async with watching(running.url, origin=origin):
                    pass
            assert refused.value.response.status_code == 403


async def test_the_first_message_says_who_is_there_and_a_header_does_too(running: Service) -> None:
    fields = "sku salableQtyTerms { kind }"
    cases: list[tuple[dict[str, Any] | None, dict[str, str], str | None]] = [
        (None, {}, "FORBIDDEN"),
        ({}, {}, "FORBIDDEN"),
        (BEARER, {}, None),
        ({"authorization": f"bearer {ADMIN_TOKEN}"}, {}, None),
        (None, AS_ADMIN, None),
        ({"Authorization": "Bearer wrong"}, {}, "UNAUTHENTICATED"),
        ({"Authorization": "Bearer wrong"}, AS_ADMIN, "UNAUTHENTICATED"),
        ({"Authorization": 5}, {}, "UNAUTHENTICATED"),
    ]
    for payload, headers, code in cases:
        async with watching(running.url, payload, headers=headers) as watch:
            await watch.subscribe(["A"], fields)
            message = await watch.receive()
            assert message["payload"]["data"]["stockChanged"]["sku"] == "A"
            errors = message["payload"].get("errors", [])
            assert [error["extensions"]["code"] for error in errors] == ([code] if code else []), (payload, headers)


async def test_a_refused_subscription_leaves_the_connection_and_the_others_alone(running: Service) -> None:
    async with watching(running.url) as watch, client(running.url) as api:
        await watch.subscribe(["A"], "salableQty")
        await watch.product()
        for skus, more, code in (
            ([], {}, "BAD_USER_INPUT"),
            ([str(number) for number in range(10_001)], {}, "TOO_MANY"),
            (["A"], {"salesChannel": "nowhere"}, "UNKNOWN_SALES_CHANNEL"),
            (["A"], {"query": "subscription {"}, "GRAPHQL_PARSE_FAILED"),
            (["A"], {"query": ""}, "BAD_USER_INPUT"),
            (["A"], {"query": "{ viewer { name } }"}, "BAD_USER_INPUT"),
        ):
            await watch.subscribe(skus, **more)
            assert await watch.code() == code
        await place(api, "1", [line("A", 1)])
        assert await watch.product() == {"salableQty": 999}


async def test_a_connection_has_20_subscriptions_and_room_again_when_one_ends(running: Service) -> None:
    async with watching(running.url) as watch:
        ids = [await watch.subscribe(["A"]) for _ in range(20)]
        for _ in ids:
            await watch.product()
        await watch.subscribe(["A"])
        assert await watch.code() == "TOO_MANY"
        await watch.send({"type": "complete", "id": ids[0]})
        await watch.subscribe(["A"])
        await watch.product()


async def _ended(watch: Watch) -> int | None:
    try:
        async with asyncio.timeout(20):
            while True:
                await watch.socket.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def test_what_is_no_message_closes_the_connection_with_a_code(running: Service) -> None:
    for message, code in UNLAWFUL:
        async with watching(running.url) as watch:
            await watch.send(message)
            assert await _ended(watch) == code, message
    async with watching(running.url) as watch:
        await watch.send({"type": "ping"})
        assert await watch.receive() == {"type": "pong"}


async def test_who_sends_bytes_or_speaks_another_protocol_is_sent_away(running: Service) -> None:
    async with watching(running.url) as watch:
        await watch.socket.send(b"{}")
        assert await _ended(watch) == 4400
    address = running.url.replace("http", "ws", 1) + "/graphql"
    for protocols in (None, ["graphql-ws"]):
        async with connect(address, subprotocols=protocols) as socket:  # type: ignore[arg-type]
            assert await _ended(Watch(socket)) == 4406
    async with connect(address, subprotocols=[PROTOCOL]) as socket:
        assert "Sec-WebSocket-Extensions" not in (socket.response.headers if socket.response else {})
        await Watch(socket).subscribe(["A"])
        assert await _ended(Watch(socket)) == 4401


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
        assert {await _ended(watch) for watch in watches[1:]} == {1001}
        silent.close()
