"""What was told after a fault: what the outbox and the deliveries owe, compared with what receivers were sent."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from resolvers.notifications.deliveries import LEASE
from tests.faults.stores import Store
from tests.server.post_office import PostOffice
from tests.server.receiver import Receiver

TOLD_SECONDS = int(LEASE.total_seconds()) + 40
"""How long deliveries may take to arrive once all is well: what a process that died had claimed is its own until the lease
lapses, and the second retry comes half a minute after the first."""
TOLD = "order.backordered"
"""The event of every order that is late: its customer hears of it, and the healthy endpoint."""
HEALTHY = "erp"
"""The endpoint that every message has to reach."""

_LATE = """
SELECT DISTINCT o.number, o.customer_email FROM sales_order o JOIN order_line l ON l.order_id = o.id
WHERE l.late_at_placement > 0
"""
_DELIVERIES = (
    f"SELECT channel, event_id, target, state FROM delivery WHERE channel = 'CUSTOMER' OR target = '{HEALTHY}'"
)
_UNDISPATCHED = "SELECT COUNT(*) FROM outbox WHERE NOT is_dispatched"
_DISABLED = f"SELECT code FROM webhook_endpoint WHERE code = '{HEALTHY}' AND NOT is_enabled"


@dataclass(frozen=True, slots=True)
class Messages:
    """What was found: sentences about what is wrong, and one line about what arrived."""

    wrongs: tuple[str, ...]
    summary: str


async def compare_messages(
    store: Store, receiver: Receiver, office: PostOffice, patience: int = TOLD_SECONDS
) -> Messages:
    """Look once a second until all that is owed has arrived, or so many seconds have passed.

    Each message has to arrive at least once; repeats are counted by their id.
    """
    wrongs = await _wrongs(store, receiver, office)
    for _ in range(patience):
        if not wrongs:
            break
        await asyncio.sleep(1)
        wrongs = await _wrongs(store, receiver, office)
    mails = Counter(str(mail["Message-ID"]) for mail in office.mails)
    return Messages(tuple(wrongs), f"{_with_repeats(_webhooks(receiver))} webhooks, {_with_repeats(mails)} mails")


async def _wrongs(store: Store, receiver: Receiver, office: PostOffice) -> list[str]:
    """What is wrong as it stands now."""
    ((undispatched,),) = await store.rows(_UNDISPATCHED)
    late = {str(number): str(email) for number, email in await store.rows(_LATE)}
    events = await store.rows(f"SELECT id, subject FROM outbox WHERE event = '{TOLD}'")
    made = await store.rows(_DELIVERIES)
    is_disabled = bool(await store.rows(_DISABLED))

    subjects = {str(subject) for _, subject in events}
    owed = {("WEBHOOK", int(event), HEALTHY) for event, _ in events}
    owed |= {("CUSTOMER", int(event), email) for event, subject in events if (email := late.get(str(subject)))}
    states = Counter(str(state) for *_, state in made)
    found = {
        "events are not dispatched": undispatched,
        "orders are late and no event tells of it": len(late.keys() - subjects),
        "events tell of orders that are not late, or tell again": len(events) - len(late.keys() & subjects),
        "deliveries of events were not made": len(owed - {(channel, int(event), to) for channel, event, to, _ in made}),
        "messages still wait": states["PENDING"],
        "messages were given up": states["DEAD"],
        "messages are marked as delivered and never came": len(_missing(made, receiver, office)),
    }
    wrongs = [f"{number} {what}" for what, number in found.items() if number]
    return [*wrongs, "the healthy endpoint is disabled"] if is_disabled else wrongs


def _missing(made: list[tuple[Any, ...]], receiver: Receiver, office: PostOffice) -> list[tuple[Any, ...]]:
    """The deliveries that have arrived, as the table says, and of which nothing came."""
    told = {int(id_.split("_")[1]) for id_ in _webhooks(receiver)}
    mailed = {address for envelope in office.envelopes for address in envelope.rcpt_tos}
    return [
        each
        for each in made
        if each[3] == "DELIVERED" and not (int(each[1]) in told if each[0] == "WEBHOOK" else each[2] in mailed)
    ]


def _webhooks(receiver: Receiver) -> Counter[str]:
    return Counter(str(json.loads(request.body)["id"]) for request in receiver.requests)


def _with_repeats(ids: Counter[str]) -> str:
    again = sum(ids.values()) - len(ids)
    return f"{len(ids)} ({again} again)" if again else str(len(ids))
