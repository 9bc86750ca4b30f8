"""What one process is sending by one channel: claimed, sent at the same time, recorded together."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from traceback import format_tb
from typing import Any

from models.supervision import is_being_cancelled
from resolvers.notifications.claims import claim
from resolvers.notifications.deliveries import (
    DIGESTED,
    LARGEST_DIGEST,
    LEASE,
    Channel,
    Delivery,
    Outcome,
    Sender,
    record,
)
from resolvers.notifications.postponement import postpone

SLOTS = 128
"""Batches of one channel that one process sends at a time."""
SLOTS_OF_TARGET = 32
"""And how many of them to one target: one that hangs does not keep the others waiting."""
SLOTS_OF_FAILING = 2
"""And of one that failed when it was called last."""
MOST_OF_FAILING = SLOTS // 2
"""And of all of these together: however many hang, the others find room."""
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
        self._failing: set[str] = set()

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
        if self.channel in DIGESTED:
            targets = [batch[0].target for batch in self._sending.values()]
            claimed = await claim(self.channel, room, LARGEST_DIGEST, {*targets, *resting})
            self._begin(claimed)
            return len(claimed)
        begun = await self._fill_failing(room, resting)
        if room <= begun:
            return begun
        left_out = {*self._full(SLOTS_OF_TARGET), *self._failing, *resting}
        claimed = await claim(self.channel, room - begun, SLOTS_OF_TARGET, left_out)
        self._begin(claimed)
        return begun + len(claimed)

    async def _fill_failing(self, room: int, resting: Collection[str]) -> int:
        """Try again a little of what failed last: whoever hangs takes few of the places.

        Before all others: those that are well and have much to hear would leave it no place.
        """
        of_failing = sum(batch[0].target in self._failing for batch in self._sending.values())
        targets = self._failing.difference(self._full(SLOTS_OF_FAILING), resting)
        room = min(room, MOST_OF_FAILING - of_failing)
        if not targets or room <= 0:
            return 0
        claimed = await claim(self.channel, room, SLOTS_OF_FAILING, among=targets)
        self._begin(claimed)
        return len(claimed)

    def _full(self, most: int) -> set[str]:
        """The targets that so many batches are being sent to."""
        targets = Counter(batch[0].target for batch in self._sending.values())
        return {target for target, count in targets.items() if count >= most}

    def _begin(self, claimed: Sequence[Delivery]) -> None:
        for batch in self._batches(claimed):
            self._sending[asyncio.create_task(_sent(self._sender, batch))] = batch

    async def collect(self, seconds: float, *wakes: asyncio.Event) -> int:
        """Wait until something was sent, or for so long, or until woken; record all that was sent, and return how many."""
        if self._sending and not self._done:
            wakers = [asyncio.ensure_future(wake.wait()) for wake in wakes]
            waiting: set[asyncio.Future[Any]] = {*self._sending, *wakers}
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for waker in wakers:
                waker.cancel()
        for task in [task for task in self._sending if task.done()]:
            self._note(self._sending.pop(task), task.result())
        # Where the database is lost, they are recorded once it is back.
        await record([each for each in self._done if not each[1].is_ours])
        await postpone([each for each in self._done if each[1].is_ours])
        recorded, self._done = len(self._done), []
        return recorded

    async def abandon(self) -> int:
        """Give up what is being sent, and return how much: its lease lapses, and another loop sends it."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        return sum(map(len, self._sending.values()))

    def _note(self, batch: Sequence[Delivery], outcomes: Sequence[Outcome]) -> None:
        self._done += zip(batch, outcomes, strict=True)
        if self.channel in DIGESTED:
            return
        if all(outcome.delivered for outcome in outcomes):
            self._failing.discard(batch[0].target)
        else:  # for a reason of ours too: what hangs, hangs in a place
            self._failing.add(batch[0].target)

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
            outcomes = [outcome for _, outcome in zip(batch, outcomes, strict=True)]
    except TimeoutError:
        outcomes = [Outcome(delivered=False, error="There was no answer in time.")] * len(batch)
    except (Exception, asyncio.CancelledError) as problem:  # a bug of a sender is an attempt that failed
        if is_being_cancelled():
            raise
        # Where and what kind, no more: its message may hold what nobody is to read.
        where = "".join(format_tb(problem.__traceback__))
        _log.error("the sender of delivery %s failed: %s\n%s", batch[0].id, type(problem).__name__, where)
        outcomes = [Outcome(delivered=False, error=f"The sender failed: {type(problem).__name__}.")] * len(batch)
    return [replace(each, error=_readable(each.error)) for each in outcomes]


def _readable(error: str) -> str:
    """What can be stored: one sentence that no database takes would keep all others from being recorded."""
    return error.replace("\0", " ").encode("utf-8", "replace").decode()
