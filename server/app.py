"""The application: its routes, what stands in front of them, and the lifetime of the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from models.database import database
from schema.errors import log_unexpected, masked_body
from server.graphql import GraphQLEndpoint, encode
from server.health import healthz, readyz
from server.request_id import HEADER, RequestIdMiddleware
from server.settings import Settings, settings
from server.upkeep import upkeep

LARGEST_BODY = 8 * 2**20
"""Bytes of a request: 5,000 rows with the longest names fit."""

WELCOME = """salable: how many of this can I sell, from now on, and how many of those would be late?

POST GraphQL to /graphql. /healthz and /readyz say how the service is.
"""


def create_app(given: Settings | None = None) -> Starlette:
    """The application of one process, by the settings given (None: those of the environment)."""
    chosen = settings() if given is None else given
    token = chosen.admin_token.get_secret_value() if chosen.admin_token else None

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with database(chosen.address), upkeep(chosen.receipt_key_days):
            yield

    middleware = [Middleware(RequestIdMiddleware), Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)]
    if chosen.cors_origins:
        middleware.insert(
            1,
            Middleware(
                CORSMiddleware,
                allow_origins=chosen.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type", HEADER],
            ),
        )
    return Starlette(
        routes=[
            Route("/", welcome),
            Route("/graphql", GraphQLEndpoint(token)),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
        ],
        middleware=middleware,
        exception_handlers={Exception: masked},
        lifespan=lifespan,
    )


async def welcome(_request: Request) -> Response:
    """What stands where."""
    return PlainTextResponse(WELCOME)


async def masked(request: Request, error: Exception) -> Response:
    """Whatever nothing else caught: the caller gets the id of the request, the log gets the rest."""
    request_id = request.state.request_id
    log_unexpected(error, request_id)
    return Response(encode(masked_body(request_id)), 500, media_type="application/json")
