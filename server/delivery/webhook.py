"""Sending webhooks, by the Standard Webhooks specification."""

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from models.database import DATABASE_ERRORS, reader
from models.failures import is_away
from resolvers.errors import Refused
from resolvers.keys import ENDPOINT, look_alikes, stored_key
from resolvers.notifications.deliveries import Delivery, Outcome, Sender
from resolvers.notifications.webhook_calls import Callee, callee, note_failure, note_success
from resolvers.notifications.webhook_endpoints import unknown_endpoint
from rules.web_address import web_address
from schema.context import Webhooks
from server.delivery.guarded_http import Hindered, NoNameServer, Unanswered, post
from server.delivery.webhook_body import webhook_body
from server.settings import Settings

AGENT = "salable"
TEST = "webhook.test"
GONE = 410
OWN_OUTAGE = timedelta(days=1)
"""How long name servers that say nothing are taken for ours, which somebody mends: afterwards it is the endpoint's name."""
NOTE_SECONDS = 5.0
"""How long the noting of how it went may hold up what was sent; it goes on by itself."""

_log = logging.getLogger("salable.webhook")


def webhook_sender(settings: Settings) -> Sender:
    """What sends deliveries to the endpoints that they name, one after the other."""
    may_be_private = settings.webhook_private

    async def send(deliveries: Sequence[Delivery]) -> list[Outcome]:
        return [await _deliver(each, may_be_private=may_be_private) for each in deliveries]

    return send


def webhooks(settings: Settings) -> Webhooks:
    """What the API needs to know of the sending of webhooks."""
    may_be_private = settings.webhook_private

    async def test(code: str) -> Outcome:
        return await _test(code, may_be_private=may_be_private)

    return Webhooks(test, may_be_private)


async def _deliver(delivery: Delivery, *, may_be_private: bool) -> Outcome:
    try:
        endpoint = await callee(delivery.target)
    except DATABASE_ERRORS as lost:
        _log.error("a webhook waits for the database: %s", lost, exc_info=not is_away(lost))
        return Outcome(delivered=False, error="The database did not say where to.", is_ours=True)
    if endpoint is None:
        return Outcome(delivered=False, error="There is no such endpoint any more.", hopeless=True)
    if not endpoint.is_enabled:
        return Outcome(delivered=False, error="The endpoint is disabled.")
    id_ = message_id(delivery)
    body = webhook_body(id_, delivery.event, delivery.created_at, delivery.payload)
    try:
        status, error = await _post(endpoint, id_, body, may_be_private=may_be_private)
    except Hindered as hindered:  # the endpoint has done nothing
        if not isinstance(hindered, NoNameServer) or datetime.now(UTC) - delivery.created_at < OWN_OUTAGE:
            return Outcome(delivered=False, error=str(hindered), is_ours=True)
        status, error = None, str(hindered)
    if error:
        await _noted(note_failure(endpoint, delivery, error, is_gone=status == GONE))
        return Outcome(delivered=False, error=error)
    await _noted(note_success(endpoint))
    return Outcome(delivered=True)


async def _noted(noting: Awaitable[None]) -> None:
    """Count it, where the database lets us: how it went stays as it is."""
    with suppress(*DATABASE_ERRORS):
        async with asyncio.timeout(NOTE_SECONDS):
            await noting


async def _test(code: str, *, may_be_private: bool) -> Outcome:
    """Send an event that says nothing, to a disabled endpoint too; how it went is not counted.

    Refused with UNKNOWN_ENDPOINT.
    """
    code = await stored_key(ENDPOINT, code)
    endpoint = await callee(code)
    if endpoint is None:
        alike = await look_alikes(reader(), ENDPOINT, [code])
        raise Refused([unknown_endpoint(code, ("code",), alike.get(code))])
    id_ = f"test_{uuid.uuid4().hex}"
    body = webhook_body(id_, TEST, datetime.now(UTC), {"endpoint": code})
    try:
        _, error = await _post(endpoint, id_, body, may_be_private=may_be_private)
    except Hindered as hindered:
        return Outcome(delivered=False, error=str(hindered), is_ours=True)
    return Outcome(delivered=not error, error=error)


async def _post(endpoint: Callee, id_: str, body: bytes, *, may_be_private: bool) -> tuple[int | None, str]:
    """The status of the answer, and the sentence that says what went wrong, if anything did."""
    headers = [("Content-Type", "application/json"), ("User-Agent", AGENT), *_signed(endpoint.secrets, id_, body)]
    try:
        status = await post(web_address(endpoint.url), headers, body, may_be_private=may_be_private)
    except Unanswered as unanswered:
        return None, str(unanswered)
    if 200 <= status < 300:
        return status, ""
    if 300 <= status < 400:
        return status, f"The endpoint answered {status}, a redirect; those are not followed."
    if status == GONE:
        return status, "The endpoint answered 410: it is gone."
    return status, f"The endpoint answered {status}."


def message_id(delivery: Delivery) -> str:
    """One id for an event and an endpoint, however often it is sent: who receives it can drop repeats.

    A delivery from before the random part was kept has the id under which it may have been sent already.
    """
    part = delivery.nonce or hashlib.sha256(delivery.target.encode()).hexdigest()[:16]
    return f"evt_{delivery.event_id}_{part}"


def _signed(secrets: Sequence[str], id_: str, body: bytes) -> list[tuple[str, str]]:
    """The headers that name and sign a message, with each of the secrets."""
    now = datetime.now(UTC)
    signatures = [Webhook(secret).sign(id_, now, body.decode()) for secret in secrets]
    return [
        ("webhook-id", id_),
        ("webhook-timestamp", str(int(now.timestamp()))),
        ("webhook-signature", " ".join(signatures)),
    ]
