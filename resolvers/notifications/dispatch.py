"""From the outbox to deliveries: who is to hear of an event, and whether it is news at all.

One short transaction a batch, in the order of the events. All that changes `told` happens here: of two loops that took the
same events, one waits for the other and finds them done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from secrets import token_hex
from typing import Any

import orjson

from models.clock import database_now
from models.database import Client, after_commit, reader, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.newer import in_sql, leave_unreadable
from resolvers.notifications.deliveries import Channel
from resolvers.notifications.stock_events import NOTED_AT_ONCE, StockFacts, stock_facts
from resolvers.notifications.told import Place, corrections, noted, remember, told_by, told_of, truth
from resolvers.outbox import UNTOLD, Event, Message, payload_of, tell, wake

NONCE_BYTES = 8
BATCH = 500
"""Events of one transaction."""
MOST_SKUS = NOTED_AT_ONCE
"""SKUs that one transaction looks at, unless one event alone names more."""
MAILED = frozenset(
    {
        *(Event.LOW_STOCK, Event.OUT_OF_STOCK, Event.BACK_IN_STOCK, Event.WEBHOOK_DISABLED),
        *(Event.ORDER_BACKORDERED, Event.ORDER_WAITING, Event.BACKORDER_FREED),
    }
)

# Compared, not bare: SQLite searches an index of a boolean only so.
_WAITING = f"""
SELECT id, created_at, event, subject, payload FROM outbox
WHERE is_dispatched = FALSE AND event IN {in_sql(Event)} ORDER BY id LIMIT {BATCH:d}
"""
"""An event of a newer version is left to one, and the others are told meanwhile."""
_TAKE = "SELECT id FROM outbox WHERE id = ANY($1) AND is_dispatched = FALSE ORDER BY id FOR NO KEY UPDATE"
_DONE = "UPDATE outbox SET is_dispatched = TRUE WHERE id = ANY($1)"
_MOVED_SINCE = """
SELECT DISTINCT subject FROM outbox WHERE subject = ANY($1) AND is_dispatched = FALSE
AND (event LIKE 'product.%' OR event LIKE 'stock.%')
"""
_CHANNELS = "SELECT code, stock_id FROM sales_channel ORDER BY code"
_RECIPIENTS = "SELECT source, email FROM recipient ORDER BY source, email"
_ENDPOINTS = "SELECT code, events FROM webhook_endpoint WHERE is_enabled ORDER BY code"
_CUSTOMERS = "SELECT number, customer_email FROM sales_order WHERE number = ANY($1) AND customer_email <> ''"
_DELIVERY_ROWS = (
    "rows($1, place integer, event_id bigint, event text, subject text, payload text, channel text, target text,"
    " created_at bigint, due_at bigint, nonce text)"
)
_DELIVER = f"""
INSERT INTO delivery (
    event_id, event, subject, payload, channel, target, state, attempts, due_at, claimed_until, error, created_at,
    nonce
)
SELECT r.event_id, r.event, r.subject, r.payload, r.channel, r.target, 'PENDING', 0, r.due_at, 0, '', r.created_at,
    r.nonce
FROM {_DELIVERY_ROWS}
WHERE TRUE ORDER BY r.place ON CONFLICT (event_id, channel, target) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class _Row:
    """One event of the outbox."""

    id: int
    created_at: int
    message: Message


@dataclass(frozen=True, slots=True)
class _Audience:
    """Who hears of what."""

    channels: Mapping[str, list[str]]
    recipients: Mapping[str, list[str]]
    endpoints: Sequence[tuple[str, frozenset[str]]]
    customers: Mapping[str, str]


def freed_for_customer(payload: Mapping[str, Any]) -> Decimal:
    """How many freed units the customer was told are late; an older version told of all that are freed."""
    return Decimal(str(payload.get("customerFreed", payload["freed"])))


async def dispatch() -> int:
    """Dispatch the events that wait, a batch of them, and return how many; 0 where none wait, or another loop took them."""
    rows = _bearable([row for each in await fetch(reader(), _WAITING) if (row := _row(each)) is not None])
    if not rows:
        return 0
    # First the events, then what is so, then (in the transaction, which is short so) whether more was written: without
    # it, no movement was seen without its event.
    skus = sorted({sku for row in rows for sku in _skus_of(row.message)})
    facts = await stock_facts(reader(), skus, await database_now(reader())) if skus else StockFacts()

    async def write(client: Client) -> int:
        ids = [row.id for row in rows]
        if len(await fetch(client, _TAKE, ids)) < len(ids):
            return 0  # another loop has dispatched some: what is so was read too early for the rest
        await _dispatch(client, rows, skus, facts)
        return len(rows)

    return await transaction(write)


async def _dispatch(client: Client, rows: Sequence[_Row], skus: Sequence[str], facts: StockFacts) -> None:
    told = await told_of(client, skus) if skus else {}
    await fetch(client, _DONE, [row.id for row in rows])
    moved = {row["subject"] for row in await fetch(client, _MOVED_SINCE, skus)} if skus else set()
    so, after = truth(facts), dict(told)
    news = [row for row in rows if _is_news(row.message, after, so)]
    await _deliver(client, news, await _audience(client, news))
    settled = {place: was for place, was in after.items() if place[0] not in moved}
    still = _without(facts, moved)
    await tell(client, corrections(settled, still))
    unsettled = {place: was for place, was in after.items() if place[0] in moved}
    await remember(client, told, noted(settled, still) | unsettled)


def _row(row: Mapping[str, Any]) -> _Row | None:
    """An event; None for one that cannot be read: the others are told."""
    payload = payload_of(row["payload"])
    if payload is None:
        leave_unreadable("event of the outbox", row["id"])
        return None
    return _Row(row["id"], row["created_at"], Message(Event(row["event"]), row["subject"], payload))


def _bearable(rows: Sequence[_Row]) -> list[_Row]:
    """As many of these, at least one, as are about MOST_SKUS together."""
    skus: set[str] = set()
    for place, row in enumerate(rows):
        skus |= _skus_of(row.message)
        if place and len(skus) > MOST_SKUS:
            return list(rows[:place])
    return list(rows)


def _skus_of(message: Message) -> set[str]:
    if message.event is Event.NOTED:
        return set(message.payload["skus"])
    about = told_by(message)
    return set() if about is None else {about[0][0]}


def _is_news(message: Message, told: dict[Place, bool], so: Mapping[Place, bool]) -> bool:
    """Whether somebody is to hear of it: not what was told already, nor what a survey found and is over by now."""
    about = told_by(message)
    if about is not None:
        place, is_so = about
        is_over = bool(message.payload.get("rules")) and so.get(place, False) is not is_so
        if is_over or told.get(place) is is_so:
            return False
        told[place] = is_so
    return message.event not in UNTOLD


def _without(facts: StockFacts, skus: set[str]) -> StockFacts:
    return StockFacts(
        {key: each for key, each in facts.sold.items() if key[0] not in skus},
        {key: each for key, each in facts.items.items() if key[0] not in skus},
    )


async def _audience(client: Client, news: Sequence[_Row]) -> _Audience:
    """Who there is to tell; four statements."""
    channels: dict[str, list[str]] = {}
    for row in await fetch(client, _CHANNELS):
        channels.setdefault(row["stock_id"], []).append(row["code"])
    recipients: dict[str, list[str]] = {}
    for row in await fetch(client, _RECIPIENTS):
        recipients.setdefault(row["source"], []).append(row["email"])
    endpoints = [(row["code"], frozenset(orjson.loads(row["events"]))) for row in await fetch(client, _ENDPOINTS)]
    numbers = sorted({row.message.subject for row in news if _concerns_customer(row.message)})
    customers = {row["number"]: row["customer_email"] for row in await fetch(client, _CUSTOMERS, numbers)}
    return _Audience(channels, recipients, endpoints, customers)


async def _deliver(client: Client, news: Sequence[_Row], audience: _Audience) -> None:
    now = to_microseconds(await database_now(client)) if news else 0
    records: list[dict[str, Any]] = []
    for row in news:
        message = _for_channels(row.message, audience)
        payload = orjson.dumps(message.payload).decode()
        for channel, target in _targets(message, audience):
            records.append(
                {
                    "place": len(records),
                    "event_id": row.id,
                    "event": message.event.value,
                    "subject": message.subject,
                    "payload": payload,
                    "channel": channel.value,
                    "target": target,
                    "created_at": row.created_at,
                    "due_at": now,
                    # A restored backup counts events on from where it was, and receivers drop ids that they have seen.
                    "nonce": token_hex(NONCE_BYTES),
                }
            )
    if records:
        await fetch(client, _DELIVER, records)
        after_commit(wake)


def _for_channels(message: Message, audience: _Audience) -> Message:
    """A flip with the sales channels that sell from its stock."""
    if "stock" not in message.payload:
        return message
    channels = audience.channels.get(message.payload["stock"], [])
    return replace(message, payload=message.payload | {"salesChannels": channels})


def _targets(message: Message, audience: _Audience) -> list[tuple[Channel, str]]:
    found = [
        (Channel.WEBHOOK, code) for code, events in audience.endpoints if not events or message.event.value in events
    ]
    if message.event in MAILED:
        everybody = audience.recipients.get("", [])
        of_source = audience.recipients.get(str(message.payload.get("source", "")), everybody)
        found += [(Channel.MAIL, email) for email in of_source]
    if _concerns_customer(message) and (email := audience.customers.get(message.subject)):
        found.append((Channel.CUSTOMER, email))
    return found


def _concerns_customer(message: Message) -> bool:
    """Whether the customer hears of it: of what is late where the rules say so, and of what was told late and is freed."""
    if message.event is Event.ORDER_BACKORDERED:
        return bool(message.payload.get("notices"))
    return message.event is Event.BACKORDER_FREED and freed_for_customer(message.payload) > 0
