"""The pages: GraphiQL, the admin app and the demo's shop, built by `make pages` into playground/dist."""

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import cast
from wsgiref.headers import Headers

from servestatic import ServeStaticASGI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

import playground

DIST = Path(playground.__file__).parent / "dist"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",  # the page names its assets by their content: it must be the newest
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_NOT_BUILT = """<!doctype html>
<html lang="en"><title>Pages are not built</title>
<h1>The pages are not built</h1>
<p>Run <code>make pages</code> in the project's folder, and start the service again. The API answers meanwhile.</p>
</html>
"""


def pages(*, graphiql: bool, shop: bool) -> list[BaseRoute]:
    """The routes of the pages that are switched on, and of what they load."""
    routes: list[BaseRoute] = [Mount("/assets", _assets(DIST / "assets"))]
    for name, is_on in (("graphiql", graphiql), ("admin", True), ("shop", shop)):
        if is_on:
            routes += [Route(f"/{name}", _page(name)), Route(f"/{name}/{{path:path}}", _page(name))]
    return routes


def _page(name: str) -> Callable[[Request], Awaitable[Response]]:
    file = DIST / name / "index.html"

    async def page(_request: Request) -> Response:
        try:
            return HTMLResponse(file.read_bytes(), headers=HEADERS)  # a kilobyte
        except FileNotFoundError:
            return HTMLResponse(_NOT_BUILT, 503, headers=HEADERS)

    return page


@cache  # they are looked through once a process
def _assets(folder: Path) -> ASGIApp:
    """Compressed, and cached for ever: a name changes with what it holds."""
    files = ServeStaticASGI(
        None,
        folder if folder.is_dir() else None,
        prefix="assets",
        allow_all_origins=False,
        immutable_file_test=lambda _path, _url: True,
        add_headers_function=_add_headers,
    )
    return cast("ASGIApp", files)  # it writes ASGI's types in other words


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
