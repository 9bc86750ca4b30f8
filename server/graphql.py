"""GraphQL over HTTP: the media types and status codes of the specification, exact numbers in and out.

Subscriptions come over WebSocket; see server/live.py.
"""

import asyncio
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NoReturn, cast

import orjson
from cross_web import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, process_result
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from models.deadline import Patience, TimedOut, allotted, within
from resolvers.availability.watcher import Allowance
from schema.build import schema
from schema.context import Context, Role, Viewer, Webhooks
from schema.errors import code_of, cut, log_timed_out, log_unexpected, masked_body, status_of
from server.auth import viewer_of
from server.body import BodyTooLarge, limited, most_bytes
from server.live import INIT_WAIT, LiveHandler, TextAdapter
from server.live_connections import Full, LiveConnections
from server.live_limits import LiveLimits
from server.wrong_tokens import WrongTokens

RESPONSE_JSON = "application/graphql-response+json"
LEGACY_JSON = "application/json"
LONGEST_NUMBER = 400
"""Digits of a number in a request; reading a longer one takes long, and none is lawful."""


class GraphQLEndpoint(GraphQL[Context, None]):
    """The one endpoint, /graphql."""

    websocket_adapter_class = TextAdapter
    graphql_transport_ws_handler_class = LiveHandler

    def __init__(
        self,
        admin_token: str | None,
        *,
        page: str | None = None,
        origins: Sequence[str] = (),
        limits: LiveLimits,
        webhooks: Webhooks | None = None,
        patience: Patience | None = None,
    ) -> None:
        """The holder of the token is the admin; a browser that opens the endpoint is sent to the page.

        Pages of these origins may open WebSockets, beside our own, within the limits. What runs for a request ends with it,
        and with the patience.
        """
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_WAIT,
            max_subscriptions_per_connection=None,  # the handler has its own limit, which answers with a code
            allowed_origins=origins,
        )
        self._admin_token = admin_token
        self._page = page
        self._webhooks = webhooks
        self._patience = patience or Patience()
        self.wrong_tokens = WrongTokens()
        self.connections = LiveConnections(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is no GraphQL request at all is answered in GraphQL's words too."""
        if scope["type"] != "http":
            await self._connect(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        if self._page and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            query = f"?{request.url.query}" if request.url.query else ""
            await RedirectResponse(self._page + query, 303)(scope, receive, send)
            return
        try:
            with within(self._patience.begin()):
                response = await self._answer(request, receive)
        except BodyTooLarge as error:
            body = {"errors": [{"message": str(error), "extensions": {"code": "TOO_MANY"}}]}
            response = Response(encode(body), 413, media_type=_media_type(request))
        except HTTPException as error:
            body = {"errors": [{"message": cut(error.reason), "extensions": {"code": "BAD_USER_INPUT"}}]}
            headers = {"Allow": "GET, POST"} if error.status_code == 405 else None
            response = Response(encode(body), error.status_code, headers, _media_type(request))
        except ClientDisconnect:
            return  # nobody is there to be answered, and nothing of ours has failed
        except TimedOut as error:  # before anything of the request was run
            log_timed_out(error, request.state.request_id)
            body = {"errors": [{"message": str(error), "extensions": {"code": code_of(error)}}]}
            response = Response(encode(body), 503, media_type=_media_type(request))
        except Exception as error:  # noqa: BLE001  # masked here, as it is in every field
            request_id = request.state.request_id
            log_unexpected(error, request_id)
            unexpected = masked_body(error, request_id)
            response = Response(encode(unexpected), status_of(error), media_type=_media_type(request))
        await response(scope, receive, send)

    async def _answer(self, request: Request, receive: Receive) -> Response:
        """Answer whoever asks; the role is known before the body is read, since it says how much may be.

        ClientDisconnect where the caller leaves: what was being done for them ends, but for a transaction that has begun.
        """
        context = await self.get_context(request, request)
        if time := allotted():
            time.is_public = context.viewer.role is Role.SHOPPER
        request = Request(request.scope, limited(request, receive, most_bytes(context.viewer)))
        await request.body()  # from here on, what is received can only be that the caller left
        running = asyncio.create_task(self.run(request, context=context))
        leaving = asyncio.create_task(_leaving(receive))
        try:
            await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                raise ClientDisconnect
            return running.result()
        finally:
            running.cancel()
            leaving.cancel()
            await asyncio.gather(running, leaving, return_exceptions=True)

    async def _connect(self, socket: WebSocket) -> None:
        """Serve one WebSocket to its end."""
        try:
            with self.connections.room_for(socket.client.host if socket.client else None):
                await self.run(socket)
        except Full as full:
            await socket.send_denial_response(PlainTextResponse(full.message, full.status))
        except (WebSocketDisconnect, WebSocketDisconnected):
            return  # it went while it was being answered
        except Exception as error:  # noqa: BLE001  # masked here, as it is in every field
            log_unexpected(error, socket.state.request_id)
            if socket.application_state is not WebSocketState.DISCONNECTED:
                await socket.close(1011, "Something went wrong on our side.")

    async def viewer(self, authorization: str | None) -> Viewer:
        """Who sends this."""
        return await viewer_of(authorization, self._admin_token)

    async def admit(self, authorization: str | None, host: str | None) -> Viewer:
        """Who sends this from an address; a token that is not valid is noted."""
        viewer = await self.viewer(authorization)
        if viewer.is_token_invalid:
            self.wrong_tokens.note(host)
        return viewer

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Request | Response | WebSocket,  # noqa: ARG002
    ) -> Context:
        """Who asks, and the id of the request."""
        host = request.client.host if request.client else None
        viewer = await self.admit(request.headers.get("authorization"), host)
        allowance = Allowance(self.connections.limits.skus) if isinstance(request, WebSocket) else None
        return Context(viewer, request.state.request_id, self._webhooks, allowance)

    def parse_json(self, data: str | bytes) -> Any:
        """A JSON object (or list) with exact numbers; anything else is refused."""
        try:
            value = self.decode_json(data)
        except ValueError as error:
            raise HTTPException(400, "The request is not JSON that can be read.") from error
        if not isinstance(value, dict | list):
            raise HTTPException(400, "A request is a JSON object.")
        return value

    def decode_json(self, data: str | bytes) -> Any:
        """JSON with exact numbers; JSONDecodeError for what cannot be read, for whatever reason."""
        try:
            return json.loads(data, parse_float=_decimal, parse_int=_whole, parse_constant=_refuse_constant)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise json.JSONDecodeError(str(error), "", 0) from error

    def encode_json(self, data: object) -> bytes:
        """The response; quantities are exact numbers."""
        return encode(data)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Remember which of the two media types the caller prefers."""
        response = await super().get_sub_response(request)
        response.media_type = _media_type(request)
        return response

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:  # noqa: ARG002
        """The body: without `data` where the request as a whole was refused."""
        body = process_result(result)
        if body.get("data") is None and result.errors and all(error.path is None for error in result.errors):
            cast("dict[str, object]", body).pop("data", None)
        return body

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """The response in the preferred media type; the newer one says 400 for a refused request."""
        response = super().create_response(response_data, sub_response)
        if sub_response.media_type == RESPONSE_JSON:
            response.headers["content-type"] = f"{RESPONSE_JSON}; charset=utf-8"
            if "data" not in response_data and not sub_response.status_code:
                response.status_code = 400
        return response


async def _leaving(receive: Receive) -> None:
    """Until the caller leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass


def encode(data: object) -> bytes:
    """JSON with decimals as exact numbers; a lone surrogate, which is no text, is shown as a question mark."""
    try:
        return orjson.dumps(data, default=_exact)
    except TypeError:
        text = json.dumps(data, ensure_ascii=False, default=float)  # only error messages quote what was sent
        return text.encode("utf-8", "replace")


def _exact(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    raise TypeError(type(value))


def _media_type(request: Request | WebSocket) -> str:
    best_quality, best_type = 0.0, LEGACY_JSON
    for part in request.headers.get("accept", "").split(","):
        media_type, *parameters = [piece.strip() for piece in part.split(";")]
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        if media_type in (RESPONSE_JSON, LEGACY_JSON) and quality > best_quality:
            best_quality, best_type = quality, media_type
    return best_type


def _decimal(digits: str) -> Decimal:
    return Decimal(_of_bearable_length(digits))


def _whole(digits: str) -> int:
    return int(_of_bearable_length(digits))


def _of_bearable_length(digits: str) -> str:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(digits):,} digits")
    return digits


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
