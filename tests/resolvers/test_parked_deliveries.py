"""What is parked behind a delivery that is tried again: when its turn comes, and when not yet."""

from datetime import UTC, datetime

from models.fields import to_microseconds
from resolvers.notifications.claims import claim
from resolvers.notifications.deliveries import MOST_ATTEMPTS, SPREAD, WAITS, Channel, Delivery, Outcome, record
from resolvers.notifications.delivery_list import retry_delivery
from tests.telling import deliveries, endpoint, make_due, say, settle

DELIVERED = Outcome(delivered=True)
FAILED = Outcome(delivered=False, error="The server answered 503.")
HOPELESS = Outcome(delivered=False, error="There is no such address.", hopeless=True)


async def _claim() -> Delivery:
    [claimed] = await claim(Channel.WEBHOOK, 100, 100)
    return claimed


async def _dead_before_another() -> Delivery:
    """Two events of one subject, the first of which is dead."""
    await endpoint()
    await say("1", "1")
    await settle()
    first = await _claim()
    await record([(first, HOPELESS)])
    return first


async def test_what_failed_and_was_parked_behind_a_retried_one_waits_no_longer_than_its_own_pause(db: None) -> None:
    first = await _dead_before_another()
    second = await _claim()
    await record([(second, FAILED)])
    await retry_delivery(str(first.id))
    await make_due()
    assert await _claim() == first  # the second one is parked
    await record([(first, DELIVERED)])
    assert (await deliveries())[1]["due_at"] <= to_microseconds(datetime.now(UTC) + WAITS[0] * SPREAD)
    await make_due()
    assert (await _claim()).id == second.id


async def test_what_failed_is_not_sent_before_its_pause_is_over_though_the_one_ahead_of_it_is(db: None) -> None:
    first = await _dead_before_another()
    for attempts in range(1, MOST_ATTEMPTS):
        await make_due()
        await record([(await _claim(), FAILED)])
        second = (await deliveries())[1]
        assert second["attempts"] == attempts
        await record([(first, DELIVERED)])
        assert (await deliveries())[1] == second
