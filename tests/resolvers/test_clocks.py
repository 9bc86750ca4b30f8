"""Two processes whose clocks differ share one database: what is leased, due or old is judged by its clock alone."""

from datetime import UTC, datetime, timedelta

from models.clock import database_now
from models.database import reader
from models.fields import to_microseconds
from resolvers.notifications.claims import claim
from resolvers.notifications.deliveries import Channel, Delivery, Outcome, record
from resolvers.notifications.delivery_list import retry_delivery
from resolvers.notifications.digests import resting_targets
from resolvers.notifications.survey import Surveyor
from tests.clocks import clock_off
from tests.telling import deliveries, endpoint, heard, make_due, recipient, say, settle, write
from tests.worlds import stock_up

SKEW = timedelta(seconds=90)
FAILED = Outcome(delivered=False, error="The server answered 503.")


async def _claim(channel: Channel = Channel.WEBHOOK) -> list[Delivery]:
    return await claim(channel, 100, 100)


async def test_the_database_says_what_time_it_is(db: None) -> None:
    with clock_off(SKEW):
        found = await database_now(reader())
    assert abs(found - datetime.now(UTC)) < timedelta(seconds=30)  # one machine holds both here


async def test_a_clock_that_is_ahead_takes_no_lease_from_another_process(db: None) -> None:
    await endpoint()
    await say("1", "2", "3")
    await settle()
    assert len(await _claim()) == 3
    with clock_off(SKEW):
        assert await _claim() == []


async def test_a_lease_is_as_long_as_it_is_whatever_the_clock_of_its_process_says(db: None) -> None:
    await endpoint()
    await say("1")
    await settle()
    with clock_off(-SKEW):
        assert len(await _claim()) == 1
    assert await _claim() == []
    [row] = await deliveries()
    assert row["claimed_until"] > to_microseconds(datetime.now(UTC))


async def test_what_a_process_with_a_clock_ahead_dispatches_or_retries_is_due_at_once_for_all(db: None) -> None:
    await endpoint()
    await say("1")
    with clock_off(SKEW):
        await settle()
    [claimed] = await _claim()
    with clock_off(2 * SKEW):
        await record([(claimed, Outcome(delivered=False, error="Refused.", hopeless=True))])
        await retry_delivery(str(claimed.id))
    assert [each.id for each in await _claim()] == [claimed.id]


async def test_a_retry_waits_as_long_as_it_should(db: None) -> None:
    await endpoint()
    await say("1")
    await settle()
    [claimed] = await _claim()
    with clock_off(-SKEW):
        await record([(claimed, FAILED)])
    assert await _claim() == []
    await make_due()
    assert len(await _claim()) == 1


async def test_who_is_being_mailed_by_one_process_rests_for_the_other(db: None) -> None:
    await recipient("ann@shop.test")
    await write(
        "INSERT INTO delivery (event_id, event, subject, payload, channel, target, state, attempts, due_at, claimed_until,"
        " error, created_at) VALUES (1, 'stock.low', 'TENT', '{}', 'MAIL', 'ann@shop.test', 'PENDING', 0, 0, 0, '', 0)"
    )
    assert len(await _claim(Channel.MAIL)) == 1
    with clock_off(SKEW):
        assert await resting_targets(timedelta(minutes=15), await database_now(reader())) == ["ann@shop.test"]


async def test_the_edge_of_a_window_is_told_once_though_a_clock_is_behind(db: None) -> None:
    await endpoint()
    await stock_up({"TENT": {"here": 5}})
    await settle()
    edge = to_microseconds(datetime.now(UTC) - timedelta(seconds=30))
    await write("UPDATE survey SET instant = $1", edge - 1)
    await write(
        "INSERT INTO scope_rule (scope_type, source, sku, setting, active_from, active_until, value, revision)"
        " VALUES ('PRODUCT', '', 'TENT', 'out_of_stock_threshold', $1, $2, '5', 0)",
        edge,
        to_microseconds(datetime.max.replace(tzinfo=UTC)),
    )
    with clock_off(-SKEW):  # by its clock the window has not begun
        await Surveyor().run(patience=0)
        await settle()
    await settle()
    assert ("product.out_of_stock", "TENT") in await heard()
