"""Deliveries as rows of the open database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from models.database import Client, reader, transaction
from models.fields import to_microseconds
from models.sql import fetch

_INSERT = """
INSERT INTO delivery (event_id, event, subject, payload, channel, target, state, attempts, due_at, claimed_until, error,
                      created_at, finished_at)
SELECT COALESCE(MAX(event_id), 0) + 1, $1, $2, '{}', $3, $4, $5, $6, $7, 0, $8, $9, $10 FROM delivery RETURNING id
"""


async def queued(
    target: str = "erp",
    *,
    event: str = "stock.low",
    subject: str = "TENT",
    channel: str = "WEBHOOK",
    state: str = "PENDING",
    attempts: int = 0,
    due_in: int = 0,
    error: str = "",
) -> int:
    """The id of a delivery that stands in the queue as if it had been dispatched; due in so many seconds."""
    now = datetime.now(UTC)
    due = to_microseconds(now + timedelta(seconds=due_in))
    finished = None if state == "PENDING" else to_microseconds(now)

    async def write(client: Client) -> int:
        row = (event, subject, channel, target, state, attempts, due, error, to_microseconds(now), finished)
        return int((await fetch(client, _INSERT, *row))[0]["id"])

    return await transaction(write)


async def deliveries() -> list[dict[str, Any]]:
    """All deliveries, by id."""
    return await fetch(reader(), "SELECT * FROM delivery ORDER BY id")
