"""What a movement of stock changes that somebody wants to hear.

Items fall low, products go out of stock and come back. The facts are read before and after a movement, within its
transaction; what differs is told with the movement, or not at all.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from models.database import Client
from models.sql import fetch
from resolvers.goods import GOODS_OF_ALL_STOCKS, YIELD_EVERY, position_of
from resolvers.outbox import Event, Message, tell
from resolvers.rules_in_force import rules_by_scope
from rules.calculator import Availability, StockStatus, availability, is_low, quantity_of
from rules.position import config_of
from rules.quantity import from_units, show
from rules.scope import scope_of
from rules.setting import CATALOGUE, SettingKey
from rules.walk import EffectiveSetting, Rules

NOTED_AT_ONCE = 250

_LOCK_ITEMS = """
SELECT id FROM source_item WHERE product_id = ANY($1) ORDER BY product_id, source_id FOR NO KEY UPDATE
"""


@dataclass(frozen=True, slots=True)
class LowItem:
    """Whether one item is low, and the numbers that say so."""

    is_low: bool
    quantity: str
    notify: EffectiveSetting


@dataclass(slots=True)
class StockFacts:
    """What can be sold of each SKU in each stock, and which items are low (by SKU and source)."""

    sold: dict[tuple[str, str], Availability] = field(default_factory=dict)
    items: dict[tuple[str, str], LowItem] = field(default_factory=dict)


@dataclass(slots=True)
class Moved:
    """The facts around a movement; those after it stand here once it is over."""

    before: StockFacts
    after: StockFacts = field(default_factory=StockFacts)


@asynccontextmanager
async def movement(client: Client, skus: Iterable[str]) -> AsyncIterator[Moved]:
    """Around a movement of these SKUs: holds all of their items, and tells what it changed, in its transaction.

    Every movement takes its items here, by SKU and source: no two wait for each other in a circle.
    """
    named = sorted(set(skus))
    await fetch(client, _LOCK_ITEMS, named)
    moved = Moved(await stock_facts(client, named))
    yield moved
    moved.after = await stock_facts(client, named)
    await tell(client, stock_messages(moved.before, moved.after))


async def stock_facts(client: Client, skus: Iterable[str], instant: datetime | None = None) -> StockFacts:
    """The facts of these SKUs in all stocks by the rules of an instant (None: now), as this transaction sees them; two
    statements.
    """
    wanted = sorted(set(skus))
    rows = await fetch(client, GOODS_OF_ALL_STOCKS, wanted) if wanted else []
    sources = {row["source"] for row in rows if row["source"] is not None}
    rules = await rules_by_scope(client, wanted, sources, instant or datetime.now(UTC))
    facts = StockFacts()
    for number, ((sku, stock), group) in enumerate(groupby(rows, key=itemgetter("sku", "stock")), start=1):
        of_stock = list(group)
        if stock is not None:
            position = position_of(of_stock)
            facts.sold[sku, stock] = availability(position, config_of(rules, sku, position))
        for row in of_stock:
            if row["source"] is not None:
                facts.items[sku, row["source"]] = _low_item(rules, row)
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)
    return facts


def stock_messages(before: StockFacts, after: StockFacts) -> list[Message]:
    """What to tell of a movement: items that fell low or rose, products that went or came back, and what is new or gone."""
    moved = [*_moved_items(before.items, after.items), *flip_messages(before.sold, after.sold)]
    changed = [*(before.sold.keys() ^ after.sold.keys()), *(before.items.keys() ^ after.items.keys())]
    return [*moved, *noted_messages(sku for sku, _ in changed)]


def flip_messages(
    before: Mapping[tuple[str, str], Availability], after: Mapping[tuple[str, str], Availability]
) -> Sequence[Message]:
    """A message for every product that went out of stock, or came back, in a stock."""
    found = []
    for (sku, stock), now in after.items():
        was = before.get((sku, stock))
        if was is None or was.stock_status is now.stock_status:  # what is new has not come back from anywhere
            continue
        found.append(flip_message(sku, stock, now))
    gone = [key for key in before if key not in after and before[key].stock_status is StockStatus.IN_STOCK]
    return found + [flip_message(sku, stock, None) for sku, stock in gone]


def flip_message(sku: str, stock: str, now: Availability | None) -> Message:
    """That a product is out of stock or back in it, and why (None: it has no items there any more)."""
    if now is None:
        return Message(Event.OUT_OF_STOCK, sku, {"sku": sku, "stock": stock, "salable": "0"})
    event = Event.BACK_IN_STOCK if now.stock_status is StockStatus.IN_STOCK else Event.OUT_OF_STOCK
    salable = None if now.salable_qty is None else show(now.salable_qty)
    return Message(event, sku, {"sku": sku, "stock": stock, "salable": salable, **_reasons(now)})


def low_message(sku: str, source: str, now: LowItem) -> Message:
    """That an item is low, with the quantity that it is at or below and the rule that says so; or that it is not."""
    payload: dict[str, Any] = {"sku": sku, "source": source, "quantity": now.quantity}
    payload |= {"notify": show(quantity_of(now.notify.value)), "from": str(now.notify.scope)}
    return Message(Event.LOW_STOCK if now.is_low else Event.RECOVERED, sku, payload)


def noted_messages(skus: Iterable[str]) -> list[Message]:
    """That something about these SKUs is to be looked at: dispatch notes what is so, and tells what nobody was told."""
    wanted = sorted(set(skus))
    return [
        Message(Event.NOTED, "", {"skus": wanted[start : start + NOTED_AT_ONCE]})
        for start in range(0, len(wanted), NOTED_AT_ONCE)
    ]


def _moved_items(before: Mapping[tuple[str, str], LowItem], after: Mapping[tuple[str, str], LowItem]) -> list[Message]:
    # A new item has not fallen from anywhere.
    return [
        low_message(*key, now) for key, now in after.items() if key in before and now.is_low is not before[key].is_low
    ]


def _reasons(now: Availability) -> dict[str, Any]:
    """The numbers behind a status, and the settings that rule them, each once with the place of its rule."""
    used = [now.config.settings[SettingKey.MANAGE_STOCK]]
    if now.is_stock_managed:
        for each in now.counting:
            used += [each.backorders, each.out_of_stock_threshold]
    settings = {
        (each.setting, each.scope): {
            "setting": each.setting.value,
            "value": CATALOGUE[each.setting].write(each.value),
            "from": str(each.scope),
        }
        for each in used
    }
    return {
        "quantity": show(now.on_hand),
        "reserved": show(now.position.reservations),
        "threshold": show(now.effective_threshold),
        "settings": list(settings.values()),
    }


def _low_item(rules: Rules, row: dict[str, Any]) -> LowItem:
    notify = rules.walk(CATALOGUE[SettingKey.NOTIFY_FOR_QUANTITY_BELOW], scope_of(row["source"], row["sku"]))
    managed = rules.walk(CATALOGUE[SettingKey.MANAGE_STOCK], scope_of(None, row["sku"])).value is True
    quantity = from_units(row["quantity"])
    return LowItem(managed and bool(row["enabled"]) and is_low(quantity, notify), show(quantity), notify)
