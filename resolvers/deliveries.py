"""What is on its way: claimed with a lease, sent by somebody, and what became of it.

At least once: a loop that dies between sending and recording leaves a lease that lapses, and another one sends again.
Leases and what is due go by the database's clock: the loops of two machines do not agree about the time.
Events of one subject reach a target in their order: only the earliest that is pending may be claimed.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import uniform
from typing import Any

import orjson

from models.clock import database_now
from models.database import Client, reader, transaction
from models.fields import from_microseconds, to_microseconds
from models.sql import fetch
from resolvers.newer import in_sql, leave
from resolvers.outbox import Event

LEASE = timedelta(seconds=60)
"""How long a claimed delivery is its loop's own: longer than any sender may take."""
MOST_ATTEMPTS = 10
WAITS = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200, 86_400))
"""How long to wait after each attempt that failed, but for the last."""
LARGEST_DIGEST = 20_000
"""Deliveries that one mail may tell of: what a change of rules flips in a large catalogue is one digest."""
CANDIDATES = 1_000
"""Deliveries that are due and looked at for one claim: enough that one target does not hide the others."""
LONGEST_ERROR = 500
PRUNED_AT_ONCE = 1_000

_COLUMNS = "id, event_id, event, subject, payload, target, attempts, created_at, nonce"

_IS_DUE = (
    f"d.state = 'PENDING' AND d.channel = $1 AND d.due_at <= $2 AND d.claimed_until < $2 AND NOT d.target = ANY($3)"
    f" AND d.event IN {in_sql(Event)}"  # another one is left to the version that knows it
)
_ANY_DUE = f"SELECT 1 AS one FROM delivery d WHERE {_IS_DUE} LIMIT 1"
# Whoever is claimed stays pending, so that none behind it in its subject can be claimed by anybody. What is locked is
# asked for its state again: another loop may have claimed it since the statement began. Not by the bare column: SQLite
# would search all that is pending for it. The earliest of a subject is the first in the index `delivery_in_order` from
# where its pending ones begin: asked so, no planner looks for it among all that is pending, whatever it believes of a table
# that grows by thousands between two looks at its statistics. (Expressions: SQLite compares no columns of text by rows.)
_CLAIM = f"""
WITH due AS (
    SELECT id FROM delivery WHERE state || '' = 'PENDING' AND claimed_until < $2 AND id IN (
        SELECT q.id FROM (
            SELECT h.id, h.due_at, ROW_NUMBER() OVER (PARTITION BY h.target ORDER BY h.due_at, h.id) AS place FROM (
                SELECT d.id, d.target, d.due_at FROM delivery d WHERE {_IS_DUE} AND d.id <= (
                    SELECT e.id FROM delivery e WHERE (e.channel, e.target, e.subject, e.state, e.id) >=
                        ($1, d.target || '', d.subject || '', 'PENDING', 0)
                    ORDER BY e.channel, e.target, e.subject, e.state, e.id LIMIT 1
                ) ORDER BY d.due_at, d.id LIMIT {{candidates:d}}
            ) h
        ) q WHERE q.place <= {{of_target:d}} ORDER BY q.due_at, q.id LIMIT {{limit:d}}
    ) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE delivery SET claimed_until = $4 WHERE id IN (SELECT id FROM due) RETURNING {_COLUMNS}
"""
# Those behind a claimed one are nobody else's: a digest takes them along.
_FOLLOW = f"""
UPDATE delivery SET claimed_until = $2 WHERE id IN (
    SELECT d.id FROM delivery d JOIN rows($1, id bigint, target text, subject text)
        ON d.target = r.target AND d.subject = r.subject AND d.id > r.id
    WHERE d.channel = $3 AND d.state = 'PENDING' AND d.event IN {in_sql(Event)} ORDER BY d.id LIMIT {LARGEST_DIGEST:d}
) RETURNING {_COLUMNS}
"""
# Where a lease lapsed and another loop recorded first, its word stands, unless ours is that it arrived.
_RECORD = """
UPDATE delivery SET
    state = r.state, attempts = r.attempts, due_at = r.due_at, claimed_until = 0, error = r.error,
    finished_at = r.finished_at
FROM rows($1, id bigint, state text, attempts integer, due_at bigint, error text, finished_at bigint)
WHERE delivery.id = r.id AND delivery.state || '' = 'PENDING'
    AND (r.state = 'DELIVERED' OR delivery.attempts = r.attempts - 1)
"""
_PRUNE_DELIVERED = f"""
DELETE FROM delivery WHERE id IN (
    SELECT id FROM delivery WHERE state = 'DELIVERED' AND finished_at < $1 ORDER BY finished_at LIMIT {PRUNED_AT_ONCE:d}
) RETURNING id
"""
# Compared, not bare: SQLite searches an index of a boolean only so.
_PRUNE_OUTBOX = f"""
DELETE FROM outbox WHERE id IN (
    SELECT o.id FROM outbox o WHERE o.is_dispatched = TRUE AND o.created_at < $1
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event_id = o.id AND d.state = 'PENDING')
    ORDER BY o.id LIMIT {PRUNED_AT_ONCE:d}
) RETURNING id
"""


class Channel(StrEnum):
    """The ways by which somebody is told: mail to those who run the shop, mail to a customer, a call to a program."""

    MAIL = "MAIL"
    CUSTOMER = "CUSTOMER"
    WEBHOOK = "WEBHOOK"


DIGESTED = frozenset({Channel.MAIL, Channel.CUSTOMER})
"""The channels whose sender gets all that is due to one target at once."""


_UNKNOWN = {
    "event": f"""
        SELECT DISTINCT event AS word FROM delivery WHERE state = 'PENDING' AND event NOT IN {in_sql(Event)}
        UNION SELECT DISTINCT event FROM outbox WHERE is_dispatched = FALSE AND event NOT IN {in_sql(Event)}
    """,
    "channel": f"""
        SELECT DISTINCT channel AS word FROM delivery WHERE state = 'PENDING' AND channel NOT IN {in_sql(Channel)}
    """,
}
"""What waits for a newer version."""


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


async def claim(channel: Channel, limit: int, of_target: int, but_for: Collection[str] = ()) -> list[Delivery]:
    """Claim deliveries that are due, the earliest first, each for LEASE, in the order of their events.

    At most `limit` subjects, `of_target` of one target, none of the targets that are left out; of a digested channel all
    that is pending behind them comes along.
    """
    left_out = sorted(but_for)
    if not await fetch(reader(), _ANY_DUE, channel.value, to_microseconds(await database_now(reader())), left_out):
        return []  # whoever looks every second takes no lock for it

    async def take(client: Client) -> list[dict[str, Any]]:
        now = await database_now(client)
        until = to_microseconds(now + LEASE)
        sql = _CLAIM.format(candidates=max(limit, CANDIDATES), of_target=of_target, limit=limit)
        rows = await fetch(client, sql, channel.value, to_microseconds(now), left_out, until)
        if rows and channel in DIGESTED:
            heads = [{"id": row["id"], "target": row["target"], "subject": row["subject"]} for row in rows]
            rows += await fetch(client, _FOLLOW, heads, until, channel.value)
        return rows

    return [_delivery(row) for row in sorted(await transaction(take), key=lambda row: int(row["id"]))]


async def record(outcomes: Sequence[tuple[Delivery, Outcome]]) -> None:
    """Write what became of these attempts; two statements."""
    waits = {
        each: wait_after(each) for each in {delivery.attempts + 1 for delivery, _ in outcomes}
    }  # a digest stays one

    async def write(client: Client) -> None:
        now = await database_now(client)
        records = [_record(delivery, outcome, now, waits[delivery.attempts + 1]) for delivery, outcome in outcomes]
        await fetch(client, _RECORD, sorted(records, key=lambda each: int(each["id"])))

    if outcomes:
        await transaction(write)


async def prune(older_than: datetime) -> int:
    """Remove what arrived before an instant, and events from before it that nobody waits for; returns how many rows.

    In batches, each a transaction of its own. What is dead stays until somebody retries or dismisses it, and what only a
    newer version can send or dispatch until one does.
    """
    for noun, sql in _UNKNOWN.items():
        for row in await fetch(reader(), sql):
            leave(noun, row["word"])
    removed = 0
    for sql in (_PRUNE_DELIVERED, _PRUNE_OUTBOX):

        async def write(client: Client, sql: str = sql) -> int:
            return len(await fetch(client, sql, to_microseconds(older_than)))

        while batch := await transaction(write):
            removed += batch
    return removed


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts that failed, a little more each time, so that targets are not hit at once."""
    return WAITS[min(attempts, len(WAITS)) - 1] * uniform(1, 1.2)  # noqa: S311  # no secret: it spreads retries


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


def _delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(
        row["id"],
        row["event_id"],
        Event(row["event"]),
        row["subject"],
        orjson.loads(row["payload"]),
        row["target"],
        row["attempts"],
        from_microseconds(row["created_at"]),
        row["nonce"],
    )
