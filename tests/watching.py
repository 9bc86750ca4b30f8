"""Watching products over WebSocket, as any client does."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("graphql-transport-ws")
PATIENCE_SECONDS = 60
QUIET_SECONDS = 0.5
"""Long enough for whatever is on its way; shorter than the time after which the hub looks again by itself."""

SEEN = "sku salableQty availability onlyXLeftInStock"

Message = dict[str, Any]


def stock_changed(fields: str = SEEN) -> str:
    """The document of a subscription."""
    return (
        "subscription ($skus: [String!]!, $salesChannel: String)"
        f" {{ stockChanged(skus: $skus, salesChannel: $salesChannel) {{ {fields} }} }}"
    )


@dataclass(slots=True)
class Watch:
    """One connection, which may hold several subscriptions."""

    socket: ClientConnection
    ids: "count[int]" = field(default_factory=lambda: count(1))

    async def send(self, message: Message | str) -> None:
        """Send one message."""
        await self.socket.send(message if isinstance(message, str) else json.dumps(message))

    async def receive(self) -> Message:
        """The next message."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            message: Message = json.loads(await self.socket.recv(), parse_float=Decimal)
        return message

    async def subscribe(
        self, skus: Sequence[str], fields: str = SEEN, *, query: str | None = None, **variables: Any
    ) -> str:
        """Begin a subscription; its id."""
        id_ = str(next(self.ids))
        asked = {"skus": list(skus), **variables}
        payload = {"query": stock_changed(fields) if query is None else query, "variables": asked}
        await self.send({"type": "subscribe", "id": id_, "payload": payload})
        return id_

    async def product(self) -> Message:
        """The product of the next message, which must be one."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        product: Message = message["payload"]["data"]["stockChanged"]
        return product

    async def code(self) -> str:
        """The code of the next message, which must be an error."""
        message = await self.receive()
        assert message["type"] == "error", message
        [error] = message["payload"]
        return str(error["extensions"]["code"])

    async def is_quiet(self) -> bool:
        """Whether nothing comes for a while."""
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                await self.socket.recv()
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def watching(
    url: str,
    payload: Mapping[str, Any] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    origin: str | None = None,
    **options: Any,
) -> AsyncIterator[Watch]:
    """A connection to the service at this address that was greeted and acknowledged."""
    address = url.replace("http", "ws", 1) + "/graphql"
    more = {**(headers or {}), **({"Origin": origin} if origin else {})}
    socket = await connect(address, subprotocols=[PROTOCOL], additional_headers=more, **options)
    try:
        watch = Watch(socket)
        await watch.send({"type": "connection_init", **({} if payload is None else {"payload": dict(payload)})})
        assert await watch.receive() == {"type": "connection_ack"}
        yield watch
    finally:
        with suppress(AttributeError):  # asyncio's, of a transport that was lost while it still sent
            await socket.close()


async def ended(watch: Watch) -> int | None:
    """The code with which the service ends the connection; None where it says none."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                await watch.socket.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
