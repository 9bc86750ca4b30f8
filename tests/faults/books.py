"""What stands in the tables after a fault, compared with what callers were answered and what receivers were sent."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tests.faults.load import LAST, LAST_ON_HAND, RECEIVED, Write
from tests.faults.stores import Store
from tests.server.post_office import PostOffice
from tests.server.receiver import Receiver

TOLD_SECONDS = 45
"""How long deliveries may take to arrive once all is well: the second retry comes half a minute after the first."""
TOLD = "order.backordered"


@dataclass(frozen=True, slots=True)
class Books:
    """What was found: numbers of writes, of messages, and sentences about what does not fit."""

    lost: int
    doubled: int
    unanswered: int
    wrongs: tuple[str, ...]
    messages: str


async def compare(
    store: Store, receiver: Receiver, office: PostOffice, writes: Mapping[str, Write], patience: int = TOLD_SECONDS
) -> Books:
    """Compare once nothing runs any more but the telling, which is given its time."""
    lines = await store.rows(
        "SELECT o.number, l.sku, l.ordered FROM sales_order o LEFT JOIN order_line l ON l.order_id = o.id"
    )
    ledger = await store.rows("SELECT order_number, sku, quantity FROM reservation")
    kept = Counter(key for (key,) in await store.rows("SELECT key FROM call"))
    ordered = Counter((str(number), str(sku), int(units) // 10_000) for number, sku, units in lines)
    reserved = Counter((str(number), str(sku), -int(units) // 10_000) for number, sku, units in ledger)
    orders = {key: write for key, write in writes.items() if write.sku != RECEIVED}
    receipts = [write for write in writes.values() if write.sku == RECEIVED]
    wanted = {key: (key, write.sku, write.quantity) for key, write in orders.items()}
    answered = [key for key, write in orders.items() if write.answer == "placed"]
    lost = [key for key in answered if not (ordered[wanted[key]] and reserved[wanted[key]] and kept[key])]
    doubled = [key for key in orders if max(ordered[wanted[key]], reserved[wanted[key]], kept[key]) > 1]

    (in_stock,) = await store.rows(f"SELECT i.quantity FROM source_item i WHERE i.product_id = '{RECEIVED}'")
    units = int(in_stock[0]) // 10_000
    received = sum(write.answer == "received" for write in receipts)
    unknown = sum(not write.answer for write in receipts)
    lost_receipts, doubled_receipts = max(0, received - units), max(0, units - received - unknown)

    wrongs: list[str] = []
    if ordered != reserved:
        wrongs.append("the ledger has other units than the orders")
    if unasked := {number for number, _, _ in ordered} - set(orders):
        wrongs.append(f"{len(unasked)} orders that nobody asked for")
    if refused := [key for key, write in orders.items() if write.answer == "refused" and ordered[wanted[key]]]:
        wrongs.append(f"{len(refused)} orders were refused and stand")
    sold = sum(number for (_, sku, number), times in ordered.items() if sku == LAST for _ in range(times))
    if sold > LAST_ON_HAND:
        wrongs.append(f"{sold} sold of {LAST_ON_HAND}")
    wrongs += await _unequal_balances(store)
    lost_messages, messages = await _messages(store, receiver, office, patience)
    wrongs += lost_messages
    unanswered = sum(not write.answer for write in writes.values())
    return Books(len(lost) + lost_receipts, len(doubled) + doubled_receipts, unanswered, tuple(wrongs), messages)


async def _unequal_balances(store: Store) -> list[str]:
    balances = {
        (sku, stock): int(units) for sku, stock, units in await store.rows("SELECT sku, stock, quantity FROM balance")
    }
    sums = await store.rows("SELECT sku, stock, SUM(quantity) FROM reservation GROUP BY sku, stock")
    ledger = {(sku, stock): int(units) for sku, stock, units in sums}
    unequal = [place for place in balances | ledger if balances.get(place, 0) != ledger.get(place, 0)]
    return [f"{len(unequal)} balances are not the sum of their ledger"] if unequal else []


async def _messages(store: Store, receiver: Receiver, office: PostOffice, patience: int) -> tuple[list[str], str]:
    """What of the messages is wrong, and one line about them: each at least once, repeats counted by their id."""
    waiting = f"SELECT COUNT(*) FROM delivery WHERE state = 'PENDING' AND event = '{TOLD}' AND {_OURS}"
    for _ in range(patience):
        ((left,),) = await store.rows(waiting)
        ((undispatched,),) = await store.rows("SELECT COUNT(*) FROM outbox WHERE NOT is_dispatched")
        if not left and not undispatched:
            break
        await asyncio.sleep(1)
    found = await store.rows(
        f"SELECT channel, event_id, target, state FROM delivery WHERE event = '{TOLD}' AND {_OURS}"
    )
    bodies = [json.loads(request.body) for request in receiver.requests]
    ids = Counter(body["id"] for body in bodies)
    told = {int(id_.split("_")[1]) for id_ in ids}
    mails = Counter(str(mail["Message-ID"]) for mail in office.mails)
    mailed = {address for envelope in office.envelopes for address in envelope.rcpt_tos}
    states = Counter(str(state) for _, _, _, state in found)
    wrongs = []
    missing = [
        target
        for channel, event, target, state in found
        if state == "DELIVERED" and not (int(event) in told if channel == "WEBHOOK" else target in mailed)
    ]
    if missing:
        wrongs.append(f"{len(missing)} messages are marked as delivered and never came")
    if states["DEAD"]:
        wrongs.append(f"{states['DEAD']} messages were given up")
    ((orders,),) = await store.rows("SELECT COUNT(DISTINCT order_id) FROM order_line WHERE late_at_placement > 0")
    ((events,),) = await store.rows(f"SELECT COUNT(*) FROM outbox WHERE event = '{TOLD}'")
    if orders != events:
        wrongs.append(f"{orders} orders are late, and {events} events tell of it")
    if await store.rows("SELECT code FROM webhook_endpoint WHERE code = 'erp' AND NOT is_enabled"):
        wrongs.append("the healthy endpoint is disabled")
    waits = f", {states['PENDING']} still wait" if states["PENDING"] else ""
    return wrongs, f"{_with_repeats(ids)} webhooks, {_with_repeats(mails)} mails{waits}"


def _with_repeats(ids: Counter[str]) -> str:
    again = sum(ids.values()) - len(ids)
    return f"{len(ids)} ({again} again)" if again else str(len(ids))


_OURS = "(channel = 'CUSTOMER' OR target = 'erp')"
