"""What stands in the tables after a fault, compared with what callers were answered and what receivers were sent."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tests.faults.load import LAST, LAST_ON_HAND, RECEIVED, Write
from tests.faults.messages import TOLD_SECONDS, compare_messages
from tests.faults.stores import Store
from tests.server.post_office import PostOffice
from tests.server.receiver import Receiver


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
    receipts = {key: write for key, write in writes.items() if write.sku == RECEIVED}
    wanted = {key: (key, write.sku, write.quantity) for key, write in orders.items()}
    answered = [key for key, write in orders.items() if write.answer == "placed"]
    lost = [key for key in answered if not (ordered[wanted[key]] and reserved[wanted[key]] and kept[key])]
    doubled = [key for key in orders if max(ordered[wanted[key]], reserved[wanted[key]], kept[key]) > 1]

    lost += [key for key, write in receipts.items() if write.answer == "received" and not kept[key]]
    doubled += [key for key in receipts if kept[key] > 1]
    # Which receipts took effect is known by their keys; how many units they raised the item by has to fit.
    ((in_stock,),) = await store.rows(f"SELECT i.quantity FROM source_item i WHERE i.product_id = '{RECEIVED}'")
    more = int(in_stock) // 10_000 - sum(write.quantity for key, write in receipts.items() if kept[key])

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
    messages = await compare_messages(store, receiver, office, patience)
    unanswered = sum(not write.answer for write in writes.values())
    return Books(
        len(lost) + max(0, -more),
        len(doubled) + max(0, more),
        unanswered,
        (*wrongs, *messages.wrongs),
        messages.summary,
    )


async def _unequal_balances(store: Store) -> list[str]:
    balances = {
        (sku, stock): int(units) for sku, stock, units in await store.rows("SELECT sku, stock, quantity FROM balance")
    }
    sums = await store.rows("SELECT sku, stock, SUM(quantity) FROM reservation GROUP BY sku, stock")
    ledger = {(sku, stock): int(units) for sku, stock, units in sums}
    unequal = [place for place in balances | ledger if balances.get(place, 0) != ledger.get(place, 0)]
    return [f"{len(unequal)} balances are not the sum of their ledger"] if unequal else []
