"""A caller who leaves costs nothing more: what is being read for them ends."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest
import uvicorn

from resolvers.availability import product_list
from server.app import create_app
from server.settings import Settings
from tests.client import ADMIN_TOKEN, AS_ADMIN
from tests.server.crowd import client
from tests.statements import counted_statements
from tests.watching import PATIENCE_SECONDS, QUIET_SECONDS

PRODUCTS = 300
COUNT = "products(filter: { availability: [] }) { totalCount }"
LONG = {"query": f"{{ {' '.join(f'a{number}: {COUNT}' for number in range(20))} }}"}
"""Looks at every product 20 times, each in a statement of its own."""


@asynccontextmanager
async def listening(database_url: str) -> AsyncIterator[str]:
    """The URL of a real server in this process."""
    given = {"database_url": database_url, "admin_token": ADMIN_TOKEN, "deliver": False}
    app = create_app(Settings.model_validate(given))
    config = uvicorn.Config(app, log_config=None, ws="server.websocket:CountingProtocol")
    server = uvicorn.Server(config)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        serving = asyncio.create_task(server.serve([bound]))
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


async def leave(url: str, seen: list[str]) -> None:
    """Ask for what takes long, and leave once it has begun."""
    body = orjson.dumps(LONG)
    host, port = url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    )
    token = f"Authorization: {AS_ADMIN['Authorization']}\r\n\r\n"
    writer.write((head + token).encode() + body)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not any("FROM product p" in sql for sql in seen):  # noqa: ASYNC110  # statements tell nobody
            await asyncio.sleep(0)
    writer.transport.abort()


@pytest.mark.parametrize("times", [1, 20])
async def test_what_is_read_for_a_caller_who_left_ends(
    database_url: str, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setattr(product_list, "SCAN_BATCH", 1)
    async with listening(database_url) as url, client(url) as api:
        await api.change(
            "upsertProducts", "products", "[ProductInput!]!", [{"sku": f"SKU-{n}"} for n in range(PRODUCTS)]
        )
        with counted_statements() as seen:
            for _ in range(times):
                del seen[:]
                await leave(url, seen)
            del seen[:]
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    before = len(seen)
                    await asyncio.sleep(QUIET_SECONDS)
                    if len(seen) == before:
                        break
        asked = [sql for sql in seen if "FROM product p" in sql]
        assert len(asked) < 20 * PRODUCTS / 10
        assert await api.data("{ products { totalCount } }") == {"products": {"totalCount": PRODUCTS}}
