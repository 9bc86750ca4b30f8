"""Webhooks as a receiver sees them: what is posted, and who signed it."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from models.database import reader
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.notifications.deliveries import Outcome
from resolvers.notifications.webhook_calls import callee
from tests.server.receiver import Received, Receiver, status
from tests.server.webhooks import LOW, NOW, a_delivery, change, endpoint, send, stored, told
from tests.statements import counted_statements


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


async def test_an_event_is_posted_as_json_that_its_endpoint_can_verify(receiver: Receiver) -> None:
    secret = await endpoint(receiver.url())
    assert await send() == Outcome(delivered=True)
    (request,) = receiver.requests
    assert request.line == "POST /hook HTTP/1.1"
    assert request.headers["content-type"] == "application/json"
    message = verified(secret, request)
    data = LOW | {"quantity": 9, "notify": 10.5}
    assert message.pop("id") == request.headers["webhook-id"]
    assert message == {"type": "stock.low", "timestamp": NOW.isoformat().replace("+00:00", "Z"), "data": data}
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
