"""What a claim costs among 300,000 pending deliveries behind heads that wait, and removing what is old; each by itself.

The baseline is a claim in a small table, in the same run.

Run: python -m tests.benchmarks.growth_claims [DELIVERIES]
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial

from models.database import Client, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.notifications.claims import LONGEST_SECONDS, claim
from resolvers.notifications.deliveries import Channel, Outcome, prune, record
from tests.benchmarks.databases import on_both_migrated
from tests.benchmarks.numbers import numbers
from tests.benchmarks.timing import median, say, seconds

SUBJECTS = 1_000
TURNS = 20

_DELIVERIES = """
INSERT INTO delivery (
    event_id, event, subject, payload, channel, target, state, attempts, due_at, claimed_until, error, created_at,
    finished_at
)
SELECT $3 + n, 'order.shipped', 'S-' || (n % {subjects:d}), '{{}}', 'WEBHOOK', {target}, '{state}',
    CASE WHEN n < {subjects:d} THEN 1 ELSE 0 END,
    CASE WHEN n < {subjects:d} THEN CAST($1 AS BIGINT) ELSE $2 END, 0, '', $2, {finished}
FROM {numbers}
"""
_EVENTS = """
INSERT INTO outbox (created_at, event, subject, payload, is_dispatched)
SELECT 0, 'order.shipped', 'S-1', '{{}}', TRUE FROM {numbers}
"""


async def fill(count: int, *, state: str = "PENDING", target: str = "'broken'", subjects: int = SUBJECTS) -> None:
    """So many deliveries of one endpoint, the first of each subject due in an hour, all others now; or finished long ago."""
    now = datetime.now(UTC)
    later, earlier = to_microseconds(now + timedelta(hours=1)), to_microseconds(now - timedelta(seconds=1))
    finished = "0" if state == "DELIVERED" else "NULL"

    async def write(client: Client) -> None:
        [row] = await fetch(client, "SELECT COALESCE(MAX(event_id), 0) + 1 AS next FROM delivery")
        sql = _DELIVERIES.format(
            subjects=subjects, target=target, state=state, finished=finished, numbers=numbers(client, count)
        )
        await fetch(client, sql, later, earlier, row["next"])

    await transaction(write)


async def _measure(count: int) -> None:
    await _fresh(TURNS * 20)
    baseline = await median("20 deliveries of a small table claimed", _claim_and_record, TURNS)
    await fill(count)
    began = time.perf_counter()
    while (looked := await seconds(_look)) > LONGEST_SECONDS / 2:
        continue
    say(f"{count:,} more parked once, the last look {looked * 1000:,.1f} ms", time.perf_counter() - began)
    await median(f"{count:,} more behind {SUBJECTS:,} heads that wait, {TURNS} looks", _look, TURNS, baseline)
    await _fresh(TURNS * 20)
    await median("20 deliveries to another endpoint claimed beside them", _claim_and_record, TURNS, baseline)
    old = count // 20
    await fill(old, state="DELIVERED", target="'well'")
    await transaction(lambda client: fetch(client, _EVENTS.format(numbers=numbers(client, old))))
    began = time.perf_counter()
    removed = await prune(datetime.now(UTC))
    say(f"{removed:,} old rows removed", time.perf_counter() - began)


async def _fresh(count: int) -> None:
    """Due now, one a subject, to an endpoint that is well."""
    await fill(count, target="'well'", subjects=count)
    sql = "UPDATE delivery SET due_at = 1, attempts = 0 WHERE target = 'well' AND attempts = 1"
    await transaction(lambda client: fetch(client, sql))


async def _claim_and_record() -> None:
    claimed = await claim(Channel.WEBHOOK, 20, 20)
    assert len(claimed) == 20, len(claimed)
    await record([(each, Outcome(delivered=True)) for each in claimed])


async def _look() -> None:
    assert await claim(Channel.WEBHOOK, 20, 20) == []


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    on_both_migrated(partial(_measure, count))
