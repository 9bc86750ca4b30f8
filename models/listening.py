"""Hearing that the database has changed, whichever process changed it.

PostgreSQL: who has committed sends a notification afterwards, outside of the transaction (a NOTIFY inside of one makes all
writers queue at their commits) and at most every 50 ms; who listens has a connection of its own, with a heartbeat. Where
only a pooler is known, which keeps no session, who listens looks every second whether a transaction is over instead. SQLite:
who listens looks at `data_version`, which moves with every commit of another connection, always by the same one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any
from uuid import uuid4

from models.address import DatabaseAddress
from models.connections import session_settings
from models.database import after_each_commit, reader, watcher
from models.pooled_transaction import unanswered
from models.sessions import Task, connect
from models.silence import end_forsaken, note_answer, note_silence
from models.sql import fetch
from models.supervision import SLACK_SECONDS, Part, keep_running

CHANNEL = "salable_changed"
ANNOUNCE_SECONDS = 0.05
LOOK_SECONDS = 0.15
POOLED_LOOK_SECONDS = 1.0
PAUSE_SECONDS = 1.0
"""Between two tries to hear, or to tell."""

_PROCESS = uuid4().hex
"""Says whose a notification is: a process knows of its own commits without."""


@asynccontextmanager
async def announcing(address: DatabaseAddress) -> AsyncIterator[None]:
    """Meanwhile, tell the other processes that this one has committed. SQLite's see it by themselves."""
    if address.is_sqlite:
        yield
        return
    herald = _Herald(address.timeouts.finish)
    with after_each_commit(herald.wake):
        try:
            yield
        finally:
            await herald.finish()


class _Herald:
    """Sends a notification at once, and then at most one every 50 ms however many commits there are."""

    def __init__(self, finish_seconds: float) -> None:
        self._task: asyncio.Task[None] | None = None
        self._part = Part("announcing")
        self._is_news = False
        self._finish_seconds = finish_seconds

    def wake(self) -> None:
        self._is_news = True
        if self._task is None or self._task.done():
            sending = keep_running(self._part, self._send, asyncio.Event(), longest_pause=PAUSE_SECONDS)
            self._task = asyncio.create_task(sending)

    async def finish(self) -> None:
        if self._task is not None:
            await _ended(self._task, 0 if self._part.failures else self._finish_seconds)

    async def _send(self, part: Part) -> None:
        while self._is_news or part.failures:
            self._is_news = False
            # Not by a writer's connection: writers that wait for each other would hold it up.
            async with reader().acquire_connection() as connection:
                await connection.execute(f"SELECT pg_notify('{CHANNEL}', '{_PROCESS}')")
            part.turned()
            await asyncio.sleep(ANNOUNCE_SECONDS)


class Listening:
    """While it is open, `wake` is called after each change of the database, and once when changes may have been missed."""

    def __init__(self, address: DatabaseAddress, wake: Callable[[], None]) -> None:
        self._address = address
        self._wake = wake
        self._has_session = not address.is_sqlite and address.has_sessions
        self._version: str | None = None
        self._stop = asyncio.Event()

    async def __aenter__(self) -> "Listening":
        """Begin to listen; the first change that is heard is one from now on, or nearly."""
        self._own = after_each_commit(self._wake)
        self._own.__enter__()
        body, every = (
            (self._listen, self._address.timeouts.heartbeat) if self._has_session else (self._look, self._look_seconds)
        )
        part = Part("listening", every + SLACK_SECONDS)
        self._task = asyncio.create_task(keep_running(part, body, self._stop, longest_pause=PAUSE_SECONDS))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Listen no more."""
        self._own.__exit__(None, None, None)
        self._stop.set()
        await _ended(self._task, self._address.timeouts.close)

    async def before_reading(self) -> None:
        """To be called before everything is read again: of what is committed by now, nothing need be heard any more."""
        if not self._has_session:
            self._version = await self._data_version()

    @property
    def _look_seconds(self) -> float:
        return LOOK_SECONDS if self._address.is_sqlite else POOLED_LOOK_SECONDS

    async def _look(self, part: Part) -> None:
        while not await self._is_stopped_within(self._look_seconds):
            version = await self._data_version()
            if version != self._version:
                self._version = version
                self._wake()
            part.turned()

    async def _data_version(self) -> str:
        if self._address.is_sqlite:
            [row] = await fetch(watcher(), "PRAGMA data_version")
        else:  # all of it: where a transaction commits after younger ones, only the list of those that run is another
            [row] = await fetch(reader(), "SELECT pg_current_snapshot()::text AS data_version")
        return str(row["data_version"])

    async def _listen(self, part: Part) -> None:
        """Listen on one connection until that is over; it raises where the connection is not to be had, or is lost."""
        is_lost = asyncio.Event()
        session = await connect(session_settings(self._address.past_the_pooler(), Task.LISTEN))
        try:
            if not self._address.is_pooled:
                note_answer(self._address.timeouts)
                await end_forsaken(session)
            session.add_termination_listener(lambda _: is_lost.set())
            await session.add_listener(CHANNEL, self._heard)
            self._wake()  # changes before this moment were heard by nobody
            part.turned()
            while not await self._is_over_within(self._address.timeouts.heartbeat, is_lost):
                await session.execute(f"LISTEN {CHANNEL}")  # again, which changes nothing, so that it has to answer
                part.turned()
        except TimeoutError as error:
            session.terminate()
            if not self._address.is_pooled:  # else the others go another way
                await note_silence(self._address.timeouts)
            raise unanswered(error) from error
        finally:
            await session.close()
        if not self._stop.is_set():
            raise ConnectionResetError("the connection that hears of changes was closed")

    async def _is_over_within(self, seconds: float, is_lost: asyncio.Event) -> bool:
        """Whether listening is over, or the connection lost, before a heartbeat is due."""
        waiting = {asyncio.create_task(event.wait()) for event in (self._stop, is_lost)}
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        return self._stop.is_set() or is_lost.is_set()

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: Any) -> None:
        if payload != _PROCESS:
            self._wake()

    async def _is_stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        return self._stop.is_set()


async def _ended(task: asyncio.Task[None], seconds: float) -> None:
    """Wait for a task that was told to end; one that waits for the database is broken off after a while."""
    await asyncio.wait({task}, timeout=seconds)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
