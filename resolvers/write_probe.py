"""Whether the database takes a write: one is made, of a row of its own that is gone when it is committed."""

import sqlite3
from datetime import UTC, datetime
from secrets import token_hex
from uuid import uuid4

import asyncpg

from models.database import Client, transaction
from models.failures import origin_of
from models.fields import to_microseconds
from models.sql import fetch

MUTATION = "(write probe)"
"""No mutation of the API is called so."""

BYTES = 16_384
"""More than there is room for in pages that are half full: on a full disk a small row may still find a place."""

_WRITE = "INSERT INTO call (mutation, key, digest, facts, created_at) VALUES ($1, $2, '', $3, $4)"
_REMOVE = "DELETE FROM call WHERE mutation = $1 AND key = $2"


async def probe_write() -> None:
    """Commit a row that comes and goes; raises what the database says where it takes no write.

    Committed, not rolled back: a disk that is full shows only where the log of the database is written. A key of its own,
    so that no process waits for the probe of another.
    """
    key, facts = uuid4().hex, token_hex(BYTES // 2)  # random: nothing can be packed

    async def write(client: Client) -> None:
        await fetch(client, _WRITE, MUTATION, key, facts, to_microseconds(datetime.now(UTC)))
        await fetch(client, _REMOVE, MUTATION, key)

    await transaction(write)


def why_no_write(error: BaseException) -> str:
    """What keeps the database from taking a write, where it says so: it is read-only, or its disk is full; else ''."""
    cause: BaseException | None = error
    while cause is not None:
        name = getattr(cause, "sqlite_errorname", "") if isinstance(cause, sqlite3.Error) else ""
        if isinstance(cause, asyncpg.ReadOnlySQLTransactionError) or name.startswith("SQLITE_READONLY"):
            return "the database is read-only"
        if isinstance(cause, asyncpg.DiskFullError) or name == "SQLITE_FULL":
            return "the disk of the database is full"
        cause = origin_of(cause)
    return ""
