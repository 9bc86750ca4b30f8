"""Taking deliveries that were given up off the list, by id or many at once: nobody will retry them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.database import Client, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.errors import refuse_if
from resolvers.newer import in_sql
from resolvers.notifications.deliveries import Channel
from resolvers.notifications.delivery_list import ID
from resolvers.outbox import Event
from rules.key import quoted
from rules.validation import UserError, is_text

BATCH = 1_000
"""Deliveries that one transaction removes."""
MOST = 10_000
"""And one call: where there are more, it says so."""

# In the order of an index: by age or by target. What is named by id is sought by that alone. Locked by their ids either way.
_DISMISS = f"""
DELETE FROM delivery WHERE id IN (
    SELECT d.id FROM delivery d WHERE d.state || '' = 'DEAD' AND d.id IN (
        SELECT c.id FROM delivery c WHERE {{state}} = 'DEAD' AND {{condition}} ORDER BY {{order}} LIMIT {BATCH:d}
    ) ORDER BY d.id FOR NO KEY UPDATE OF d
) RETURNING id
"""
_NOT_DEAD = "SELECT id FROM delivery WHERE id = ANY($1) AND state <> 'DEAD' ORDER BY id LIMIT 1"

_log = logging.getLogger("salable.delivery")


@dataclass(frozen=True, slots=True)
class Dismissal:
    """Which dead deliveries to dismiss: all that is given must hold; before is the instant at which they were given up."""

    ids: Sequence[str] | None = None
    channel: Channel | None = None
    target: str | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dismissed:
    """How many were removed, and whether there are more: call again then."""

    count: int
    is_more: bool


async def dismiss_deliveries(asked: Dismissal, actor: str) -> Dismissed:
    """Remove dead deliveries, in batches; the log says by whom.

    Refused with EMPTY_CHANGE where nothing says which, TOO_MANY above 1,000 ids, NOT_DEAD where one of the ids is on its way
    or has arrived. An id that there is not, any more, is no error: whoever repeats a call finds its work done. What only a
    newer version can read is not there for this one.
    """
    refuse_if(_errors(asked))
    condition, parameters = _condition(asked)
    order = "c.finished_at" if asked.target is None else "c.channel, c.target, c.due_at"
    state = "c.state"
    if asked.ids is not None:
        order, state = "c.id", "c.state || ''"
    sql = _DISMISS.format(condition=condition, order=order, state=state)

    async def remove(client: Client) -> int:
        if asked.ids is not None and (found := await fetch(client, _NOT_DEAD, _numbers(asked.ids))):
            message = f"Delivery {found[0]['id']} is not dead: only what was given up is dismissed."
            refuse_if([UserError("NOT_DEAD", message, ("input", "ids"))])
        return len(await fetch(client, sql, *parameters))

    count, removed = 0, BATCH
    try:
        while removed == BATCH and count < MOST:
            removed = await transaction(remove)
            count += removed
    finally:  # what is removed stays so, also where a later batch fails or takes too long
        if count:
            of_whom = f" to {quoted(asked.target)}" if asked.target is not None else ""
            _log.info("%d dead deliveries%s were dismissed by %s", count, of_whom, actor)
    return Dismissed(count, removed == BATCH)


def _errors(asked: Dismissal) -> list[UserError]:
    if asked.ids is None and asked.target is None and asked.before is None:
        message = "Say which deliveries: by ids, of a target, or given up before an instant."
        return [UserError("EMPTY_CHANGE", message, ("input",))]
    if asked.ids is not None and len(asked.ids) > BATCH:
        return [UserError("TOO_MANY", f"A call names at most {BATCH:,} ids.", ("input", "ids"))]
    return []


def _numbers(ids: Sequence[str]) -> list[int]:
    return [int(each) for each in ids if ID.fullmatch(each)]


def _condition(asked: Dismissal) -> tuple[str, list[Any]]:
    """Only what this version knows: the rest is not listed either, and a newer one may still send it.

    Of a target it is sought by channel, as they are indexed; else by age or id. (SQLite's planner would not know better,
    hence what is added to the others.)
    """
    age, channel = ("c.finished_at", "c.channel || ''") if asked.target is None else ("+c.finished_at", "c.channel")
    conditions, parameters = [f"c.event IN {in_sql(Event)}"], list[Any]()
    if asked.channel is None:
        conditions.append(f"{channel} IN {in_sql(Channel)}")
    for sql, value in (
        ("c.id = ANY({})", None if asked.ids is None else _numbers(asked.ids)),
        (channel + " = {}", asked.channel and asked.channel.value),
        ("c.target = {}", asked.target),
        (age + " < {}", asked.before and to_microseconds(asked.before)),
    ):
        if isinstance(value, str) and not is_text(value):
            conditions.append("FALSE")
        elif value is not None:
            parameters.append(value)
            conditions.append(sql.format(f"${len(parameters)}"))
    return " AND ".join(conditions), parameters
