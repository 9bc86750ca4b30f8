"""Who sends what next: deliveries that are due, each for one loop as long as its lease holds.

Leases and what is due go by the database's clock: the loops of two machines do not agree about the time.

Events of one subject reach a target in their order: only the earliest that is pending, its head, may be claimed. However
many wait behind heads, a claim looks at a bounded number: what is claimed is due again when its lease lapses, and what is
found behind a head is parked. It is due once its head is over (deliveries.py), and looked at now and then in
case nobody said so: an older version does not. So what is due and not claimed is, but for what was just written, a head.
"""

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from models.batches import pause_after
from models.clock import database_now, now_in_sql
from models.database import Client, reader, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.newer import in_sql
from resolvers.notifications.deliveries import (
    COLUMNS,
    DIGESTED,
    HEAD,
    LARGEST_DIGEST,
    LEASE,
    Channel,
    Delivery,
    Outcome,
    delivery_of,
    record,
)
from resolvers.outbox import Event, payload_of

PARKED = timedelta(hours=1)
"""How long what is behind a head is left alone, unless the head is over before."""
CANDIDATES = 1_000
"""Deliveries that are due and looked at in one transaction, unless more may be claimed."""
SPARE = 200
"""Deliveries of one target that are looked at beyond those that may be claimed: some are parked."""
MOST_TARGETS = 64
LONGEST_SECONDS = 5.0
"""How long a claim goes on parking before it says that it found nothing: what is being sent meanwhile is to be recorded."""

_IS_KNOWN = f"IN {in_sql(Event)}"
"""Of an event: another one is left to the version that knows it."""

# From target to target along the index, however much is pending to each: endpoints, and addresses that staff gave.
_TARGETS = f"""
WITH RECURSIVE t(target) AS (
    SELECT MIN(d.target) FROM delivery d WHERE d.state = 'PENDING' AND d.channel = $1
    UNION ALL SELECT (
        SELECT MIN(d.target) FROM delivery d WHERE d.state = 'PENDING' AND d.channel = $1 AND d.target > t.target
    ) FROM t WHERE t.target IS NOT NULL
)
SELECT q.target, q.due_at FROM (
    SELECT t.target, (
        SELECT MIN(d.due_at) FROM delivery d
        WHERE d.state = 'PENDING' AND d.channel = $1 AND d.target = t.target AND d.event {_IS_KNOWN}
    ) AS due_at FROM t WHERE t.target IS NOT NULL AND {{which}}
) q WHERE q.due_at <= {{now}} ORDER BY q.due_at, q.target LIMIT {MOST_TARGETS:d}
"""
# Customers are as many as orders, and none of them is left out for longer than a mail takes.
_ANY_DUE = f"""
SELECT '' AS target, d.due_at FROM delivery d
WHERE d.state = 'PENDING' AND d.channel = $1 AND d.due_at <= {{now}} AND NOT d.target = ANY($2) AND d.event {_IS_KNOWN}
ORDER BY d.due_at LIMIT 1
"""
# What is locked is asked for its state again: another loop may have claimed it since the statement began. Not by the bare
# column: SQLite would search all that is pending for it. It begins where the first known one was found, without a lock: what
# only a newer version can send may be much, and due for long.
_LOOK = f"""
SELECT d.id, d.target, d.due_at, ({HEAD}) AS head FROM delivery d
WHERE d.state || '' = 'PENDING' AND d.claimed_until < $2 AND d.due_at <= $2 AND d.id IN (
    SELECT c.id FROM delivery c
    WHERE c.state = 'PENDING' AND c.channel = $1 AND c.due_at >= $4 AND c.due_at <= $2 AND c.event {_IS_KNOWN} AND {{which}}
    ORDER BY c.due_at, c.id LIMIT {{most:d}}
) ORDER BY d.id FOR NO KEY UPDATE OF d SKIP LOCKED
"""
_AMONG, _NOT_AMONG = "t.target = ANY($2)", "NOT t.target = ANY($2)"
_OF_TARGET = "c.target = $3"
_BUT_FOR = "NOT c.target = ANY($3)"
_CLAIM = f"UPDATE delivery SET claimed_until = $2, due_at = $2 WHERE id = ANY($1) RETURNING {COLUMNS}"
# Those behind a claimed one are nobody else's: a digest takes them along.
_FOLLOW = f"""
UPDATE delivery SET claimed_until = $2, due_at = $2 WHERE id IN (
    SELECT d.id FROM delivery d JOIN rows($1, id bigint, target text, subject text)
        ON d.target = r.target AND d.subject = r.subject AND d.id > r.id
    WHERE d.channel = $3 AND d.state = 'PENDING' AND d.event {_IS_KNOWN} ORDER BY d.id LIMIT {LARGEST_DIGEST:d}
) RETURNING {COLUMNS}
"""
# A head that somebody has in hand may be over already: what is behind it stays due then.
_HEADS = """
SELECT id FROM delivery WHERE id = ANY($1) AND state || '' = 'PENDING' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
_PARK = "UPDATE delivery SET due_at = $2 WHERE id = ANY($1)"

_UNREADABLE = Outcome(delivered=False, error="What stands in it cannot be read.", hopeless=True)

_log = logging.getLogger("salable.delivery")


@dataclass(slots=True)
class _Taken:
    """What one transaction found: ids that it claims, and the heads of those that are behind one."""

    claimed: list[int] = field(default_factory=list)
    behind: dict[int, int] = field(default_factory=dict)
    looked_at: int = 0
    claimed_of: Counter[str] = field(default_factory=Counter)

    def add(self, rows: Sequence[Mapping[str, Any]], asked: "_Asked") -> None:
        """Take in what was looked at: heads that are due are claimed, the earliest first."""
        self.looked_at += len(rows)
        for row in sorted(rows, key=lambda each: (each["due_at"], each["id"])):
            target = str(row["target"])
            if row["id"] != row["head"]:
                self.behind[row["id"]] = row["head"]
            elif self.has_room(asked, target) and self.claimed_of[target] < asked.of_target:
                self.claimed_of[target] += 1
                self.claimed.append(row["id"])

    def has_room(self, asked: "_Asked", target: str | None = None) -> bool:
        """Whether one more may be claimed, of this target or of a new one: a digest is one, however long."""
        if asked.channel in DIGESTED:
            return len(self.claimed_of) < asked.limit or (target is not None and target in self.claimed_of)
        return len(self.claimed) < asked.limit


async def claim(
    channel: Channel,
    limit: int,
    of_target: int,
    but_for: Collection[str] = (),
    *,
    among: Collection[str] | None = None,
) -> list[Delivery]:
    """Claim deliveries that are due, the earliest first, each for LEASE, in the order of their events.

    At most `limit` subjects, `of_target` of one target, of none of the targets that are left out, or of some alone. Of a
    digested channel at most `limit` targets, and all that is pending behind what is claimed comes along. (Customers cannot
    be named: none of them is preferred.)
    """
    asked = _Asked(channel, limit, of_target, sorted(but_for if among is None else among), is_among=among is not None)
    until = monotonic() + LONGEST_SECONDS
    while True:
        began = monotonic()
        targets = await _due_targets(asked)
        if not targets:
            return []  # whoever looks every second takes no lock for it

        async def take(client: Client, targets: Mapping[str, int] = targets) -> tuple[list[dict[str, Any]], int]:
            now = await database_now(client)
            taken = await _look(client, asked, targets, now)
            return await _claimed(client, channel, taken, now), await _park(client, channel, taken, now)

        rows, parked = await transaction(take)
        found = await _readable(sorted(rows, key=lambda row: int(row["id"])))
        if found or not (rows or parked) or monotonic() > until:
            return found
        await pause_after(began)


async def _readable(rows: Sequence[dict[str, Any]]) -> list[Delivery]:
    """What was claimed; what cannot be read is given up at once, and keeps none of the others."""
    payloads = [payload_of(row["payload"]) for row in rows]
    found = [delivery_of(row, payload) for row, payload in zip(rows, payloads, strict=True) if payload is not None]
    broken = [delivery_of(row, {}) for row, payload in zip(rows, payloads, strict=True) if payload is None]
    if broken:
        _log.error(
            "these deliveries are given up, what stands in them cannot be read: %s", [each.id for each in broken]
        )
        await record([(each, _UNREADABLE) for each in broken])
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one call of claim wants."""

    channel: Channel
    limit: int
    of_target: int
    targets: Sequence[str]
    is_among: bool


async def _due_targets(asked: _Asked) -> dict[str, int]:
    """Who has something due, the earliest first, and since when: '' for customers, who are looked at together."""
    client = reader()
    sql = _ANY_DUE if asked.channel is Channel.CUSTOMER else _TARGETS
    which = _AMONG if asked.is_among else _NOT_AMONG
    rows = await fetch(client, sql.format(now=now_in_sql(client), which=which), asked.channel.value, asked.targets)
    return {str(row["target"]): int(row["due_at"]) for row in rows}


async def _look(client: Client, asked: _Asked, targets: Mapping[str, int], instant: datetime) -> _Taken:
    """Lock what is due, one statement a target; of customers one for all."""
    now = to_microseconds(instant)
    taken = _Taken()
    if asked.channel is Channel.CUSTOMER:
        sql = _LOOK.format(which=_BUT_FOR, most=CANDIDATES)
        taken.add(await fetch(client, sql, asked.channel.value, now, asked.targets, targets[""]), asked)
        return taken
    sql = _LOOK.format(which=_OF_TARGET, most=min(asked.of_target + SPARE, LARGEST_DIGEST))
    for target, since in targets.items():
        if not taken.has_room(asked) or taken.looked_at >= max(asked.limit, asked.of_target, CANDIDATES):
            break
        taken.add(await fetch(client, sql, asked.channel.value, now, target, since), asked)
    return taken


async def _claimed(client: Client, channel: Channel, taken: _Taken, now: datetime) -> list[dict[str, Any]]:
    until = to_microseconds(now + LEASE)
    rows = await fetch(client, _CLAIM, taken.claimed, until) if taken.claimed else []
    if rows and channel in DIGESTED:
        heads = [{"id": row["id"], "target": row["target"], "subject": row["subject"]} for row in rows]
        rows += await fetch(client, _FOLLOW, heads, until, channel.value)
    return rows


async def _park(client: Client, channel: Channel, taken: _Taken, now: datetime) -> int:
    """Leave alone what is behind a head that is pending; returns how many. What a digest took along is in hand."""
    claimed = set(taken.claimed)
    behind = taken.behind
    if channel in DIGESTED:
        behind = {id_: head for id_, head in behind.items() if head not in claimed}
    if not behind:
        return 0
    pending = {row["id"] for row in await fetch(client, _HEADS, sorted(set(behind.values())))}
    parked = sorted(id_ for id_, head in behind.items() if head in pending)
    if parked:
        await fetch(client, _PARK, parked, to_microseconds(now + PARKED))
    return len(parked)
