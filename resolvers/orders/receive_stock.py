"""Goods that arrive: raise items that are there, and say which waiting lines that frees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.database import Client, reader
from models.fields import from_microseconds
from models.sql import fetch
from resolvers.balances import lock_balances
from resolvers.calls import Facts, once
from resolvers.covered_lines import Released
from resolvers.errors import Refused, refuse_if
from resolvers.goods import SourceItem, source_item_of
from resolvers.keys import PRODUCT, SOURCE, keys_of, look_alikes, stored_key
from resolvers.notifications.stock_events import movement
from resolvers.orders.item_moves import items_of, raise_items
from resolvers.orders.line_news import news_of_lines
from resolvers.orders.order_lock import LineChange
from resolvers.orders.place_order import line_errors
from resolvers.outbox import tell
from resolvers.queue import queues_of
from rules.item_advice import unlinked_source
from rules.key import no_such, visible
from rules.quantity import from_units, to_units
from rules.validation import Advice, UserError, is_code

_SOURCE = """
SELECT s.enabled AS is_enabled, EXISTS (SELECT 1 FROM stock_source l WHERE l.source_id = s.code) AS is_linked
FROM source s WHERE s.code = $1
"""
_ITEMS = """
SELECT i.source_id AS source, s.name AS source_name, s.enabled, i.product_id AS sku, i.quantity, i.in_stock
FROM source_item i JOIN source s ON s.code = i.source_id
WHERE i.source_id = $1 AND i.product_id = ANY($2) ORDER BY i.product_id
"""


@dataclass(frozen=True, slots=True)
class Received:
    """The items as they are now, the lines that the receipt freed, and what may not have been meant.

    Of the lines, oldest first, at most the first 1,000; released_count says how many there are.
    """

    source_items: list[SourceItem]
    released: list[Released]
    released_count: int
    advice: list[Advice]


async def receive_stock(source: str, lines: Sequence[tuple[str, Decimal]], key: str) -> Received:
    """Raise the items of these SKUs at a source; at a disabled one it frees nothing and warns."""
    refuse_if(line_errors(lines, ("lines",)))
    keys = await keys_of(PRODUCT, [sku for sku, _ in lines])
    source, lines = await stored_key(SOURCE, source), [(keys.of(sku), quantity) for sku, quantity in lines]

    async def receive(client: Client) -> Facts:
        found = await fetch(client, _SOURCE, source) if is_code(source) else []
        if not found:
            alike = await look_alikes(client, SOURCE, [source])
            raise Refused([UserError("UNKNOWN_SOURCE", no_such("source", source, alike.get(source)), ("source",))])
        changes = [
            (("lines", str(index)), LineChange(sku, quantity, source)) for index, (sku, quantity) in enumerate(lines)
        ]
        await lock_balances(client, await queues_of(client, items_of([line for _, line in changes])))
        async with movement(client, {sku for sku, _ in lines if is_code(sku)}):
            cover = await raise_items(client, changes, "source")
        await tell(client, await news_of_lines(client, cover.covered))
        facts = {name: bool(found[0][name]) for name in ("is_enabled", "is_linked")}
        freed, others = cover.freed, cover.covered.count - len(cover.covered.lines)
        return {"released": [_written(line) for line in freed], "released_count": len(freed) + others, **facts}

    given = {"source": source, "lines": [[sku, to_units(quantity)] for sku, quantity in lines]}
    facts = await once("receiveStock", key, given, receive, ("idempotency_key",))
    rows = await fetch(reader(), _ITEMS, source, sorted({sku for sku, _ in lines}))
    released = [_read(each) for each in facts["released"]]
    count = facts.get("released_count", len(released))  # receipts from before this was kept have all
    return Received([source_item_of(row) for row in rows], released, count, _advice(source, facts))


def instant_of(line: Released) -> datetime:
    """When the order of a freed line was placed."""
    return from_microseconds(line.placed_at)


def _advice(source: str, facts: Facts) -> list[Advice]:
    advice = []
    if not facts["is_enabled"]:
        message = f"Source {visible(source)} is disabled: what has arrived there frees nothing until it is enabled."
        advice.append(Advice("SOURCE_DISABLED", message, ("source",)))
    if not facts.get("is_linked", True):  # receipts from before this was kept do not know
        advice.append(unlinked_source(source, ("source",)))
    return advice


def _written(line: Released) -> dict[str, Any]:
    return {
        "order": line.order_number,
        "sku": line.sku,
        "stock": line.stock,
        "released": to_units(line.released),
        "waiting": to_units(line.waiting),
        "placed_at": line.placed_at,
    }


def _read(facts: dict[str, Any]) -> Released:
    released, waiting = from_units(facts["released"]), from_units(facts["waiting"])
    return Released(facts["order"], facts["sku"], facts["stock"], released, waiting, facts["placed_at"])
