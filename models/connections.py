"""The connections of a process, and what each of them is set to."""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from models.address import DatabaseAddress
from models.private_file import privately
from models.sessions import SessionSettings, Task

WRITER = "default"
READER = "reader"
SCANNER = "scanner"
WATCHER = "watcher"
SQLITE_SCANS = 2
"""Long reads of a process at one time on SQLite."""
SQLITE_READERS = 4
"""Short reads of a process at one time on SQLite, each by a thread of its own."""
BUSY_SECONDS = 30
"""How long SQLite's writers wait for those of other processes, at least."""
OLDEST_SQLITE = (3, 38, 0)


@dataclass(frozen=True, slots=True)
class Shares:
    """How the connections of a process to PostgreSQL are divided; one more listens."""

    writing: int
    reading: int
    scanning: int
    """Long reads at one time."""


def shares_of(connections: int) -> Shares:
    """Divide so many connections, six at least: one listens, an eighth is for what takes long, the rest writes and reads."""
    scanning = max(1, connections // 8)
    writing = (connections - 1 - scanning) // 2
    return Shares(writing, connections - 1 - scanning - writing, scanning)


def session_settings(address: DatabaseAddress, task: Task) -> SessionSettings:
    """How sessions for a task are made at this address."""
    return SessionSettings(address.credentials, task, address.timeouts, address.schema, address.is_pooled)


def _pool(address: DatabaseAddress, task: Task, most: int, first: int = 1) -> dict[str, Any]:
    sizes = {"session": session_settings(address, task), "minsize": first, "maxsize": most}
    return {"engine": "models.postgresql", "credentials": sizes}


def connections_to(address: DatabaseAddress) -> dict[str, Any]:
    """Those of Tortoise's configuration: what writes, what reads, what reads long, and on SQLite what hears of changes.

    Raises ValueError where this machine cannot open the database.
    """
    if address.file is None:
        shares = shares_of(address.connections)
        return {
            WRITER: _pool(address, Task.WRITE, shares.writing),
            READER: _pool(address, Task.READ, shares.reading),
            SCANNER: _pool(address, Task.SCAN, shares.scanning, first=0),
        }
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise ValueError(f"Python's SQLite is {sqlite3.sqlite_version}; {oldest} or later is needed")
    if not address.file.absolute().parent.is_dir():
        raise ValueError(f"the folder of the database file {address.file} does not exist")
    with suppress(FileExistsError):  # SQLite would let others read it; the files beside it get the same permissions
        open(address.file, "xb", opener=privately).close()  # Path.open takes no opener
    busy_ms = round(1000 * max(BUSY_SECONDS, address.timeouts.lock))
    writing = {"file_path": str(address.file), "busy_timeout": busy_ms, "synchronous": "FULL"}
    reading = {**writing, "query_only": "ON"}
    return {
        WRITER: {"engine": "models.sqlite", "credentials": writing},
        READER: {"engine": "models.sqlite", "credentials": {**reading, "connections": SQLITE_READERS}},
        SCANNER: {"engine": "models.sqlite", "credentials": {**reading, "connections": SQLITE_SCANS}},
        WATCHER: {"engine": "models.sqlite", "credentials": {**reading, "connections": 1}},
    }
