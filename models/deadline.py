"""How long what runs for one request may read, and wait for its turn to write.

Whoever answers a request says so once, around all that it does for it. Statements that read end then; a write that has not
its locks by then is rolled back. What runs for no request (a command, a loop of the service) has no such end.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import asyncpg

P = ParamSpec("P")
T = TypeVar("T")

READ_SECONDS = 30.0
WRITE_SECONDS = 20.0


class TimedOut(Exception):  # noqa: N818  # an outcome, named as one
    """Something took longer than a request may, and was ended. is_written: what the call was to write is written."""

    def __init__(self, message: str, *, is_written: bool = False) -> None:
        super().__init__(message)
        self.is_written = is_written


class Allotted:
    """The time of one request, or of one of its writes; its seconds are counted from `begin`."""

    def __init__(self, read_seconds: float = READ_SECONDS, write_seconds: float = WRITE_SECONDS) -> None:
        self.write_seconds = write_seconds
        self.is_public = True
        """Whether whoever asks is nobody in particular: what shoppers wait for, others do not use."""
        self._read_seconds = read_seconds
        self.begin()

    def begin(self) -> None:
        """Count from now, with nothing written."""
        self.is_written = False
        self._until = asyncio.get_running_loop().time() + self._read_seconds

    def note_written(self) -> None:
        """Something is written: the caller is to hear of it, so that there is time anew for reading the answer."""
        self.begin()
        self.is_written = True

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Until the time for reading is over: TimedOut, and what was awaited is cancelled."""
        scope = asyncio.timeout_at(self._until)
        try:
            async with scope:
                yield
        except asyncpg.QueryCanceledError:  # the server's own bound on a statement
            raise self._over() from None
        except TimedOut as error:  # too many wait for the same
            raise self.said(error) from None
        except TimeoutError:
            if not scope.expired():
                raise
            raise self._over() from None

    def said(self, error: TimedOut) -> TimedOut:
        """What timed out, for whoever asked: never that nothing was done where something is written."""
        if not self.is_written or error.is_written:
            return error
        return TimedOut("This is written, but what follows it waited or took too long, and was ended.", is_written=True)

    def _over(self) -> TimedOut:
        return self.said(TimedOut("Reading this took too long, and was ended: ask for less, or try again."))


_allotted: ContextVar[Allotted | None] = ContextVar("the time of the request that is answered", default=None)
_is_long: ContextVar[bool] = ContextVar("whether what is read may take long", default=False)


def allotted() -> Allotted | None:
    """The time of the request that this runs for."""
    return _allotted.get()


def is_long() -> bool:
    """Whether what is read here may take long."""
    return _is_long.get()


@contextmanager
def within(time: Allotted | None) -> Iterator[None]:
    """What runs meanwhile has this time; with None it has no end."""
    token = _allotted.set(time)
    try:
        yield
    finally:
        _allotted.reset(token)


def alone() -> None:
    """What this task runs from now on has no time of its own: whoever waits for it ends it."""
    _allotted.set(None)
    _is_long.set(False)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long requests may take."""

    read_seconds: float = READ_SECONDS
    write_seconds: float = WRITE_SECONDS

    def begin(self) -> Allotted:
        """The time of a request that begins now."""
        return Allotted(self.read_seconds, self.write_seconds)


def at_length(read: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """What this reads may take long: it has connections of its own, and nothing short waits for it."""

    @wraps(read)
    async def run(*arguments: P.args, **named: P.kwargs) -> T:
        token = _is_long.set(True)
        try:
            return await read(*arguments, **named)
        finally:
            _is_long.reset(token)

    return run
