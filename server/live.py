"""Subscriptions over WebSocket: the protocol graphql-transport-ws, and what a caller may send by it.

What is no lawful message closes the connection with 4400, as the protocol says. What is wrong with an operation is an
`error` message with a code, and leaves the connection and its other operations alone.
"""

from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from graphql import GraphQLError
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.types.execution import PreExecutionError

from resolvers.tokens import Holder, digest_of, holders_by_digest
from schema.context import Context
from schema.errors import log_unexpected
from server.auth import FIRST_ADMIN, token_in, viewer_who_is
from server.budget import Budget
from server.live_connections import FORBIDDEN, LiveConnections
from server.websocket import TOO_MUCH

INIT_WAIT = timedelta(seconds=10)
LONGEST_ID = 128
STARTS = 5
"""How many times as many subscriptions as it may have a connection may begin within ten seconds."""

Message = Mapping[str, Any]


class TextAdapter(ASGIWebSocketAdapter):
    """Messages as text, which is what the protocol asks for; nothing is sent behind a close."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message, once the client has room for it."""
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnected
        text = self.view.encode_json(message)
        try:
            await self.ws.send_text(text.decode() if isinstance(text, bytes) else text)
        except (OSError, RuntimeError, WebSocketDisconnect) as error:  # it is gone, or it went while this waited
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, if it is open."""
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            with suppress(OSError, RuntimeError, WebSocketDisconnect):  # it went first
                await super().close(code, reason)


class LiveHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """One connection: who it belongs to, and its subscriptions."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        endpoint: Any = self.view  # ours, which knows whose a token is, and all connections
        self._endpoint = endpoint
        self._connections: LiveConnections = endpoint.connections
        self._starts = Budget(STARTS * self._connections.limits.subscriptions)
        self.digest: str | None = None
        self.idle_since: float | None = None

    async def handle(self) -> None:
        """Serve it to its end."""
        adapter: Any = self.websocket
        self._note_token(adapter.ws.headers.get("authorization"))
        self._connections.add(self)
        try:
            await super().handle()
        finally:
            self._connections.remove(self)

    @property
    def is_idle(self) -> bool:
        """Whether it was greeted and has no subscription."""
        return self.connection_acknowledged and not self.operations

    def is_held_by(self, holder: Holder | None) -> bool:
        """Whether this is who it was opened by."""
        return viewer_who_is(holder) == self.context.viewer

    async def end(self, code: int, reason: str) -> None:
        """Close it."""
        await self.websocket.close(code, reason)

    async def handle_message(self, message: Any) -> None:
        """Do what a message says, if it is one."""
        if not _is_lawful(message):
            await self.handle_invalid_message("This is no message of the protocol.")
        elif message["type"] == "connection_init" and not self.connection_init_received:
            await self._know_viewer(message.get("payload"))
            message["payload"] = message.get("payload") or {}
            await super().handle_message(message)
        elif message["type"] == "subscribe" and not self._starts.spend():
            await self.end(TOO_MUCH, "Too many subscriptions in a short time.")
        elif message["type"] == "subscribe" and not await self._is_token_valid():
            await self.end(FORBIDDEN, "This token is not valid any more.")
        elif message["type"] == "subscribe" and self._has_enough(message["id"]):
            text = f"A connection has at most {self._connections.limits.subscriptions} subscriptions."
            error = GraphQLError(text, extensions={"code": "TOO_MANY"})
            await self.send_message({"type": "error", "id": message["id"], "payload": [error.formatted]})
        else:
            await super().handle_message(message)

    def _has_enough(self, id_: str) -> bool:
        is_at_limit = len(self.operations) >= self._connections.limits.subscriptions
        return self.connection_acknowledged and is_at_limit and id_ not in self.operations

    async def _know_viewer(self, payload: Message | None) -> None:
        """Browsers cannot send headers with a WebSocket: its first message says who it is, before any header."""
        by_name = {name.lower(): value for name, value in (payload or {}).items()}
        authorization = by_name.get("authorization")
        if authorization is not None:
            said = authorization if isinstance(authorization, str) else ""
            adapter: Any = self.websocket
            host = adapter.ws.client.host if adapter.ws.client else None
            self.context.viewer = await self._endpoint.admit(said, host)
            self._note_token(said)

    def _note_token(self, authorization: str | None) -> None:
        """Remember by its digest the token that has to be looked at again: one that is stored, and is valid now."""
        viewer, token = self.context.viewer, token_in(authorization)
        is_stored = viewer.name is not None and viewer is not FIRST_ADMIN
        self.digest = digest_of(token) if token is not None and is_stored else None

    async def _is_token_valid(self) -> bool:
        if self.digest is None:
            return True
        return self.is_held_by((await holders_by_digest({self.digest})).get(self.digest))

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Send the results of one subscription as they come."""
        context = replace(self.context, is_running=False)
        try:
            results = await self.schema.subscribe(
                operation.query,
                variable_values=operation.variables,
                context_value=context,
                operation_name=operation.operation_name,
            )
            async with aclosing(results):
                async for result in results:
                    if isinstance(result, PreExecutionError):
                        await operation.send_initial_errors(result.errors or [])
                        return
                    await operation.send_next(result)
            await operation.send_operation_message({"type": "complete", "id": operation.id})
        except WebSocketDisconnected:
            return
        except Exception as error:  # noqa: BLE001  # masked here, as it is in every field
            log_unexpected(error, context.request_id)
            await self.websocket.close(1011, "Something went wrong on our side.")


def _is_lawful(message: Any) -> bool:
    """Whether a message has the shape of its type; an unknown type is the protocol's to refuse."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    kind, id_, payload = message["type"], message.get("id"), message.get("payload")
    if kind in {"subscribe", "complete"} and not (isinstance(id_, str) and 0 < len(id_) <= LONGEST_ID):
        return False
    if kind == "subscribe":
        return (
            isinstance(payload, dict)
            and isinstance(payload.get("query"), str)
            and isinstance(payload.get("variables"), dict | None)
            and isinstance(payload.get("operationName"), str | None)
        )
    return isinstance(payload, dict | None)
