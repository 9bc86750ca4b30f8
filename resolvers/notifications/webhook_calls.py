"""What the sending of webhooks reads and notes: where to, signed with what, and how it went."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.clock import database_now
from models.database import Client, reader, transaction
from models.fields import from_microseconds, to_microseconds
from models.sql import fetch
from resolvers.notifications.deliveries import Delivery
from resolvers.outbox import Event, Message, tell

MOST_FAILURES = 20
OUTAGE = timedelta(hours=1)
RETRIES_OF_AN_OUTAGE = 5
"""An endpoint is given up after so many failures one after the other, over so long: the delivery that failed last has been
tried as often as the backoff tries in that time, so that a burst of events in a bad minute disables nothing."""

_READ = """
SELECT code, url, secret, previous_secret, previous_until, is_enabled, failures FROM webhook_endpoint WHERE code = $1
"""
_SUCCEEDED = "UPDATE webhook_endpoint SET failures = 0 WHERE code = $1"
_FAILED = """
UPDATE webhook_endpoint SET failures = failures + 1 WHERE code = $1 AND is_enabled = TRUE RETURNING failures
"""
_DELIVERED_SINCE = """
SELECT id FROM delivery WHERE channel = 'WEBHOOK' AND target = $1 AND state = 'DELIVERED' AND finished_at > $2 LIMIT 1
"""
_DISABLE = "UPDATE webhook_endpoint SET is_enabled = FALSE, disabled_reason = $2 WHERE code = $1"

_log = logging.getLogger("salable.webhook")


@dataclass(frozen=True, slots=True, repr=False)
class Callee:
    """An endpoint as it is called; it has no repr, since it has secrets."""

    code: str
    url: str
    secrets: tuple[str, ...]
    is_enabled: bool
    failures: int


async def callee(code: str) -> Callee | None:
    """The endpoint of a code, with the secrets that sign now, or None; one statement."""
    rows = await fetch(reader(), _READ, code)
    if not rows:
        return None
    row = rows[0]
    secrets = [row["secret"]]
    if row["previous_secret"] and datetime.now(UTC) < from_microseconds(row["previous_until"]):
        secrets.append(row["previous_secret"])
    return Callee(row["code"], row["url"], tuple(secrets), bool(row["is_enabled"]), row["failures"])


async def disabled_endpoints() -> list[str]:
    """The codes of those that nothing is sent to now; one statement."""
    return [row["code"] for row in await fetch(reader(), "SELECT code FROM webhook_endpoint WHERE is_enabled = FALSE")]


async def note_success(endpoint: Callee) -> None:
    """Forget the failures before; nothing is written where there were none."""

    async def write(client: Client) -> None:
        await fetch(client, _SUCCEEDED, endpoint.code)

    if endpoint.failures:
        await transaction(write)


async def note_failure(endpoint: Callee, delivery: Delivery, error: str, *, is_gone: bool) -> None:
    """Count a failure, and disable an endpoint that is gone, or that has failed too often for too long."""

    async def write(client: Client) -> str:
        counted = await fetch(client, _FAILED, endpoint.code)
        if not counted:  # somebody has disabled or removed it meanwhile
            return ""
        if is_gone:
            reason = error
        elif await _is_given_up(client, delivery, counted[0]["failures"]):
            reason = (
                f"{counted[0]['failures']} attempts in a row have failed, for an hour and more. The last one: {error}"
            )
        else:
            return ""
        await fetch(client, _DISABLE, endpoint.code, reason)
        payload = {"endpoint": endpoint.code, "reason": reason}
        await tell(client, [Message(Event.WEBHOOK_DISABLED, endpoint.code, payload)])
        return reason

    if reason := await transaction(write):
        _log.warning("the webhook endpoint %s is disabled: %s", endpoint.code, reason)


async def _is_given_up(client: Client, delivery: Delivery, failures: int) -> bool:
    since = await database_now(client) - OUTAGE
    if failures < MOST_FAILURES or delivery.attempts < RETRIES_OF_AN_OUTAGE or delivery.created_at > since:
        return False
    return not await fetch(client, _DELIVERED_SINCE, delivery.target, to_microseconds(since))
