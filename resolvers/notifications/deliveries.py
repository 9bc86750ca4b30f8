"""What is on its way: claimed with a lease (claims.py), sent by somebody, and what became of it.

At least once: a loop that dies between sending and recording leaves a lease that lapses, and another one sends again.
Leases and what is due go by the database's clock: the loops of two machines do not agree about the time.
Events of one subject reach a target in their order: only the earliest that is pending may be claimed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import uniform
from time import monotonic
from typing import Any

from models.batches import BATCH, in_batches, pause_after
from models.clock import database_now
from models.database import Client, reader, transaction
from models.fields import from_microseconds, to_microseconds
from models.sql import fetch
from resolvers.newer import in_sql, is_of, leave
from resolvers.outbox import Event

LEASE = timedelta(seconds=60)
"""How long a claimed delivery is its loop's own: longer than any sender may take."""
MOST_ATTEMPTS = 10
WAITS = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200, 86_400))
"""How long to wait after each attempt that failed, but for the last."""
SPREAD = 1.2
"""Up to so many times as long, so that targets are not hit at once."""
LARGEST_DIGEST = 20_000
"""Deliveries that one mail may tell of: what a change of rules flips in a large catalogue is one digest."""
LONGEST_ERROR = 500

COLUMNS = "id, event_id, event, subject, payload, target, attempts, created_at, nonce"

# The earliest of a subject is the first in the index `delivery_in_order` from where its pending ones begin: asked so, no
# planner looks for it among all that is pending, whatever it believes of a table that grows by thousands between two looks
# at its statistics. (Expressions: SQLite compares no columns of text by rows.)
HEAD = """
SELECT e.id FROM delivery e WHERE (e.channel, e.target, e.subject, e.state, e.id) >=
    (d.channel || '', d.target || '', d.subject || '', 'PENDING', 0)
ORDER BY e.channel, e.target, e.subject, e.state, e.id LIMIT 1
"""
"""The id of the first delivery that is pending to the target of a row d, of its subject; of another's where none is."""

# Where a lease lapsed and another loop recorded first, its word stands, unless ours is that it arrived.
_RECORD = """
UPDATE delivery SET
    state = r.state, attempts = r.attempts, due_at = r.due_at, claimed_until = 0, error = r.error,
    finished_at = r.finished_at
FROM rows($1, id bigint, state text, attempts integer, due_at bigint, error text, finished_at bigint)
WHERE delivery.id = r.id AND delivery.state || '' = 'PENDING'
    AND (r.state = 'DELIVERED' OR delivery.attempts = r.attempts - 1)
"""
# What was parked behind one that is over is due now; what failed itself waits on, no longer than its own pause.
_PAUSES = [f"WHEN {at:d} THEN {wait * SPREAD // timedelta(microseconds=1):d}" for at, wait in enumerate(WAITS, 1)]
_OWN_PAUSE = f"CASE attempts {' '.join(_PAUSES)} ELSE 0 END"
_GO_ON = f"""
UPDATE delivery SET due_at = $2 + {_OWN_PAUSE} WHERE due_at > $2 + {_OWN_PAUSE} AND state || '' = 'PENDING' AND id IN (
    SELECT n.id FROM (
        SELECT d.channel, d.target, d.subject, ({HEAD}) AS head FROM delivery d WHERE d.id = ANY($1)
    ) o JOIN delivery n ON n.id = o.head AND n.channel = o.channel AND n.target = o.target AND n.subject = o.subject
)
"""
_PRUNE_DELIVERED = f"""
DELETE FROM delivery WHERE id IN (
    SELECT id FROM delivery WHERE state = 'DELIVERED' AND finished_at < $1 ORDER BY finished_at LIMIT {BATCH:d}
) RETURNING id
"""
# Compared, not bare: SQLite searches an index of a boolean only so.
_DISPATCHED = f"""
SELECT id, created_at FROM outbox WHERE is_dispatched = TRUE AND id > $1 ORDER BY id LIMIT {BATCH:d}
"""
# Not by the bare state: SQLite would look through all that is pending, for each event.
_PRUNE_OUTBOX = """
DELETE FROM outbox WHERE id = ANY($1) AND NOT EXISTS (
    SELECT 1 FROM delivery d WHERE d.event_id = outbox.id AND d.state || '' = 'PENDING'
) RETURNING id
"""


class Channel(StrEnum):
    """The ways by which somebody is told: mail to those who run the shop, mail to a customer, a call to a program."""

    MAIL = "MAIL"
    CUSTOMER = "CUSTOMER"
    WEBHOOK = "WEBHOOK"


DIGESTED = frozenset({Channel.MAIL, Channel.CUSTOMER})
"""The channels whose sender gets all that is due to one target at once."""


# Nobody claims or dispatches them: they are among what waits longest, and no more than that is looked at.
_UNKNOWN_EVENTS = f"""
SELECT DISTINCT w.event AS word FROM (
    SELECT d.event FROM delivery d WHERE d.state = 'PENDING' AND d.channel = $1 ORDER BY d.due_at LIMIT {BATCH:d}
) w WHERE w.event NOT IN {in_sql(Event)}
"""
_UNKNOWN_IN_OUTBOX = f"""
SELECT DISTINCT w.event AS word FROM (
    SELECT o.event FROM outbox o WHERE o.is_dispatched = FALSE ORDER BY o.id LIMIT {BATCH:d}
) w WHERE w.event NOT IN {in_sql(Event)}
"""
# From channel to channel along the index, however much is pending.
_CHANNELS = """
WITH RECURSIVE c(channel) AS (
    SELECT MIN(d.channel) FROM delivery d WHERE d.state = 'PENDING'
    UNION ALL SELECT (
        SELECT MIN(d.channel) FROM delivery d WHERE d.state = 'PENDING' AND d.channel > c.channel
    ) FROM c WHERE c.channel IS NOT NULL
)
SELECT c.channel AS word FROM c WHERE c.channel IS NOT NULL
"""


class DeliveryState(StrEnum):
    """Where a delivery is: on its way, arrived, or given up (until somebody says retry)."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one target, an address or an endpoint's code; attempts counts those that failed.

    nonce is a random part of the id of its message, made with the row; None for rows from before it was kept.
    """

    id: int
    event_id: int
    event: Event
    subject: str
    payload: dict[str, Any]
    target: str
    attempts: int
    created_at: datetime
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: error is one sentence without a secret, hopeless says that no retry can help.

    is_ours: what kept it from being sent is ours, not the target's: it is no attempt, and is made soon.
    """

    delivered: bool
    error: str = ""
    hopeless: bool = False
    is_ours: bool = False


Sender = Callable[[Sequence[Delivery]], Awaitable[Sequence[Outcome]]]
"""Sends what is due to one target, and says of each what became of it, in the same order."""


async def record(outcomes: Sequence[tuple[Delivery, Outcome]]) -> None:
    """Write what became of these attempts, and that what was behind them is due; at most three statements."""
    waits = {
        each: wait_after(each) for each in {delivery.attempts + 1 for delivery, _ in outcomes}
    }  # a digest stays one

    async def write(client: Client) -> None:
        now = await database_now(client)
        records = [_record(delivery, outcome, now, waits[delivery.attempts + 1]) for delivery, outcome in outcomes]
        await fetch(client, _RECORD, sorted(records, key=lambda each: int(each["id"])))
        over = sorted(int(each["id"]) for each in records if each["state"] != DeliveryState.PENDING)
        if over:
            await fetch(client, _GO_ON, over, to_microseconds(now))

    if outcomes:
        await transaction(write)


async def prune(older_than: datetime) -> int:
    """Remove what arrived before an instant, and events from before it that nobody waits for; returns how many rows.

    In short batches, each a transaction of its own. What is dead stays until somebody retries or dismisses it, and what
    only a newer version can send or dispatch until one does.
    """
    await _say_what_is_left()
    before = to_microseconds(older_than)

    async def delivered(client: Client) -> int:
        return len(await fetch(client, _PRUNE_DELIVERED, before))

    return await in_batches(delivered) + await _prune_outbox(before)


async def _say_what_is_left() -> None:
    """Log what waits for a newer version."""
    channels = [str(row["word"]) for row in await fetch(reader(), _CHANNELS)]
    known = [each for each in channels if is_of(Channel, each, "channel")]
    rows = await fetch(reader(), _UNKNOWN_IN_OUTBOX)
    for channel in known:
        rows += await fetch(reader(), _UNKNOWN_EVENTS, channel)
    for row in rows:
        leave("event", row["word"])


async def _prune_outbox(before: int) -> int:
    """Events are looked through in their order, without a lock, until none of a batch is old enough."""
    removed, last = 0, 0
    while True:
        began = monotonic()
        rows = await fetch(reader(), _DISPATCHED, last)
        old = [row["id"] for row in rows if row["created_at"] < before]
        if not old:
            return removed

        async def remove(client: Client, ids: Sequence[int] = old) -> int:
            return len(await fetch(client, _PRUNE_OUTBOX, ids))

        removed += await transaction(remove)
        last = rows[-1]["id"]
        await pause_after(began)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts that failed, a little more each time, so that targets are not hit at once."""
    return WAITS[min(attempts, len(WAITS)) - 1] * uniform(1, SPREAD)  # noqa: S311  # no secret: it spreads retries


def _record(delivery: Delivery, outcome: Outcome, now: datetime, wait: timedelta) -> dict[str, Any]:
    attempts = delivery.attempts + 1
    is_over = outcome.delivered or outcome.hopeless or attempts >= MOST_ATTEMPTS
    state = DeliveryState.DELIVERED if outcome.delivered else DeliveryState.DEAD if is_over else DeliveryState.PENDING
    return {
        "id": delivery.id,
        "state": state.value,
        "attempts": attempts,
        "due_at": to_microseconds(now if is_over else now + wait),
        "error": outcome.error[:LONGEST_ERROR],  # of one that arrived: what was amiss nevertheless
        "finished_at": to_microseconds(now) if is_over else None,
    }


def delivery_of(row: dict[str, Any], payload: dict[str, Any]) -> Delivery:
    """The value of a row with COLUMNS, whose payload was read."""
    return Delivery(
        row["id"],
        row["event_id"],
        Event(row["event"]),
        row["subject"],
        payload,
        row["target"],
        row["attempts"],
        from_microseconds(row["created_at"]),
        row["nonce"],
    )
