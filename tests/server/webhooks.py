"""Sending webhooks to endpoints that stand in the database of a test."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from models.database import Client, reader, transaction
from models.sql import fetch
from resolvers.notifications.deliveries import Delivery, Outcome, Sender
from resolvers.notifications.webhook_endpoints import EndpointRow, upsert_endpoints
from resolvers.outbox import Event
from server.delivery.webhook import webhook_sender
from server.settings import Settings

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(hours=2)
LOW = {"sku": "TENT", "source": "berlin", "quantity": "9", "notify": "10.5", "from": "product"}


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
