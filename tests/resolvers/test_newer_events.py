"""Events and deliveries of a newer version: an older process leaves them to it, and goes on with the others."""

import logging
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from tortoise.connection import get_connections

from models.database import reader
from models.sql import fetch
from resolvers import newer
from resolvers.notifications.claims import claim
from resolvers.notifications.deliveries import Channel, Outcome, prune, record
from resolvers.notifications.delivery_list import DeliveryFilter, delivery_page
from resolvers.notifications.dispatch import dispatch
from resolvers.notifications.survey import Surveyor
from resolvers.notifications.webhook_endpoints import EndpointRow, endpoint_page, upsert_endpoints
from resolvers.outbox import Event
from tests.deliveries import queued
from tests.newer import newer_event, write
from tests.statements import counted_statements
from tests.telling import deliveries, endpoint, heard, say, settle
from tests.worlds import stock_up

DELIVERED = Outcome(delivered=True)


async def _claimed(channel: Channel = Channel.WEBHOOK) -> list[int]:
    return [each.id for each in await claim(channel, 100, 100)]


async def _undispatched() -> list[str]:
    rows = await fetch(reader(), "SELECT event FROM outbox WHERE is_dispatched = FALSE ORDER BY id")
    return [row["event"] for row in rows]


async def test_an_event_that_is_not_known_is_left_and_the_others_are_dispatched(db: None) -> None:
    await endpoint()
    await newer_event("1")
    await say("1", "2")
    await newer_event("2")
    await settle()  # which ends: it finds nothing to do in what it leaves
    assert await heard() == [("order.shipped", "1"), ("order.shipped", "2")]
    assert await _undispatched() == ["order.wrapped", "order.wrapped"]
    assert await dispatch() == 0


async def test_more_unknown_events_than_a_batch_do_not_hide_the_known_ones(db: None) -> None:
    await endpoint()
    for number in range(520):
        await newer_event(str(number))
    await say("1")
    await settle()
    assert await heard() == [("order.shipped", "1")]


async def test_a_delivery_that_is_not_known_is_not_claimed_and_keeps_its_place_in_its_subject(db: None) -> None:
    await queued(event="order.wrapped", subject="1")
    await queued(subject="1")  # behind it: it waits, as events of one subject come in their order
    other = await queued(subject="2")
    assert await _claimed() == [other]
    assert await _claimed() == []


@pytest.mark.parametrize("channel", [Channel.WEBHOOK, Channel.CUSTOMER])
async def test_what_is_left_is_not_read_again_under_the_lock_of_a_claim(
    db: None, channel: Channel, *, is_postgresql: bool
) -> None:
    for number in range(50):
        await queued("ann", event="order.wrapped", subject=f"0{number}", channel=channel, due_in=-600)
    first = await queued("ann", event="order.shipped", subject="1", channel=channel, due_in=-60)
    with counted_statements() as seen:
        assert await _claimed(channel) == [first]
    (sql,) = (each for each in seen if "AS head" in each)
    client = get_connections().get("default")
    since = (await fetch(reader(), "SELECT MAX(created_at) AS at FROM delivery"))[0]["at"] - 60_000_000
    of_whom = ["bob"] if channel is Channel.CUSTOMER else "ann"
    explain = "EXPLAIN " if is_postgresql else "EXPLAIN QUERY PLAN "
    rows = await fetch(client, explain + sql, channel.value, since, of_whom, since)
    plan = " ".join(str(row["QUERY PLAN" if is_postgresql else "detail"]) for row in rows)
    assert ("due_at >=" if is_postgresql else "due_at>? AND due_at<?") in plan, plan


async def test_a_digest_takes_along_only_what_it_can_tell_of(db: None) -> None:
    first = await queued("ann@shop.test", channel="MAIL", subject="TENT")
    await queued("ann@shop.test", channel="MAIL", subject="TENT", event="stock.wrapped")
    third = await queued("ann@shop.test", channel="MAIL", subject="TENT")
    assert await _claimed(Channel.MAIL) == [first, third]


async def test_what_is_left_is_not_removed_however_old_it_is(db: None, caplog: pytest.LogCaptureFixture) -> None:
    newer._said.clear()
    await newer_event("1")
    await queued(event="order.wrapped")
    await write("UPDATE delivery SET channel = 'PIGEON'", unchecked="delivery")
    with caplog.at_level(logging.WARNING, "salable.newer"):
        for _ in range(2):
            assert await prune(datetime.now(UTC) + timedelta(days=1_000)) == 0
    assert await _undispatched() == ["order.wrapped"]
    assert len(await deliveries()) == 1
    assert sorted(each.getMessage().partition(": ")[2] for each in caplog.records) == [
        'the channel "PIGEON" is not known here',
        'the event "order.wrapped" is not known here',
    ]


async def test_lists_of_deliveries_leave_out_what_is_not_known(db: None) -> None:
    known = await queued()
    for event, channel, state in (
        ("order.wrapped", "MAIL", "PENDING"),
        ("stock.low", "PIGEON", "PENDING"),
        ("stock.low", "MAIL", "PAUSED"),
    ):
        number = await queued(event=event)
        await write(
            "UPDATE delivery SET channel = $1, state = $2 WHERE id = $3", channel, state, number, unchecked="delivery"
        )
    assert [each.id for each in (await delivery_page(DeliveryFilter(), 50, None)).nodes] == [known]


async def test_an_endpoint_that_wants_an_unknown_event_is_listed_and_keeps_it(db: None) -> None:
    await endpoint("shop", ["order.shipped", "order.wrapped"])
    [found] = (await endpoint_page(50, None)).nodes
    assert (found.events, found.unknown_events) == ((Event.ORDER_SHIPPED,), ("order.wrapped",))
    await upsert_endpoints([EndpointRow("shop", events=[Event.ORDER_CANCELED])], "test", may_be_private=True)
    [row] = await fetch(reader(), "SELECT events FROM webhook_endpoint")
    assert orjson.loads(row["events"]) == ["order.canceled", "order.wrapped"]


async def test_what_was_told_of_an_unknown_kind_of_place_stays_and_stops_no_survey(db: None) -> None:
    await endpoint()
    await stock_up({"TENT": {"here": 5}})
    await settle()
    sql = "INSERT INTO told (sku, kind, place, is_so) VALUES ('TENT', 'SHELF', 'here', TRUE)"
    await write(sql, unchecked="told")
    await write("UPDATE survey SET revision = -1")
    assert await Surveyor().run(patience=0) == 1
    await settle()
    assert [row["kind"] for row in await fetch(reader(), "SELECT kind FROM told WHERE kind = 'SHELF'")] == ["SHELF"]


async def test_what_is_known_goes_on_to_its_end(db: None) -> None:
    await queued(event="order.wrapped", subject="1")
    await queued(subject="2")
    claimed = await claim(Channel.WEBHOOK, 100, 100)
    await record([(each, DELIVERED) for each in claimed])
    assert [row["state"] for row in await deliveries()] == ["PENDING", "DELIVERED"]
