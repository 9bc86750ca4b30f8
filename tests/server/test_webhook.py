"""Webhooks as a receiver sees them: what is posted, who signed it, and when an endpoint is given up."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from models.database import Client, reader, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.deliveries import Delivery, Outcome, Sender
from resolvers.outbox import Event
from resolvers.webhook_calls import callee
from resolvers.webhook_endpoints import EndpointRow, remove_endpoints, upsert_endpoints
from server.settings import Settings
from server.webhook import webhook_sender
from tests.server.receiver import Received, Receiver, receiving, status
from tests.statements import counted_statements

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(hours=2)
LOW = {"sku": "TENT", "source": "berlin", "quantity": "9", "notify": "10.5", "from": "product"}
Send = Callable[..., Awaitable[Outcome]]


def sender(*, private: bool = True) -> Sender:
    """The sender of a service with these settings."""
    return webhook_sender(Settings.model_validate({"webhook_private": private}))


def a_delivery(event_id: int = 7, *, attempts: int = 0, created_at: datetime = NOW, target: str = "erp") -> Delivery:
    """A low item on its way to the endpoint erp."""
    return Delivery(event_id * 10, event_id, Event.LOW_STOCK, "TENT", LOW, target, attempts, created_at)


async def send(delivery: Delivery | None = None, *, private: bool = True) -> Outcome:
    """What becomes of one delivery."""
    (outcome,) = await sender(private=private)([delivery or a_delivery()])
    return outcome


async def endpoint(url: str, code: str = "erp", **rest: Any) -> str:
    """Write an endpoint, and return the secret that was made, if one was."""
    written = await upsert_endpoints([EndpointRow(code, url, **rest)], "ann", may_be_private=True)
    return written.secrets.get(code, "")


async def stored(code: str = "erp") -> tuple[bool, int, str]:
    """Whether the endpoint is enabled, its failures, and why it is disabled."""
    (row,) = await fetch(reader(), "SELECT * FROM webhook_endpoint WHERE code = $1", code)
    return bool(row["is_enabled"]), row["failures"], row["disabled_reason"]


async def told() -> list[tuple[str, dict[str, Any]]]:
    """The outbox: each event's subject and payload, all of endpoints that were disabled."""
    rows = await fetch(reader(), "SELECT event, subject, payload FROM outbox ORDER BY id")
    assert {row["event"] for row in rows} <= {Event.WEBHOOK_DISABLED}
    return [(row["subject"], json.loads(row["payload"])) for row in rows]


async def change(sql: str, *parameters: Any) -> None:
    """Change rows by hand."""

    async def write(client: Client) -> None:
        await fetch(client, sql, *parameters)

    await transaction(write)


def verified(secret: str, request: Received) -> dict[str, Any]:
    """The message of a request, by the public library; it raises for one that the secret has not signed."""
    message: dict[str, Any] = Webhook(secret).verify(request.body, request.headers)
    return message


def is_signed(secret: str, request: Received) -> bool:
    """Whether the secret has signed the request."""
    try:
        verified(secret, request)
    except WebhookVerificationError:
        return False
    return True


@pytest.fixture
async def receiver(db: None) -> AsyncIterator[Receiver]:
    """A receiver, on the database of this test."""
    async with receiving() as found:
        yield found


async def test_an_event_is_posted_as_json_that_its_endpoint_can_verify(receiver: Receiver) -> None:
    secret = await endpoint(receiver.url())
    assert await send() == Outcome(delivered=True)
    (request,) = receiver.requests
    assert request.line == "POST /hook HTTP/1.1"
    assert request.headers["content-type"] == "application/json"
    message = verified(secret, request)
    assert message.pop("id") == request.headers["webhook-id"]
    assert message == {"type": "stock.low", "timestamp": NOW.isoformat().replace("+00:00", "Z"), "data": LOW}
    assert secret.startswith("whsec_")
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.body.replace(b"TENT", b"LAMP"), request.headers)


async def test_a_repeat_has_the_id_of_the_first_and_another_event_or_endpoint_has_another(receiver: Receiver) -> None:
    await endpoint(receiver.url())
    await endpoint(receiver.url(), "Überwachung")
    for delivery in (
        a_delivery(),
        a_delivery(attempts=1),
        a_delivery(event_id=8),
        a_delivery(target="Überwachung"),
    ):
        assert (await send(delivery)).delivered
    first, repeat, *others = [request.headers["webhook-id"] for request in receiver.requests]
    assert first == repeat
    assert len({first, *others}) == 3


async def test_after_a_rotation_both_secrets_sign_for_a_day_and_then_only_the_new_one(receiver: Receiver) -> None:
    old = await endpoint(receiver.url())
    new = await endpoint(receiver.url(), is_rotated=True)
    assert old != new
    await send()
    assert len(receiver.requests[0].headers["webhook-signature"].split(" ")) == 2
    assert (is_signed(old, receiver.requests[0]), is_signed(new, receiver.requests[0])) == (True, True)

    (row,) = await fetch(reader(), "SELECT previous_until FROM webhook_endpoint")
    day = timedelta(hours=24) // timedelta(microseconds=1)
    assert abs(row["previous_until"] - to_microseconds(datetime.now(UTC)) - day) < 60_000_000
    await change("UPDATE webhook_endpoint SET previous_until = $1", to_microseconds(NOW))
    await send()
    assert (is_signed(old, receiver.requests[1]), is_signed(new, receiver.requests[1])) == (False, True)


async def test_of_three_secrets_the_last_two_sign(receiver: Receiver) -> None:
    secrets = [await endpoint(receiver.url(), is_rotated=True) for _ in range(3)]
    await send()
    assert [is_signed(secret, receiver.requests[0]) for secret in secrets] == [False, True, True]


@pytest.mark.parametrize("code", [200, 201, 202, 204])
async def test_every_2xx_is_a_delivery_that_arrived(receiver: Receiver, code: int) -> None:
    receiver.answer = status(code)
    await endpoint(receiver.url())
    assert await send() == Outcome(delivered=True)
    assert await stored() == (True, 0, "")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308, 304, 400, 401, 404, 413, 429, 500, 502, 503])
async def test_every_other_answer_is_a_failure_to_retry(receiver: Receiver, code: int) -> None:
    receiver.answer = status(code, f"Location: {receiver.url()}")
    await endpoint(receiver.url(path="/hook?secret=1"))
    outcome = await send()
    assert (outcome.delivered, outcome.hopeless) == (False, False)
    assert str(code) in outcome.error
    assert ("redirect" in outcome.error) is (code < 400)
    assert "secret" not in outcome.error
    assert await stored() == (True, 1, "")
    assert len(receiver.requests) == 1


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
    await change(insert, to_microseconds(NOW - timedelta(minutes=50)))
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


async def test_a_private_address_is_refused_when_it_is_connected_to(receiver: Receiver) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"):
        await endpoint(receiver.url(host))
        outcome = await send(private=False)
        assert "leads to a private address" in outcome.error
        assert (outcome.delivered, outcome.hopeless) == (False, False)
    assert receiver.requests == []


async def test_a_delivery_that_succeeds_costs_one_statement(receiver: Receiver) -> None:
    await endpoint(receiver.url())
    with counted_statements() as seen:
        assert (await send()).delivered
    assert len(seen) == 1


async def test_the_secrets_are_in_no_error_log_or_repr(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    secrets = [await endpoint(receiver.url(path="/?token=hidden"), is_rotated=True) for _ in range(2)]
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    found = [repr(await callee("erp"))]
    for code in (200, 302, 410, 500):
        await change("UPDATE webhook_endpoint SET is_enabled = TRUE")
        receiver.answer = status(code)
        found.append((await send()).error)
    everything = "".join([*found, caplog.text, str(await told()), str(await stored())])
    for secret in (*secrets, "hidden"):
        assert secret.removeprefix("whsec_") not in everything
