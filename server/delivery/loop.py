"""The loop that tells: dispatches what was written, surveys what rules flipped, sends what is due, removes what is old.

Any number of processes may run it at once. It wakes as soon as its own process commits something, and else every second.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import uniform
from time import monotonic

from models.clock import database_now
from models.database import reader
from models.failures import is_away
from models.supervision import repeat
from resolvers.notifications.deliveries import Channel, Sender, prune
from resolvers.notifications.digests import is_unsettled, resting_targets
from resolvers.notifications.dispatch import dispatch
from resolvers.notifications.survey import Surveyor
from resolvers.notifications.webhook_calls import disabled_endpoints
from resolvers.orders.line_survey import line_surveyor
from resolvers.outbox import listening
from server.delivery.outbound import Outbound, Resting
from server.delivery.webhook import webhook_sender
from server.mail.sender import customer_mail_sender, mail_sender
from server.settings import Settings

GRACE_SECONDS = 5.0
"""How long what is being sent may take once the loop is told to stop."""
PRUNE_SECONDS = 3_600.0
UNSETTLED_SECONDS = 600.0
"""How long digests wait for a survey at most, so that they are whole: one that fails for good stops no mails."""
FIRST_PRUNE_SECONDS = (20.0, 60.0)
"""Between so many and so many seconds after the start for the first time: not all processes at once."""

_log = logging.getLogger("salable.delivery")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the loop looks by itself, and how long it keeps what was delivered."""

    seconds: float = 1.0
    keep: timedelta = timedelta(days=30)


async def nobody() -> Collection[str]:
    """Whoever has something due may be told."""
    return ()


@dataclass(frozen=True, slots=True)
class Way:
    """How a channel is served: by which sender, and who is left in peace meanwhile."""

    sender: Sender
    resting: Resting = nobody


Ways = Mapping[Channel, Way]


def ways_of(chosen: Settings) -> dict[Channel, Way]:
    """The ways that the settings give us; what goes by a channel without one waits in the database."""

    waiting_since: float | None = None

    async def between_digests() -> Collection[str] | None:
        nonlocal waiting_since
        waiting_since = (waiting_since or monotonic()) if await is_unsettled() else None
        if waiting_since is not None and monotonic() - waiting_since < UNSETTLED_SECONDS:
            return None
        return await resting_targets(chosen.digest_period, await database_now(reader()))

    found = {Channel.WEBHOOK: Way(webhook_sender(chosen), disabled_endpoints)}
    if chosen.smtp is not None:
        found[Channel.MAIL] = Way(mail_sender(chosen), between_digests)
        found[Channel.CUSTOMER] = Way(customer_mail_sender(chosen))
    return found


def pace_of(chosen: Settings) -> Pace:
    """How often to look, by the settings."""
    return Pace(chosen.delivery_seconds, timedelta(days=chosen.keep_deliveries_days))


async def deliver_forever(ways: Ways, pace: Pace, stop: asyncio.Event) -> None:
    """Dispatch, survey, send and prune until told to stop; what is being sent then is finished, within seconds."""

    async def prune_old() -> int:
        await prune(await database_now(reader()) - pace.keep)
        return 0

    async with asyncio.TaskGroup() as group:
        survey = group.create_task(_woken("survey", Surveyor().run, pace.seconds, stop))
        lines = group.create_task(_woken("survey of lines", line_surveyor().run, pace.seconds, stop))
        first = uniform(*FIRST_PRUNE_SECONDS)  # noqa: S311  # no secret: it spreads the work
        pruning = group.create_task(repeat("prune", prune_old, PRUNE_SECONDS, stop, first_after=first))
        group.create_task(_woken("dispatch", dispatch, pace.seconds, stop))
        for channel, way in ways.items():
            group.create_task(_send_all(Outbound(channel, way.sender, way.resting), pace.seconds, stop))
        await stop.wait()
        for task in (survey, lines, pruning):  # they go on where they were, whoever takes them up
            task.cancel()


async def deliver_once(ways: Ways) -> int:
    """Work off what is due now, to the end, and return how many attempts at a delivery were made."""
    surveyor, lines, sent = Surveyor(), line_surveyor(), 0
    while await lines.run(patience=0) or await dispatch() or await surveyor.run(patience=0):
        continue
    for channel, way in ways.items():
        outbound = Outbound(channel, way.sender, way.resting)
        while await outbound.fill():
            while outbound.is_busy:
                sent += await outbound.collect(GRACE_SECONDS)
    return sent


@asynccontextmanager
async def delivering(ways: Ways, pace: Pace) -> AsyncIterator[None]:
    """The loop, for as long as the block runs."""
    stop = asyncio.Event()
    task = asyncio.create_task(deliver_forever(ways, pace, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _send_all(outbound: Outbound, seconds: float, stop: asyncio.Event) -> None:
    async def turn() -> int:
        with listening() as committed:  # what is new may be claimed while other deliveries are being sent
            begun = await outbound.fill()
            return begun + await outbound.collect(seconds, committed, stop)

    await _woken(f"send {outbound.channel.value.lower()}", turn, seconds, stop)
    deadline = monotonic() + GRACE_SECONDS
    while outbound.is_busy and (left := deadline - monotonic()) > 0:
        try:
            await outbound.collect(left)
        except Exception as error:  # noqa: BLE001  # the other channels still record theirs
            _log.error("what was sent is not recorded: %s", error, exc_info=not is_away(error))
            break
    if abandoned := await outbound.abandon():
        _log.warning("%d deliveries were being sent; the next loop sends them again", abandoned)


async def _woken(name: str, turn: Callable[[], Awaitable[int]], seconds: float, stop: asyncio.Event) -> None:
    """Take turns until told to stop, also whenever this process commits something to tell."""
    with listening() as committed:
        await repeat(name, turn, seconds, stop, wake=committed)
