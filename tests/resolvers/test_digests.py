"""Who gets no mail for now."""

from datetime import UTC, datetime, timedelta

from models.database import Client, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.notifications.digests import resting_targets
from tests.statements import counted_statements

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
_INSERT = """
INSERT INTO delivery (
    event_id, event, subject, payload, channel, target, state, attempts, due_at, claimed_until, error, created_at,
    finished_at
) VALUES ($1, 'stock.low', 'TENT', '{}', $2, $3, $4, 1, $7, $5, '', 0, $6)
"""


async def store(target: str, state: str, minutes: int | None, *, channel: str = "MAIL", claimed: int = -60) -> None:
    """A delivery that was finished so many minutes after noon, or that is claimed until so many."""

    def at(minute: int) -> int:
        return to_microseconds(NOON + timedelta(minutes=minute))

    async def write(client: Client) -> None:
        event = (await fetch(client, "SELECT COUNT(*) AS n FROM delivery"))[0]["n"]
        finished = None if minutes is None else at(minutes)
        await fetch(client, _INSERT, event, channel, target, state, at(claimed), finished, finished or 0)

    await transaction(write)


async def resting(minutes: int, period: timedelta = QUARTER) -> list[str]:
    """Who rests so many minutes after noon."""
    return await resting_targets(period, NOON + timedelta(minutes=minutes))


async def test_who_got_a_mail_rests_for_the_period(db: None) -> None:
    await store("ann", "DELIVERED", -20)
    await store("ann", "DELIVERED", 0)
    await store("bob", "DELIVERED", -10)
    assert await resting(1) == ["ann", "bob"]
    assert await resting(5) == ["ann"]
    assert await resting(14) == ["ann"]
    assert await resting(15) == []


async def test_only_mails_that_arrived_count(db: None) -> None:
    await store("ann", "DEAD", 0)
    await store("bob", "PENDING", None)
    await store("cid", "DELIVERED", 0, channel="CUSTOMER")
    await store("dan", "DELIVERED", 0, channel="WEBHOOK")
    assert await resting(1) == []


async def test_who_is_being_mailed_rests_as_long_as_the_lease_holds(db: None) -> None:
    await store("ann", "PENDING", None, claimed=2)
    await store("bob", "PENDING", None, claimed=2, channel="WEBHOOK")
    assert await resting(1) == ["ann"]
    assert await resting(3) == []


async def test_without_digests_nobody_rests(db: None) -> None:
    await store("ann", "DELIVERED", 0)
    await store("bob", "PENDING", None, claimed=2)
    with counted_statements() as statements:
        assert await resting(1, timedelta(0)) == []
    assert statements == []


async def test_it_is_two_statements_whoever_rests(db: None) -> None:
    for number in range(20):
        await store(f"{number:02}@b.c", "DELIVERED", 0)
    with counted_statements() as statements:
        assert len(await resting(1)) == 20
    assert len(statements) == 2
