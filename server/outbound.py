"""What one process is sending by one channel: claimed, sent at the same time, recorded together."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from traceback import format_tb
from typing import Any

from resolvers.deliveries import DIGESTED, LARGEST_DIGEST, LEASE, Channel, Delivery, Outcome, Sender, claim, record

SLOTS = 128
"""Batches of one channel that one process sends at a time."""
SLOTS_OF_TARGET = 32
"""And how many of them to one target: one that hangs does not keep the others waiting."""
SEND_SECONDS = LEASE.total_seconds() * 0.75
"""How long a sender may take: recorded before the lease lapses."""

Resting = Callable[[], Awaitable[Collection[str] | None]]
"""Who is left in peace for now; None: everybody."""

_log = logging.getLogger("salable.delivery")


class Outbound:
    """The deliveries of one channel that this process has claimed."""

    def __init__(self, channel: Channel, sender: Sender, resting: Resting) -> None:
        self.channel = channel
        self._sender = sender
        self._resting = resting
        self._sending: dict[asyncio.Task[Sequence[Outcome]], Sequence[Delivery]] = {}
        self._done: list[tuple[Delivery, Outcome]] = []

    @property
    def is_busy(self) -> bool:
        """Whether something is being sent, or was sent and is not recorded yet."""
        return bool(self._sending or self._done)

    async def fill(self) -> int:
        """Claim what is due, as far as there is room, and begin to send it; returns how many deliveries."""
        room = SLOTS - len(self._sending)
        if room <= 0:
            return 0
        resting = await self._resting()
        if resting is None:
            return 0
        targets = [batch[0].target for batch in self._sending.values()]
        if self.channel in DIGESTED:
            claimed = await claim(self.channel, LARGEST_DIGEST, LARGEST_DIGEST, {*targets, *resting})
        else:
            full = {target for target in targets if targets.count(target) >= SLOTS_OF_TARGET}
            claimed = await claim(self.channel, room, SLOTS_OF_TARGET, {*full, *resting})
        for batch in self._batches(claimed):
            self._sending[asyncio.create_task(_sent(self._sender, batch))] = batch
        return len(claimed)

    async def collect(self, seconds: float, wake: asyncio.Event | None = None) -> int:
        """Wait until something was sent, or for so long, or until woken; record all that was sent, and return how many."""
        if self._sending and not self._done:
            waker = asyncio.ensure_future(asyncio.Event().wait() if wake is None else wake.wait())
            waiting: set[asyncio.Future[Any]] = {*self._sending, waker}
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            waker.cancel()
        for task in [task for task in self._sending if task.done()]:
            self._done += zip(self._sending.pop(task), task.result(), strict=True)
        await record(self._done)  # where the database is lost, they are recorded once it is back
        recorded, self._done = len(self._done), []
        return recorded

    async def abandon(self) -> int:
        """Give up what is being sent, and return how much: its lease lapses, and another loop sends it."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        return sum(map(len, self._sending.values()))

    def _batches(self, claimed: Sequence[Delivery]) -> Iterable[Sequence[Delivery]]:
        if self.channel not in DIGESTED:
            return [[delivery] for delivery in claimed]
        by_target = sorted(claimed, key=attrgetter("target", "id"))
        return [list(group) for _, group in groupby(by_target, key=attrgetter("target"))]


async def _sent(sender: Sender, batch: Sequence[Delivery]) -> Sequence[Outcome]:
    """What a sender said; one that raises or hangs has not delivered."""
    try:
        async with asyncio.timeout(SEND_SECONDS):
            outcomes = await sender(batch)
    except TimeoutError:
        outcomes = [Outcome(delivered=False, error="There was no answer in time.")] * len(batch)
    except Exception as problem:  # noqa: BLE001  # a bug of a sender is an attempt that failed
        # Where and what kind, no more: its message may hold what nobody is to read.
        where = "".join(format_tb(problem.__traceback__))
        _log.error("the sender of delivery %s failed: %s\n%s", batch[0].id, type(problem).__name__, where)
        outcomes = [Outcome(delivered=False, error=f"The sender failed: {type(problem).__name__}.")] * len(batch)
    return outcomes
