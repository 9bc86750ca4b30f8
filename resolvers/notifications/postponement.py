"""Deliveries that were not sent for a reason of our own: no attempt of theirs is counted, and they are due again soon."""

from collections.abc import Sequence
from datetime import timedelta
from random import uniform

from models.clock import database_now
from models.database import Client, reader, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.notifications.deliveries import LONGEST_ERROR, Delivery, Outcome

WAIT = timedelta(seconds=5)

# Where the lease lapsed and another loop recorded first, its word stands.
_POSTPONE = """
UPDATE delivery SET due_at = r.due_at, claimed_until = 0, error = r.error
FROM rows($1, id bigint, attempts integer, due_at bigint, error text)
WHERE delivery.id = r.id AND delivery.state || '' = 'PENDING' AND delivery.attempts = r.attempts
"""


async def postpone(outcomes: Sequence[tuple[Delivery, Outcome]]) -> None:
    """Give these back, with what kept them; two statements."""
    if not outcomes:
        return
    wait = WAIT * uniform(1, 1.2)  # noqa: S311  # no secret: it spreads retries
    due_at = to_microseconds(await database_now(reader()) + wait)
    records = [
        {"id": each.id, "attempts": each.attempts, "due_at": due_at, "error": outcome.error[:LONGEST_ERROR]}
        for each, outcome in sorted(outcomes, key=lambda each: each[0].id)
    ]

    async def write(client: Client) -> None:
        await fetch(client, _POSTPONE, records)

    await transaction(write)
