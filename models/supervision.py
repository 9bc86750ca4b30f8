"""What runs beside the requests: every background part of a process is kept running by this one mechanism.

A part that fails, whatever it raises, is said in the log, waits a moment, bounded, and runs again; no part ends another.
Each part says when it has got something done: what fails, or has said nothing for long, is told by `troubles` and the log.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from traceback import walk_tb

from models.failures import in_words, is_away

LONGEST_PAUSE = 10.0
"""Seconds between two tries of what fails again and again: how long after a lost database is back a part may still wait."""
MOST_DOUBLINGS = 6
SLACK_SECONDS = 60.0
"""How much longer than its period a part may take for a turn before it is told of."""
FIRST_SILENCE = 60.0
LAST_SILENCE = 3_600.0
"""The same failure is said again only after a minute, then after two, four ... up to an hour; at once where there was
none for a minute."""
MOST_KINDS = 100

_log = logging.getLogger("salable.supervision")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part that does not do what it should: its name, what is wrong, without a secret, and for how many seconds."""

    part: str
    wrong: str
    seconds: float


@dataclass(slots=True)
class _Silence:
    """How long a failure that was said is not said again."""

    until: float
    seconds: float


@dataclass(slots=True, eq=False)
class Part:
    """A part that runs. patience: after so many seconds without a turn it is told of."""

    name: str
    patience: float = float("inf")
    failures: int = 0
    """One after the other, since the last turn that went well."""
    _wrong: str = ""
    _failing_since: float = 0.0
    _failed_at: float = float("-inf")
    _turned_at: float = field(default_factory=monotonic)
    _silences: dict[str, _Silence] = field(default_factory=dict)
    _alarm: asyncio.TimerHandle | None = None

    def turned(self) -> None:
        """It has got something done, or has found that there is nothing to do."""
        if self.failures:
            _log.info("%s runs again, after %.0f seconds", self.name, monotonic() - self._failing_since)
        self.failures, self._wrong, self._turned_at = 0, "", monotonic()
        self._watch(self.patience)

    def failed(self, error: BaseException) -> None:
        """It has failed: one line says it where the database is away, a traceback where it is a bug."""
        now = monotonic()
        if not self.failures:
            self._failing_since = now
            if now - self._failed_at > FIRST_SILENCE:  # it was well for a while, so this is news
                self._silences.clear()
        self.failures, self._failed_at = self.failures + 1, now
        waits = is_away(error)
        self._wrong = "waits for the database" if waits else f"fails ({type(error).__name__})"
        if not self._is_to_be_said("" if waits else _place_of(error)):
            return
        if waits:
            _log.error("%s waits for the database: %s", self.name, in_words(error))
        else:
            _log.error("%s failed (%d in a row)", self.name, self.failures, exc_info=error)

    def trouble(self) -> Trouble | None:
        """What is wrong with it now, if anything."""
        now = monotonic()
        if self.failures:
            return Trouble(self.name, self._wrong, now - self._failing_since)
        if now - self._turned_at > self.patience:
            return Trouble(self.name, "has not run", now - self._turned_at)
        return None

    def begin(self) -> None:
        """From now on it is watched."""
        _parts.add(self)
        self._watch(self.patience)

    def end(self) -> None:
        """It is watched no more."""
        _parts.discard(self)
        if self._alarm is not None:
            self._alarm.cancel()

    def _is_to_be_said(self, kind: str) -> bool:
        now = monotonic()
        silence = self._silences.get(kind)
        if silence is not None and now < silence.until:
            return False
        is_old = silence is None or now > silence.until + LAST_SILENCE
        seconds = FIRST_SILENCE if silence is None or is_old else min(silence.seconds * 2, LAST_SILENCE)
        if len(self._silences) >= MOST_KINDS:
            self._silences.clear()
        self._silences[kind] = _Silence(now + seconds, seconds)
        return True

    def _watch(self, seconds: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if seconds < float("inf"):
            self._alarm = asyncio.get_running_loop().call_later(seconds, self._is_late)

    def _is_late(self) -> None:
        silent = monotonic() - self._turned_at
        if not self.failures:  # else it has said so itself
            _log.error("%s has not run for %.0f seconds", self.name, silent)
        self._watch(min(max(silent, self.patience), LAST_SILENCE))


_parts: set[Part] = set()


def troubles() -> list[Trouble]:
    """What is wrong with the parts of this process, the longest first."""
    found = [trouble for part in list(_parts) if (trouble := part.trouble()) is not None]
    return sorted(found, key=lambda each: -each.seconds)


def pause_after(failures: int, longest: float | None = None) -> float:
    """Seconds to wait after so many failures in a row, however many they are."""
    return min(2.0 ** min(failures, MOST_DOUBLINGS), LONGEST_PAUSE if longest is None else longest)


async def keep_running(
    part: Part, body: Callable[[Part], Awaitable[None]], stop: asyncio.Event, *, longest_pause: float | None = None
) -> None:
    """Run the body until it returns; where it fails, run it again after a pause, until told to stop."""
    task = asyncio.current_task()
    if task is not None:
        task.set_name(part.name)  # so a process that does not end can say what it left
    part.begin()
    try:
        while not stop.is_set():
            try:
                await body(part)
            except asyncio.CancelledError as error:
                if is_being_cancelled():
                    raise
                part.failed(error)  # something that it waited for was cancelled, not this
            except Exception as error:  # noqa: BLE001  # whatever it is, it is said and tried again
                part.failed(error)
            else:
                return
            await first_of(pause_after(part.failures, longest_pause), stop)
    finally:
        part.end()


async def repeat(
    name: str,
    turn: Callable[[], Awaitable[int | None]],
    seconds: float,
    stop: asyncio.Event,
    *,
    wake: asyncio.Event | None = None,
    first_after: float = 0.0,
    longest_pause: float | None = None,
) -> None:
    """Keep taking turns until told to stop: at once again while one finds something to do, else when woken or so often.

    first_after: so many seconds from now for the first one.
    """
    begin_at = monotonic() + first_after

    async def turns(part: Part) -> None:
        await first_of(begin_at - monotonic(), stop)
        while not stop.is_set():
            if wake is not None:
                wake.clear()
            found = await turn()
            part.turned()
            if not found:
                await first_of(seconds, stop, *([wake] if wake is not None else []))

    part = Part(name, max(seconds, first_after) + SLACK_SECONDS)
    await keep_running(part, turns, stop, longest_pause=longest_pause)


async def first_of(seconds: float, *events: asyncio.Event) -> None:
    """Wait until one of the events is set, but no longer than so many seconds."""
    if seconds <= 0 or any(event.is_set() for event in events):
        return
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


def is_being_cancelled() -> bool:
    """Whether the task that runs is the one that is cancelled, and not only something that it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _place_of(error: BaseException) -> str:
    """What it is, and by which way it came: all errors of the database are raised in one place."""
    way = (f"{frame.f_code.co_filename}:{line}" for frame, line in walk_tb(error.__traceback__))
    return " ".join((type(error).__name__, *way))
