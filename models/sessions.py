"""What a session of PostgreSQL is set to. Nothing is assumed: a hand in the database may have changed any default.

Settings go into the start of the session, which beats those of the database and of the role. Behind a pooler that gives each
transaction another session they are set in each transaction instead.
"""

import asyncio
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import asyncpg

from models.timeouts import Timeouts

SILENT_SECONDS = 10
"""After how long without a sign of the other machine's kernel a connection is given up, by both sides."""


class Task(StrEnum):
    """What a session is for."""

    WRITE = "write"
    READ = "read"
    SCAN = "scan"
    LISTEN = "listen"
    MIGRATE = "migrate"
    """Alone, while others wait: it holds the lock, and makes indexes, for however long."""


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How the sessions of one task are made, and what they are set to."""

    credentials: Mapping[str, Any]
    task: Task
    timeouts: Timeouts
    schema: str = "public"
    is_pooled: bool = False
    """Whether a pooler stands between, which gives each transaction another session."""

    @property
    def statement_seconds(self) -> float:
        """How long one statement may take, by the server's clock; who migrates may say otherwise."""
        timeouts = self.timeouts
        return {
            Task.WRITE: timeouts.write,
            Task.READ: timeouts.read,
            Task.SCAN: timeouts.scan,
            Task.LISTEN: timeouts.heartbeat,
            Task.MIGRATE: timeouts.connect,
        }[self.task]

    @property
    def _writes(self) -> bool:
        return self.task in {Task.WRITE, Task.MIGRATE}

    @property
    def acquire_seconds(self) -> float:
        """How long the wait for a connection of the pool may take."""
        return self.timeouts.scan if self.task is Task.SCAN else self.timeouts.acquire

    def of_server(self) -> dict[str, str]:
        """The server's settings, by name."""
        timeouts = self.timeouts
        return {
            "default_transaction_isolation": "read committed",
            "default_transaction_read_only": "off" if self._writes else "on",
            "default_transaction_deferrable": "off",
            "search_path": '"{}", pg_temp'.format(self.schema.replace('"', '""')),
            "TimeZone": "UTC",
            "DateStyle": "ISO, YMD",
            "IntervalStyle": "postgres",
            "bytea_output": "hex",
            "standard_conforming_strings": "on",
            "transform_null_equals": "off",
            "statement_timeout": _milliseconds(self.statement_seconds),
            "lock_timeout": _milliseconds(timeouts.lock),
            "idle_in_transaction_session_timeout": _milliseconds(timeouts.idle),
            **(_OF_MIGRATE if self.task is Task.MIGRATE else {}),
        }

    def arguments(self) -> dict[str, Any]:
        """What asyncpg connects with, in a pool or alone."""
        settings = {} if self.is_pooled else self.of_server()
        if self._is_over_tcp and not self.is_pooled:
            settings |= {
                "tcp_keepalives_idle": str(SILENT_SECONDS),
                "tcp_keepalives_interval": "3",
                "tcp_keepalives_count": "3",
                "tcp_user_timeout": _milliseconds(SILENT_SECONDS),
            }
        return {
            **self.credentials,
            "server_settings": settings,
            "timeout": self.timeouts.connect,
            "command_timeout": self.statement_seconds + self.timeouts.answer,
            # A prepared statement stands in one session: behind a pooler the next transaction may have another one.
            **({"statement_cache_size": 0} if self.is_pooled else {}),
        }

    async def prepare(self, session: "Session") -> None:
        """Set what cannot be said when a session starts; for a session that has just been made."""
        _keep_alive(session)
        session.patience = self.timeouts.cancel
        if not self.is_pooled and _knows_transaction_timeout(session):
            await session.execute(_NO_TRANSACTION_TIMEOUT.format(local=""))
        if self._writes and not self.is_pooled:
            await session.execute(_FLUSHES.format(is_local="false"))
            session.started = await session.fetchval(_STARTED)

    def of_transaction(self, session: "Session") -> str:
        """The statements that set a transaction to all this; to be run first in it."""
        mode = "READ WRITE" if self.task is Task.WRITE else "READ ONLY"
        local = "".join(
            f"SET LOCAL {name} = {_quoted(name, value)};"
            for name, value in self.of_server().items()
            if not name.startswith("default_transaction")
        )
        if _knows_transaction_timeout(session):
            local += _NO_TRANSACTION_TIMEOUT.format(local="LOCAL ")
        flushes = _FLUSHES.format(is_local="true") if self.task is Task.WRITE else ""
        return f"SET TRANSACTION ISOLATION LEVEL READ COMMITTED, {mode}, NOT DEFERRABLE;{local}{flushes}"

    @property
    def _is_over_tcp(self) -> bool:
        return not str(self.credentials.get("host", "")).startswith("/")


_OF_MIGRATE = {
    "application_name": "salable migrate",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_session_timeout": "0",
}

_NO_TRANSACTION_TIMEOUT = "SET {local}transaction_timeout = 0;"
"""What a transaction waits for has an end anyhow, and all of it has the one of its request."""

_FLUSHES = """
    SELECT set_config('synchronous_commit', 'on', {is_local})
    WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
"""
"""What is answered as written is on the disk; who asks for more than that keeps it."""

_STARTED = "SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()"


forsaken: list[tuple[int, str]] = []
"""Sessions that were dropped, by the server's process and its start: it does not know yet, and keeps their locks."""


class Session(asyncpg.Connection):
    """A connection whose every wait ends. One that missed a deadline is of no use any more: it is dropped."""

    patience = 2.0
    """Seconds for the server's word that a statement was cancelled."""

    is_doubtful = False
    """Whether the last statement did not come to its end, so that the server may still be within it."""

    def get_reset_query(self) -> str:
        """Nothing: what we set is set within transactions, or for good.

        A statement that ends between its preparation and its run leaves the server in a transaction, with the locks that it
        took, since nobody has told it that no more will come. Whatever is asked next tells it.
        """
        return "SELECT 1" if self.is_doubtful else ""

    async def reset(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  # it is asyncpg's
        """Make it ready for the next one. A transaction that was cancelled as it began, or ended, may have begun."""
        self._top_xact = None  # else asyncpg complains of it
        if self.is_in_transaction():
            await self.execute("ROLLBACK", timeout=timeout)
        await super().reset(timeout=timeout)

    started = ""
    """When the server's process for it began, which tells it from all others of this id; '' for one that takes no locks."""

    waiting_since: float | None = None
    """When the statement that runs was sent, by the clock of the event loop."""

    async def execute(self, query: str, *arguments: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109
        """As asyncpg's; how long it waits is noted."""
        with self._waiting():
            return await super().execute(query, *arguments, timeout=timeout)

    async def _execute(self, *arguments: Any, **named: Any) -> Any:
        with self._waiting():
            return await super()._execute(*arguments, **named)  # type: ignore[misc]  # the stubs leave it out

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        self.waiting_since = asyncio.get_running_loop().time()
        self.is_doubtful = True
        try:
            yield
            self.is_doubtful = False
        finally:
            self.waiting_since = None

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  # it is asyncpg's
        """Close. A server that says nothing about it is not waited for, and is no error: nobody needs its word."""
        seconds = self.patience if timeout is None else min(timeout, self.patience)
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
            await super().close(timeout=seconds)

    def terminate(self) -> None:
        """Drop it without a word; the server is told to end it as soon as another one is answered (models/silence.py)."""
        if self.started and not self.is_closed():
            forsaken.append((self.get_server_pid(), self.started))
        super().terminate()

    async def _cancel(
        self, waiter: "asyncio.Future[None]", cancel_waiter: "asyncio.Future[None] | None" = None
    ) -> None:
        # The request to cancel goes by another connection, which may be as silent as this one.
        drop = asyncio.get_running_loop().call_later(self.patience, self.terminate)
        try:
            await super()._cancel(waiter, cancel_waiter)  # type: ignore[misc]  # the stubs leave out what is asyncpg's own
        finally:
            drop.cancel()


async def connect(settings: SessionSettings) -> Session:
    """A session outside of all pools."""
    session: Session = await asyncpg.connect(**settings.arguments(), connection_class=Session)
    try:
        await settings.prepare(session)
    except BaseException:
        session.terminate()
        raise
    return session


def _knows_transaction_timeout(session: asyncpg.Connection) -> bool:
    """Whether the server has this setting: one that has not would refuse a session that names it at its start."""
    return session.get_server_version().major >= 17  # of PostgreSQL


def _keep_alive(session: asyncpg.Connection) -> None:
    """Have the kernel look whether the other side is there, where there is a network between."""
    connected = session._transport.get_extra_info("socket")  # type: ignore[attr-defined]  # asyncpg tells no other way
    if connected.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", SILENT_SECONDS),
        ("TCP_KEEPINTVL", 3),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", SILENT_SECONDS * 1000),
    ):
        if hasattr(socket, name):  # not on every system
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))


def _quoted(name: str, value: str) -> str:
    return value if name == "search_path" else f"'{value}'"
