"""What is on its way to whom, and what became of it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.clock import database_now
from models.database import Client, reader, transaction
from models.deadline import at_length
from models.fields import from_microseconds, to_microseconds
from models.sql import fetch
from resolvers.errors import Refused
from resolvers.newer import is_of
from resolvers.notifications.deliveries import Channel, DeliveryState
from resolvers.outbox import Event
from resolvers.pages import Page, page, page_request, readable
from rules.key import normal
from rules.validation import UserError, is_code, is_text

_SHOWN = "id, event, subject, channel, target, state, attempts, created_at, due_at, finished_at, error"
_STATE = f"SELECT {_SHOWN} FROM delivery WHERE id = $1 FOR NO KEY UPDATE"
_RETRY = f"""
UPDATE delivery SET state = 'PENDING', attempts = 0, due_at = $2, error = '', finished_at = NULL WHERE id = $1
RETURNING {_SHOWN}
"""
ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class DeliveryEntry:
    """A delivery as it is listed."""

    id: int
    event: Event
    subject: str
    channel: Channel
    target: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries; None leaves a criterion out."""

    state: DeliveryState | None = None
    channel: Channel | None = None
    event: Event | None = None
    target: str | None = None
    subject: str | None = None


@at_length
async def delivery_page(asked: DeliveryFilter, first: int | None, after: str | None) -> Page[DeliveryEntry]:
    """One page of the deliveries, newest first; without those that only a newer version can read."""
    request = page_request(first, after, (int,))
    condition, parameters = _conditions(asked)
    behind = int(request.after[0]) if request.after else _NEWEST
    rows = await fetch(
        reader(),
        f"SELECT {_SHOWN} FROM delivery WHERE {condition} AND id < {behind:d} ORDER BY id DESC LIMIT {request.first + 1:d}",
        *parameters,
    )

    async def count() -> int:
        counted = await fetch(reader(), f"SELECT COUNT(*) AS n FROM delivery WHERE {condition}", *parameters)
        return int(counted[0]["n"])

    return readable(page(rows, request, lambda row: (row["id"],), count), _entry)


async def retry_delivery(id_: str) -> DeliveryEntry:
    """Make a delivery that is dead, or waits for its next attempt, due at once, and count its attempts anew.

    Refused with UNKNOWN_DELIVERY where there is none, and with NOT_RETRYABLE where it was delivered.
    """

    async def write(client: Client) -> DeliveryEntry:
        found = await fetch(client, _STATE, int(id_)) if ID.fullmatch(id_) else []
        if not found:
            raise Refused([UserError("UNKNOWN_DELIVERY", "There is no delivery of this id.", ("id",))])
        if found[0]["state"] == DeliveryState.DELIVERED:
            raise Refused([UserError("NOT_RETRYABLE", "This delivery has arrived.", ("id",))])
        if _entry(found[0]) is None:
            message = "Only a newer version can send this delivery: retry it there."
            raise Refused([UserError("NOT_RETRYABLE", message, ("id",))])
        retried = _entry((await fetch(client, _RETRY, int(id_), to_microseconds(await database_now(client))))[0])
        assert retried is not None  # noqa: S101  # it was read just now, under its lock
        return retried

    return await transaction(write)


def _conditions(asked: DeliveryFilter) -> tuple[str, list[Any]]:
    conditions, parameters = ["TRUE"], list[Any]()
    for column, value in (
        ("state", asked.state),
        ("channel", asked.channel),
        ("event", asked.event),
        ("target", asked.target if asked.target is None or is_text(asked.target) else ""),
        ("subject", asked.subject if asked.subject is None or is_code(asked.subject) else ""),
    ):
        if value is not None:
            forms = list(dict.fromkeys((str(value), normal(str(value)))))  # what the row bears may be of before NFC
            parameters.append(forms)
            conditions.append(f"{column} = ANY(${len(parameters)})")
    return " AND ".join(conditions), parameters


def _entry(row: dict[str, Any]) -> DeliveryEntry | None:
    """A delivery; None for one of a newer version."""
    words = ((Event, "event"), (Channel, "channel"), (DeliveryState, "state"))
    if not all(is_of(known, row[column], column) for known, column in words):
        return None
    state = DeliveryState(row["state"])
    is_delivered = state is DeliveryState.DELIVERED and row["finished_at"] is not None
    return DeliveryEntry(
        row["id"],
        Event(row["event"]),
        row["subject"],
        Channel(row["channel"]),
        row["target"],
        state,
        row["attempts"],
        from_microseconds(row["created_at"]),
        from_microseconds(row["due_at"]) if state is DeliveryState.PENDING else None,
        from_microseconds(row["finished_at"]) if is_delivered else None,
        row["error"],
    )
