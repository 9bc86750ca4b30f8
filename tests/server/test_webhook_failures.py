"""When an endpoint is given up, and when it is not."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models.fields import to_microseconds
from resolvers.notifications.deliveries import Outcome
from resolvers.notifications.webhook_endpoints import remove_endpoints
from tests.server.receiver import Receiver, status
from tests.server.webhooks import LONG_AGO, a_delivery, change, endpoint, send, stored, told


async def test_a_success_ends_the_row_of_failures(receiver: Receiver) -> None:
    await endpoint(receiver.url())
    receiver.answer = status(500)
    for failures in (1, 2, 3):
        assert not (await send()).delivered
        assert await stored() == (True, failures, "")
    receiver.answer = status(200)
    assert (await send()).delivered
    assert await stored() == (True, 0, "")


async def test_an_endpoint_that_is_gone_is_disabled_at_once_and_that_is_told(receiver: Receiver) -> None:
    await endpoint(receiver.url(path="/?secret=1"))
    receiver.answer = status(410)
    outcome = await send()
    assert (outcome.delivered, outcome.hopeless) == (False, False)
    assert await stored() == (False, 1, "The endpoint answered 410: it is gone.")
    assert await told() == [("erp", {"endpoint": "erp", "reason": "The endpoint answered 410: it is gone."})]


async def test_a_disabled_endpoint_is_sent_nothing_until_it_is_enabled_again(receiver: Receiver) -> None:
    await endpoint(receiver.url(), is_enabled=False)
    assert await send() == Outcome(delivered=False, error="The endpoint is disabled.")
    assert receiver.requests == []
    assert await stored() == (False, 0, "Disabled by ann.")
    await endpoint(receiver.url(), is_enabled=True)
    assert await send() == Outcome(delivered=True)


async def test_a_delivery_to_an_endpoint_that_was_removed_is_hopeless(receiver: Receiver) -> None:
    await endpoint(receiver.url())
    await remove_endpoints(["erp"])
    outcome = await send()
    assert (outcome.delivered, outcome.hopeless) == (False, True)
    assert receiver.requests == []


async def test_an_endpoint_that_fails_for_an_hour_is_given_up_and_one_bad_minute_is_forgiven(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    await endpoint(receiver.url(path="/?secret=1"))
    receiver.answer = status(500)
    for _ in range(30):  # a burst of events
        await send(a_delivery(created_at=LONG_AGO))
    await send(a_delivery(attempts=9))
    assert await stored() == (True, 31, "")
    assert await told() == []

    await send(a_delivery(attempts=5, created_at=LONG_AGO))
    is_enabled, failures, reason = await stored()
    assert (is_enabled, failures) == (False, 32)
    assert reason == "32 attempts in a row have failed, for an hour and more. The last one: The endpoint answered 500."
    assert await told() == [("erp", {"endpoint": "erp", "reason": reason})]
    assert f"the webhook endpoint erp is disabled: {reason}" in caplog.text
    assert "secret" not in caplog.text


async def test_fewer_than_20_failures_give_nothing_up(receiver: Receiver) -> None:
    await endpoint(receiver.url())
    receiver.answer = status(500)
    for failures in range(1, 20):
        await send(a_delivery(attempts=9, created_at=LONG_AGO))
        assert await stored() == (True, failures, "")
    await send(a_delivery(attempts=9, created_at=LONG_AGO))
    assert (await stored())[0] is False


async def test_what_was_delivered_within_the_hour_keeps_an_endpoint(receiver: Receiver) -> None:
    insert = """
    INSERT INTO delivery (event_id, event, subject, payload, channel, target, state, attempts, due_at, claimed_until,
                          error, created_at, finished_at)
    VALUES (1, 'stock.low', 'TENT', '{}', 'WEBHOOK', 'erp', 'DELIVERED', 0, 0, 0, '', 0, $1)
    """
    await endpoint(receiver.url())
    await change("UPDATE webhook_endpoint SET failures = 100")
    await change(insert, to_microseconds(datetime.now(UTC) - timedelta(minutes=50)))
    receiver.answer = status(500)
    await send(a_delivery(attempts=9, created_at=LONG_AGO))
    assert await stored() == (True, 101, "")
    await change("UPDATE delivery SET finished_at = $1", to_microseconds(LONG_AGO))
    await send(a_delivery(attempts=9, created_at=LONG_AGO))
    assert (await stored())[0] is False


async def test_several_that_fail_at_once_disable_and_tell_once(receiver: Receiver) -> None:
    await endpoint(receiver.url())
    receiver.answer = status(410)
    outcomes = await asyncio.gather(*(send(a_delivery(event_id)) for event_id in (1, 2, 3)))
    assert [outcome.delivered for outcome in outcomes] == [False] * 3
    assert len(await told()) == 1
