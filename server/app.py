"""The application: its routes, what stands in front of them, and the lifetime of the database."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute

from models.database import database
from models.listening import announcing
from models.silence import Ending
from playground.checkout import checkout
from resolvers.availability.live import live_updates
from schema.errors import log_unexpected, masked_body, status_of
from server.delivery.loop import delivering, pace_of, ways_of
from server.delivery.webhook import webhooks
from server.graphql import GraphQLEndpoint, encode
from server.health import Health, healthz
from server.live_limits import LiveLimits
from server.mail.inbox import mails
from server.pages import HEADERS, pages
from server.request_id import HEADER, RequestIdMiddleware
from server.settings import Settings, settings
from server.upkeep import upkeep

WELCOME = """<!doctype html>
<html lang="en"><head><title>salable</title><meta name="viewport" content="width=device-width"></head>
<body><h1>salable</h1>
<p>How many of this can I sell, from now on, and how many of those would be late?</p>
<ul>
<li><a href="/admin">Admin</a>: rules, products, orders
<li><a href="/graphiql">GraphiQL</a>: ask the API by hand
<li><a href="/shop">Shop</a>: what shoppers see, where the demo runs
</ul>
<p>Programs POST GraphQL to <code>/graphql</code>; <code>/healthz</code> and <code>/readyz</code> say how the service is.</p>
</body></html>
"""


def create_app(given: Settings | None = None, *, at_end: Callable[[], None] = lambda: None) -> Starlette:
    """The application of one process, by the settings given (None: those of the environment).

    at_end is called when its parts begin to end, after the last request.
    """
    chosen = settings() if given is None else given
    token = chosen.admin_token.get_secret_value() if chosen.admin_token else None

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ending = Ending(chosen.address.timeouts)
        async with AsyncExitStack() as stack:
            stack.callback(ending.over)
            await stack.enter_async_context(database(chosen.address))
            await stack.enter_async_context(announcing(chosen.address))
            await stack.enter_async_context(live_updates(chosen.address))
            await stack.enter_async_context(graphql.connections.looked_after())
            await stack.enter_async_context(upkeep(chosen.receipt_key_days))
            stack.callback(graphql.wrong_tokens.close)
            if chosen.deliver:
                await stack.enter_async_context(delivering(ways_of(chosen), pace_of(chosen)))
            stack.callback(ending.begin)  # before anything of the above is left
            stack.callback(at_end)
            yield

    health = Health()
    middleware = [Middleware(RequestIdMiddleware)]
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
    graphql = GraphQLEndpoint(
        token,
        page="/graphiql" if chosen.graphiql else None,
        origins=chosen.cors_origins,
        limits=LiveLimits.of(chosen),
        webhooks=webhooks(chosen),
        patience=chosen.patience,
    )
    # What reads a body limits it itself: the endpoint by the caller's role, the checkout by what a cart is.
    app = Starlette(
        routes=[
            Route("/", welcome),
            Route("/graphql", graphql),
            WebSocketRoute("/graphql", graphql),
            Route("/healthz", healthz),
            Route("/readyz", health.readyz),
        ],
        middleware=middleware,
        exception_handlers={Exception: masked},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # Starlette's redirect is made of the Host header
    if chosen.shop_token:
        itself = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://salable")
        place = checkout(itself, chosen.shop_token.get_secret_value())
        app.router.routes.append(Route("/shop/order", place, methods=["POST"]))
    if chosen.demo_mails:
        app.router.routes.extend(mails(chosen.demo_mails))
    app.router.routes.extend(pages(graphiql=chosen.graphiql, shop=chosen.shop_token is not None))
    return app


async def welcome(_request: Request) -> Response:
    """What stands where."""
    return HTMLResponse(WELCOME, headers=HEADERS)


async def masked(request: Request, error: Exception) -> Response:
    """Whatever nothing else caught: the caller gets the id of the request, the log gets the rest."""
    request_id = request.state.request_id
    log_unexpected(error, request_id)
    return Response(encode(masked_body(error, request_id)), status_of(error), media_type="application/json")
