"""Databases that live for one test: copies of a migrated one, or of one with the demo."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg

_MEMORY = Path("/dev/shm")  # noqa: S108  # what is made there has a name of its own, as in any folder for what is temporary
_ROOM = 2 * 1024**3
"""Bytes: more than a PostgreSQL of the tests ever holds."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A database with the demo, and the token by which its shop places orders."""

    url: str
    shop_token: str


@contextmanager
def copied(url: str, server: Path | None, file: Path) -> Iterator[str]:
    """The URL of a copy: a database of the server behind the socket in this folder, else this file."""
    if server is None:
        # Not as a file: what was written last may still stand in the log beside it.
        with (
            closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as template,
            closing(sqlite3.connect(file)) as copy,
        ):
            template.backup(copy)
        yield f"sqlite:///{file}"
        return
    name = url.partition("@/")[2].partition("?")[0]
    with created(server, f"TEMPLATE {name} STRATEGY FILE_COPY") as new:
        yield new


def place_in_memory() -> Path | None:
    """A folder that is no disk, where the machine has one with room: databases come and go there in half the time."""
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM:
        return _MEMORY
    return None


@contextmanager
def created(server: Path, how: str = "") -> Iterator[str]:
    """The URL of a new database of a PostgreSQL, which is dropped in the end."""
    name = f"test_{uuid4().hex}"
    asyncio.run(run_sql(server, f"CREATE DATABASE {name} {how}"))
    yield postgresql_url(server, name)
    asyncio.run(run_sql(server, f"DROP DATABASE {name} WITH (FORCE)"))


def postgresql_url(socket: Path, name: str) -> str:
    """The URL of a database behind a Unix socket."""
    return f"postgresql://postgres@/{name}?host={socket}"


async def run_sql(socket: Path, sql: str) -> None:
    """Run a statement that no transaction may be around, beside the databases of the tests."""
    connection = await asyncpg.connect(user="postgres", database="postgres", host=str(socket))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
