"""Whether the process lives, and whether it can answer."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse

from models.database import reader
from models.migration import pending_migrations
from models.sql import fetch

PATIENCE_SECONDS = 5

_log = logging.getLogger("salable.health")


async def healthz(_request: Request) -> JSONResponse:
    """The process lives."""
    return JSONResponse({"status": "ok"})


async def readyz(_request: Request) -> JSONResponse:
    """The database answers and its tables are those of this program; 503 and the reason otherwise."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await fetch(reader(), "SELECT 1 AS one")
            behind = await pending_migrations()
    except Exception as error:  # noqa: BLE001  # whatever keeps the database from answering: that is the answer
        _log.error("not ready: the database: %s", error)  # one line says it
        return JSONResponse({"status": "the database does not answer"}, 503)
    if behind:
        return JSONResponse({"status": "the tables are behind: run `salable migrate`"}, 503)
    return JSONResponse({"status": "ok"})
