"""What a caller may send over a WebSocket, from where and how much of it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.client import ADMIN_TOKEN, AS_ADMIN
from tests.orders import line, place
from tests.server.crowd import client, service
from tests.server.process import PATIENCE_SECONDS, Service
from tests.watching import PROTOCOL, Watch, ended, watching

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
    (json.dumps({"type": "ping", "payload": {"pad": "x" * 2**17}}), 1009),
]


async def test_a_process_holds_as_many_connections_as_it_is_told(tmp_path: Path, database_url: str, db: None) -> None:
    with service(tmp_path / "service", database_url, live_connections="2") as running:
        async with watching(running.url):
            async with watching(running.url):
                with pytest.raises(InvalidStatus) as refused:
                    async with watching(running.url):
                        pass
                assert refused.value.response.status_code == 503
            async with asyncio.timeout(PATIENCE_SECONDS):
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
            (["A"], {"query": "subscription { " + "a " * 2_000 + "}"}, "GRAPHQL_PARSE_FAILED"),
            (["A"], {"query": "subscription { " + "a " * 501 + "}"}, "GRAPHQL_PARSE_FAILED"),
            (["A"], {"query": f"{{ ...f ...f }} fragment f on Query {{ {'a ' * 251} }}"}, "GRAPHQL_VALIDATION_FAILED"),
            (["A"], {"query": "subscription { a } #" + "x" * 2**16}, "GRAPHQL_VALIDATION_FAILED"),
            (
                ["A"] * 500,
                {"fields": " ".join(f"a{n}: salability(quantity: 1) {{ sku }}" for n in range(30))},
                "TOO_COSTLY",
            ),
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


async def test_what_is_no_message_closes_the_connection_with_a_code(running: Service) -> None:
    for message, code in UNLAWFUL:
        async with watching(running.url) as watch:
            await watch.send(message)
            assert await ended(watch) == code, message
    async with watching(running.url) as watch:
        await watch.send({"type": "ping"})
        assert await watch.receive() == {"type": "pong"}


async def test_who_sends_bytes_or_speaks_another_protocol_is_sent_away(running: Service) -> None:
    async with watching(running.url) as watch:
        await watch.socket.send(b"{}")
        assert await ended(watch) == 4400
    address = running.url.replace("http", "ws", 1) + "/graphql"
    for protocols in (None, ["graphql-ws"]):
        async with connect(address, subprotocols=protocols) as socket:  # type: ignore[arg-type]
            assert await ended(Watch(socket)) == 4406
    async with connect(address, subprotocols=[PROTOCOL]) as socket:
        assert "Sec-WebSocket-Extensions" not in (socket.response.headers if socket.response else {})
        await Watch(socket).subscribe(["A"])
        assert await ended(Watch(socket)) == 4401
