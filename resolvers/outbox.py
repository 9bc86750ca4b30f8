"""The outbox: what there is to tell, written in the transaction of what it reports."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson

from models.database import Client, after_commit
from models.fields import to_microseconds
from models.sql import fetch

_APPEND = """
INSERT INTO outbox (created_at, event, subject, payload)
SELECT r.created_at, r.event, r.subject, r.payload
FROM rows($1, created_at bigint, event text, subject text, payload text)
"""

_listeners: set[asyncio.Event] = set()


class Event(StrEnum):
    """What can be told."""

    ORDER_BACKORDERED = "order.backordered"
    ORDER_SHIPPED = "order.shipped"
    ORDER_CANCELED = "order.canceled"
    ORDER_WAITING = "order.waiting"
    BACKORDER_FREED = "backorder.freed"
    LOW_STOCK = "stock.low"
    OUT_OF_STOCK = "product.out_of_stock"
    BACK_IN_STOCK = "product.back_in_stock"
    RULES_CHANGED = "rules.changed"
    WEBHOOK_DISABLED = "webhook.disabled"
    RECOVERED = "stock.recovered"
    NOTED = "stock.noted"


UNTOLD = frozenset({Event.RECOVERED, Event.NOTED})
"""Events that nobody is told of: with them `told` learns that an item rose, or that something is new or gone."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event: its subject is an order's number, a SKU, a revision or an endpoint's code.

    Events of one subject are told in their order.
    """

    event: Event
    subject: str
    payload: dict[str, Any]


async def tell(client: Client, messages: Sequence[Message]) -> None:
    """Write events, in the order given, as part of this transaction."""
    now = to_microseconds(datetime.now(UTC))
    records = [
        {
            "created_at": now,
            "event": each.event,
            "subject": each.subject,
            "payload": orjson.dumps(each.payload).decode(),
        }
        for each in messages
    ]
    if records:
        await fetch(client, _APPEND, records)
        after_commit(wake)


def payload_of(text: str) -> dict[str, Any] | None:
    """What a stored event says; None where somebody has broken it by hand."""
    try:
        payload = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return payload if isinstance(payload, dict) else None


def wake() -> None:
    """Say in this process that there is something to dispatch or to send."""
    for listener in _listeners:
        listener.set()


@contextmanager
def listening() -> Iterator[asyncio.Event]:
    """An event that is set whenever this process commits something to tell; whoever waits for it clears it."""
    listener = asyncio.Event()
    _listeners.add(listener)
    try:
        yield listener
    finally:
        _listeners.discard(listener)
