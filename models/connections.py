"""The connections of a process, and what each of them is set to."""

import sqlite3
from contextlib import suppress
from typing import Any

from models.address import DatabaseAddress
from models.private_file import privately

WRITER = "default"
READER = "reader"
SCANNER = "scanner"
POOL_SIZE = 10
SCANS = 2
"""Long snapshots of a process at one time on PostgreSQL; on SQLite it is one."""
BUSY_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_S = 60
"""How long a writer waits for another one on PostgreSQL before it gives up: far longer than any write takes."""
OLDEST_SQLITE = (3, 38, 0)


def connections_to(address: DatabaseAddress) -> dict[str, Any]:
    """Those of Tortoise's configuration: one that writes, one that reads, one for what takes long.

    Raises ValueError where this machine cannot open the database.
    """
    if address.file is None:
        pool = {**address.credentials, "minsize": 1, "maxsize": POOL_SIZE}
        writing = {**pool, "server_settings": {"lock_timeout": f"{LOCK_TIMEOUT_S}s"}}
        reading = {**pool, "server_settings": {"default_transaction_read_only": "on"}}
        engine = "tortoise.backends.asyncpg"
        return {
            WRITER: {"engine": engine, "credentials": writing},
            READER: {"engine": engine, "credentials": reading},
            SCANNER: {"engine": engine, "credentials": {**reading, "minsize": 0, "maxsize": SCANS}},
        }
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise ValueError(f"Python's SQLite is {sqlite3.sqlite_version}; {oldest} or later is needed")
    if not address.file.absolute().parent.is_dir():
        raise ValueError(f"the folder of the database file {address.file} does not exist")
    with suppress(FileExistsError):  # SQLite would let others read it; the files beside it get the same permissions
        open(address.file, "xb", opener=privately).close()  # Path.open takes no opener
    writing = {"file_path": str(address.file), "busy_timeout": BUSY_TIMEOUT_MS, "synchronous": "FULL"}
    return {
        WRITER: {"engine": "models.sqlite", "credentials": writing},
        READER: {"engine": "models.sqlite", "credentials": {**writing, "query_only": "ON"}},
        SCANNER: {"engine": "models.sqlite", "credentials": {**writing, "query_only": "ON"}},
    }
