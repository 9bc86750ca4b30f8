"""A PostgreSQL that fell silent: what is known of it is told to all pools of the process.

What silenced one connection has most likely silenced the others too. So none of them is used again, and none is waited for
any longer once a new one is answered.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Protocol
from weakref import WeakSet

from models.failures import DATABASE_ERRORS
from models.sessions import Session, forsaken
from models.timeouts import Timeouts

_log = logging.getLogger("salable.database")


class SessionPool(Protocol):
    """Sessions that are kept open."""

    def sessions(self) -> list[Session]:
        """Those that are open now."""

    async def expire(self) -> None:
        """Have each made anew before it is used again."""


_pools: "WeakSet[SessionPool]" = WeakSet()


_silent: Timeouts | None = None
"""How long may be waited for what, where a connection was silent and none has been made since."""


_END_FORSAKEN = """
SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
JOIN UNNEST($1::int[], $2::text[]) AS f(pid, started) ON f.pid = a.pid AND f.started = a.backend_start::text
"""


def watch(pool: SessionPool) -> None:
    """From now on tell this pool."""
    _pools.add(pool)


def longest_turn() -> float | None:
    """While the server is silent, how many seconds anybody waits for a connection: as long as a new one takes.

    So callers hear that the database is away before they have given up by themselves. None: it answers.
    """
    return None if _silent is None else _silent.connect


async def note_silence(timeouts: Timeouts) -> None:
    """A connection was silent: have every one of this process made anew before it is used again."""
    global _silent  # noqa: PLW0603  # of the process, as its connections are
    _silent = timeouts
    for pool in list(_pools):
        await pool.expire()


async def end_forsaken(session: Session) -> None:
    """Have the server end what was dropped, whose locks it would hold until it notices by itself."""
    ended = [*forsaken]
    forsaken.clear()
    if ended:
        with suppress(*DATABASE_ERRORS):  # then it notices by itself
            await session.execute(_END_FORSAKEN, [pid for pid, _ in ended], [started for _, started in ended])


def note_answer(timeouts: Timeouts) -> None:
    """A new connection was answered. Where one was silent, what still waits on older ones is forgotten by the network.

    A server that was frozen has answered those by then: it answers in the order in which it was asked.
    """
    global _silent  # noqa: PLW0603  # of the process, as its connections are
    if _silent is None:
        return
    _silent = None
    for pool in list(_pools):
        for session in pool.sessions():
            if session.waiting_since is not None:
                _doubt(session, session.waiting_since, timeouts.connect)


def _doubt(session: Session, since: float, seconds: float) -> None:
    """Give a session up that waits since then, once it has waited for so long."""

    def give_up() -> None:
        if session.waiting_since == since:
            session.terminate()

    loop = asyncio.get_running_loop()
    if (left := since + seconds - loop.time()) > 0:
        loop.call_later(left, give_up)
    else:
        give_up()


class Ending:
    """The end of the process: whatever then still waits for PostgreSQL after a while is given up, and the log says so."""

    def __init__(self, timeouts: Timeouts) -> None:
        self._seconds = timeouts.finish
        self._alarm: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """From now on everything comes to its end."""
        self._alarm = asyncio.get_running_loop().call_later(self._seconds, self._give_up)

    def over(self) -> None:
        """Everything has come to its end."""
        if self._alarm is not None:
            self._alarm.cancel()

    def _give_up(self) -> None:
        waiting = [session for pool in list(_pools) for session in pool.sessions() if session.waiting_since is not None]
        for session in waiting:
            session.terminate()
        if waiting:
            _log.warning("statements without an answer were given up, since the process ends: %d", len(waiting))
