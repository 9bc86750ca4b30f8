"""Places for what uses the connections of a process: bounded, with a bounded queue before them.

Writers: on PostgreSQL a write that waits for a lock keeps its connection meanwhile. So at most half of the writing
connections may wait for long. Whoever has none of these places gives up on a lock soon, the sooner the more wait for a
connection; it is rolled back, and begins anew once there is a place, holding no connection until then. So writers of other
rows find a connection however many wait for one row.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from models.deadline import Allotted, TimedOut

MOST_WAITING = 100
MOST_WRITERS_WAITING = 1_000
TOO_BUSY = "This waited too long for others who write, or took too long itself; nothing was done: try again."
LONGEST_TRY_MS = 500
SHORTEST_TRY_MS = 20
"""How long a writer without a place for waiting waits for each lock: nobody behind it, or many."""


class Places:
    """So many at once, and so many who wait for it, first come first served."""

    def __init__(self, at_once: int, waiting: int = MOST_WAITING) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._most_waiting = waiting
        self.waiting = 0

    async def take(self) -> None:
        """Wait for a place; TimedOut at once where too many wait. Whoever leaves while waiting takes none."""
        if self.waiting >= self._most_waiting:
            raise TimedOut("The service is too busy for this; nothing was done: try again.")
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1

    async def take_if_free(self) -> bool:
        """Take a place where one is free now."""
        if self._free.locked():
            return False
        await self._free.acquire()  # at once
        return True

    def give_back(self) -> None:
        """Let the next one in."""
        self._free.release()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Have a place meanwhile."""
        await self.take()
        try:
            yield
        finally:
            self.give_back()


class Turn:
    """The turn of one writer: a connection, and perhaps leave to wait for locks."""

    def __init__(self, turns: "Turns", *, is_patient: bool) -> None:
        self._turns = turns
        self.is_patient = is_patient

    @property
    def lock_ms(self) -> int | None:
        """How long it waits for each lock, as things stand now; None: as long as its session does."""
        if self.is_patient:
            return None
        return max(SHORTEST_TRY_MS, LONGEST_TRY_MS // (1 + self._turns.connections.waiting))

    def end(self) -> None:
        """Give back what it has."""
        self._turns.connections.give_back()
        if self.is_patient:
            self._turns.patient.give_back()


class Turns:
    """Who of a process writes, and who of them may wait for long."""

    def __init__(self, connections: int) -> None:
        self.connections = Places(connections, MOST_WRITERS_WAITING)
        self.patient = Places(max(1, connections // 2), MOST_WRITERS_WAITING)

    async def first(self) -> Turn:
        """The turn of who has not tried yet."""
        await self.connections.take()
        return Turn(self, is_patient=await self.patient.take_if_free())

    async def second(self) -> Turn:
        """The turn of who has given up on a lock: with leave to wait for it."""
        await self.patient.take()
        try:
            await self.connections.take()
        except BaseException:
            self.patient.give_back()
            raise
        return Turn(self, is_patient=True)


class Queues:
    """What stands before the connections of a process."""

    def __init__(self, writing: int, reading: int, scanning: int) -> None:
        """So many connections that write, that read, and that read what takes long."""
        self.writers = Turns(writing)
        self._searches = Places(max(1, reading // 2))
        self._scans = Places(scanning)

    def of_long_reads(self, time: Allotted | None) -> Places:
        """Shoppers' may have half of the connections that read; all others have connections of their own."""
        return self._searches if time is not None and time.is_public else self._scans
