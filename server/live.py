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

from schema.context import Context
from schema.errors import log_unexpected

INIT_WAIT = timedelta(seconds=10)
MOST_SUBSCRIPTIONS = 20
LONGEST_ID = 128

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

    async def handle_message(self, message: Any) -> None:
        """Do what a message says, if it is one."""
        if not _is_lawful(message):
            await self.handle_invalid_message("This is no message of the protocol.")
        elif message["type"] == "connection_init" and not self.connection_init_received:
            await self._know_viewer(message.get("payload"))
            message["payload"] = message.get("payload") or {}
            await super().handle_message(message)
        elif message["type"] == "subscribe" and self._has_enough(message["id"]):
            text = f"A connection has at most {MOST_SUBSCRIPTIONS} subscriptions."
            error = GraphQLError(text, extensions={"code": "TOO_MANY"})
            await self.send_message({"type": "error", "id": message["id"], "payload": [error.formatted]})
        else:
            await super().handle_message(message)

    def _has_enough(self, id_: str) -> bool:
        is_at_limit = len(self.operations) >= MOST_SUBSCRIPTIONS
        return self.connection_acknowledged and is_at_limit and id_ not in self.operations

    async def _know_viewer(self, payload: Message | None) -> None:
        """Browsers cannot send headers with a WebSocket: its first message says who it is, before any header."""
        by_name = {name.lower(): value for name, value in (payload or {}).items()}
        authorization = by_name.get("authorization")
        if authorization is not None:
            endpoint: Any = self.view  # ours, which knows whose a token is
            adapter: Any = self.websocket
            host = adapter.ws.client.host if adapter.ws.client else None
            self.context.viewer = await endpoint.admit(authorization if isinstance(authorization, str) else "", host)

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
