"""Who listens, and what they are told, for tests: rows of the real tables, and the loops that fill and empty them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from models.database import Client, reader, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.notifications.deliveries import Delivery, Outcome
from resolvers.notifications.dispatch import dispatch
from resolvers.notifications.survey import Surveyor
from resolvers.orders.line_survey import line_surveyor
from resolvers.outbox import Event, Message, tell

_ENDPOINT = """
INSERT INTO webhook_endpoint
    (code, url, secret, previous_secret, previous_until, events, is_enabled, failures, disabled_reason, created_at)
VALUES ($1, 'https://shop.test/hook', 'secret', '', 0, $2, $3, 0, '', 0)
"""
_DELIVERIES = "SELECT * FROM delivery ORDER BY id"


async def write(sql: str, *parameters: Any) -> None:
    """Run one statement that writes."""
    await transaction(lambda client: fetch(client, sql, *parameters))


async def endpoint(code: str = "shop", events: Sequence[str] = (), *, is_enabled: bool = True) -> None:
    """A program that wants these events; without any, all of them."""
    await write(_ENDPOINT, code, orjson.dumps(list(events)).decode(), is_enabled)


async def recipient(email: str, source: str = "") -> None:
    """Somebody who wants mail of a source, or of all that have nobody of their own."""
    await write("INSERT INTO recipient (source, email) VALUES ($1, $2)", source, email)


async def customer(number: str, email: str) -> None:
    """The address of the customer of an order."""
    await write("UPDATE sales_order SET customer_email = $2 WHERE number = $1", number, email)


async def say(*subjects: str) -> None:
    """An event for each of these subjects, in one transaction."""
    messages = [Message(Event.ORDER_SHIPPED, subject, {"order": subject}) for subject in subjects]

    async def write_messages(client: Client) -> None:
        await tell(client, messages)

    await transaction(write_messages)


async def settle() -> None:
    """Dispatch and survey until there is nothing left to do."""
    surveyor, lines = Surveyor(), line_surveyor()
    while await lines.run(patience=0) or await dispatch() or await surveyor.run(patience=0):
        continue


async def deliveries() -> list[dict[str, Any]]:
    """All rows, with their payloads read."""
    return [row | {"payload": orjson.loads(row["payload"])} for row in await fetch(reader(), _DELIVERIES)]


async def heard(target: str = "shop") -> list[tuple[str, str]]:
    """The events that one target is told, each with its subject, in their order."""
    return [(row["event"], row["subject"]) for row in await deliveries() if row["target"] == target]


async def make_due() -> None:
    """As if the time had come for all that waits to be tried again, and every lease had lapsed."""
    now = to_microseconds(datetime.now(UTC))
    await write("UPDATE delivery SET due_at = $1, claimed_until = 0 WHERE state = 'PENDING'", now - 1)


class Ear:
    """A sender that only listens."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.heard: list[Delivery] = []
        self.calls: list[int] = []
        self._outcomes = list(outcomes)

    async def __call__(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Remember them; answer with the next outcome that was given, or that they have arrived."""
        self.heard += deliveries
        self.calls.append(len(deliveries))
        outcome = self._outcomes.pop(0) if self._outcomes else Outcome(delivered=True)
        return [outcome] * len(deliveries)
