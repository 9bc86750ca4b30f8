"""The loop that tells: dispatches what was written, surveys what rules flipped, sends what is due, removes what is old.

Any number of processes may run it at once. It wakes as soon as its own process commits something, and else every second.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from models.clock import database_now
from models.database import DATABASE_ERRORS, reader
from resolvers.deliveries import Channel, Sender, prune
from resolvers.digests import is_unsettled, resting_targets
from resolvers.dispatch import dispatch
from resolvers.line_survey import line_surveyor
from resolvers.outbox import listening
from resolvers.survey import Surveyor
from resolvers.webhook_calls import disabled_endpoints
from server.mail import customer_mail_sender, mail_sender
from server.outbound import Outbound, Resting
from server.settings import Settings
from server.webhook import webhook_sender

GRACE_SECONDS = 5.0
"""How long what is being sent may take once the loop is told to stop."""
PRUNE_SECONDS = 3_600.0
LONGEST_PAUSE = 60.0
"""Seconds between two tries of what fails again and again, a lost database or a bug."""

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

    async def between_digests() -> Collection[str] | None:
        return (
            None if await is_unsettled() else await resting_targets(chosen.digest_period, await database_now(reader()))
        )

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
        survey = group.create_task(_repeat("survey", Surveyor().run, pace.seconds, stop))
        lines = group.create_task(_repeat("survey of lines", line_surveyor().run, pace.seconds, stop))
        pruning = group.create_task(_repeat("prune", prune_old, PRUNE_SECONDS, stop, is_woken=False))
        group.create_task(_repeat("dispatch", dispatch, pace.seconds, stop))
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
            return begun + await outbound.collect(seconds, committed)

    await _repeat(f"send {outbound.channel.value.lower()}", turn, seconds, stop)
    deadline = monotonic() + GRACE_SECONDS
    while outbound.is_busy and (left := deadline - monotonic()) > 0:
        try:
            await outbound.collect(left)
        except DATABASE_ERRORS as error:
            _log.error("what was sent is not recorded: the database: %s", error)
            break
    if abandoned := await outbound.abandon():
        _log.warning("%d deliveries were being sent; the next loop sends them again", abandoned)


async def _repeat(
    name: str, body: Callable[[], Awaitable[int]], seconds: float, stop: asyncio.Event, *, is_woken: bool = True
) -> None:
    """Run the body until told to stop: at once again while it finds something to do, else when woken, or every so often."""
    failures = 0
    with listening() as committed:
        while not stop.is_set():
            committed.clear()
            found = 0
            try:
                found = await body()
                failures = 0
            except DATABASE_ERRORS as error:
                _log.error("%s waits for the database: %s", name, error)  # one line says it
                failures += 1
            except Exception:  # noqa: BLE001  # a bug in one part does not end the others
                _log.exception("%s failed", name)
                failures += 1
            if failures:
                await _first_of(min(2.0**failures, LONGEST_PAUSE), stop)
            elif not found:
                await _first_of(seconds, stop, *([committed] if is_woken else []))


async def _first_of(seconds: float, *events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
