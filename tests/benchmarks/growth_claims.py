"""What a claim costs among 300,000 pending deliveries behind heads that wait, and removing what is old; each by itself.

The baseline is a claim in a small table, in the same run.

Run: python -m tests.benchmarks.growth_claims [DELIVERIES]
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from models.address import parse_address
from models.database import Client, database, transaction
from models.fields import to_microseconds
from models.migration import migrate
from models.sql import fetch
from resolvers.notifications.claims import LONGEST_SECONDS, claim
from resolvers.notifications.deliveries import Channel, Outcome, prune, record
from tests.benchmarks.databases import on_both
from tests.benchmarks.numbers import numbers

SUBJECTS = 1_000
TURNS = 20

_DELIVERIES = """
INSERT INTO delivery (
    event_id, event, subject, payload, channel, target, state, attempts, due_at, claimed_until, error, created_at,
    finished_at
)
SELECT $3 + n, 'order.shipped', 'S-' || (n % {subjects:d}), '{{}}', 'WEBHOOK', {target}, '{state}',
    CASE WHEN n < {subjects:d} THEN 1 ELSE 0 END, CASE WHEN n < {subjects:d} THEN $1 ELSE $2 END, 0, '', $2, {finished}
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
    baseline = await _timed("20 deliveries of a small table claimed", _claim_and_record, None)
    await fill(count)
    began = time.perf_counter()
    while (looked := await _seconds(_look)) > LONGEST_SECONDS / 2:
        continue
    _say(f"{count:,} more parked once, the last look {looked * 1000:,.1f} ms", time.perf_counter() - began, None)
    await _timed(f"{count:,} more behind {SUBJECTS:,} heads that wait, {TURNS} looks", _look, baseline)
    await _fresh(TURNS * 20)
    await _timed("20 deliveries to another endpoint claimed beside them", _claim_and_record, baseline)
    old = count // 20
    await fill(old, state="DELIVERED", target="'well'")
    await transaction(lambda client: fetch(client, _EVENTS.format(numbers=numbers(client, old))))
    began = time.perf_counter()
    removed = await prune(datetime.now(UTC))
    _say(f"{removed:,} old rows removed", time.perf_counter() - began, None)


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


async def _seconds(body: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await body()
    return time.perf_counter() - began


async def _timed(what: str, body: Callable[[], Awaitable[Any]], baseline: float | None) -> float:
    """The median of some turns, and how long the first one took."""
    spent = [await _seconds(body) for _ in range(TURNS)]
    median = sorted(spent)[TURNS // 2]
    _say(f"{what} (first {spent[0] * 1000:,.0f} ms)", median, baseline)
    return median


def _say(what: str, seconds: float, baseline: float | None) -> None:
    ratio = "" if baseline is None else f", {seconds / baseline:.1f} times the baseline"
    print(f"  {what}: {seconds * 1000:,.1f} ms{ratio}", flush=True)  # noqa: T201  # its output


def measure(name: str, url: str, _folder: Path) -> None:
    """On one database."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    print(name)  # noqa: T201  # its output

    async def run() -> None:
        address = parse_address(url).of_a_command()  # filling it is one long statement after another
        async with database(address):
            await migrate(address)
            await _measure(count)

    asyncio.run(run())


if __name__ == "__main__":
    on_both(measure)
