"""Who is left in peace for now: mails to one recipient come a period apart, and what happens meanwhile goes together."""

from datetime import datetime, timedelta

from models.database import reader
from models.fields import from_microseconds, to_microseconds
from models.sql import fetch
from resolvers.outbox import Event
from rules.digest import mail_due_at

# From target to target along the index, however much has arrived there, and elsewhere: addresses that staff gave. What has
# arrived was due last when it did (deliveries.py), and is indexed by that.
_MAILED = """
WITH RECURSIVE t(target) AS (
    SELECT MIN(d.target) FROM delivery d WHERE d.state = 'DELIVERED' AND d.channel = 'MAIL'
    UNION ALL SELECT (
        SELECT MIN(d.target) FROM delivery d WHERE d.state = 'DELIVERED' AND d.channel = 'MAIL' AND d.target > t.target
    ) FROM t WHERE t.target IS NOT NULL
)
SELECT t.target, (
    SELECT MAX(d.due_at) FROM delivery d WHERE d.state = 'DELIVERED' AND d.channel = 'MAIL' AND d.target = t.target
) AS last FROM t WHERE t.target IS NOT NULL
"""
# By lease, and without DISTINCT, or SQLite would go through all mails.
_BEING_MAILED = "SELECT target FROM delivery WHERE state = 'PENDING' AND channel = 'MAIL' AND claimed_until >= $1"

# A survey tells of a whole catalogue: until it is through and all that it wrote is dispatched, its digest is not whole.
_UNSETTLED = """
SELECT 1 AS one FROM survey WHERE is_running = TRUE UNION ALL
SELECT 1 AS one FROM line_survey WHERE is_running = TRUE UNION ALL
SELECT 1 AS one FROM outbox WHERE is_dispatched = FALSE AND event = ANY($1) LIMIT 1
"""
_OF_A_SURVEY = [
    *(Event.LOW_STOCK.value, Event.OUT_OF_STOCK.value, Event.BACK_IN_STOCK.value),
    *(Event.ORDER_WAITING.value, Event.BACKORDER_FREED.value),
]


async def is_unsettled() -> bool:
    """Whether a digest that is written now would lack what is still being found out; one statement."""
    return bool(await fetch(reader(), _UNSETTLED, _OF_A_SURVEY))


async def resting_targets(period: timedelta, now: datetime) -> list[str]:
    """The recipients to whom no mail is due now: one was sent within the period, or is just being sent; two statements."""
    resting = {row["target"] for row in await fetch(reader(), _BEING_MAILED, to_microseconds(now))} if period else set()
    for row in await fetch(reader(), _MAILED) if period else ():
        if mail_due_at(from_microseconds(row["last"]), now, period) > now:
            resting.add(row["target"])
    return sorted(resting)
