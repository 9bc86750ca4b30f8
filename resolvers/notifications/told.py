"""What was told last of every product in a stock and of every item at a source, and how far that is from what is so."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from models.database import Client
from models.sql import fetch
from resolvers.newer import is_of
from resolvers.notifications.stock_events import StockFacts, flip_message, low_message, noted_messages
from resolvers.outbox import Event, Message
from rules.calculator import StockStatus

_TOLD = "SELECT sku, kind, place, is_so FROM told WHERE sku = ANY($1)"
_REMEMBER = """
INSERT INTO told (sku, kind, place, is_so)
SELECT r.sku, r.kind, r.place, r.is_so FROM rows($1, sku text, kind text, place text, is_so boolean)
WHERE TRUE ORDER BY r.sku, r.kind, r.place ON CONFLICT (sku, kind, place) DO UPDATE SET is_so = excluded.is_so
"""
_FORGET = """
DELETE FROM told WHERE id IN (
    SELECT t.id FROM told t JOIN rows($1, sku text, kind text, place text)
    ON t.sku = r.sku AND t.kind = r.kind AND t.place = r.place
)
"""
# A survey that runs is given up with it: it has passed products that it must see again.
_LOOK_AGAIN = "UPDATE {table} SET revision = -1, is_running = FALSE, last_sku = '' WHERE id = 1"


class Kind(StrEnum):
    """What is told of a place: whether a product is in stock in a stock, whether an item is low at a source."""

    STOCK = "STOCK"
    SOURCE = "SOURCE"


Place = tuple[str, Kind, str]
"""A SKU, and the stock or the source that it is told of."""


async def told_of(client: Client, skus: Iterable[str]) -> dict[Place, bool]:
    """What was told last of these SKUs, everywhere; one statement."""
    rows = await fetch(client, _TOLD, sorted(set(skus)))
    return {
        (row["sku"], Kind(row["kind"]), row["place"]): bool(row["is_so"])
        for row in rows
        if is_of(Kind, row["kind"], "kind of place")
    }


async def remember(client: Client, before: Mapping[Place, bool], after: Mapping[Place, bool]) -> None:
    """Write what has been told since; at most two statements."""
    changed = [_record(place) | {"is_so": is_so} for place, is_so in after.items() if before.get(place) is not is_so]
    if changed:
        await fetch(client, _REMEMBER, changed)
    if gone := [_record(place) for place in before if place not in after]:
        await fetch(client, _FORGET, gone)


async def look_again(client: Client) -> None:
    """Have the whole catalogue and all open lines looked through, after this transaction.

    Something else than rules may have flipped much, and covered much otherwise.
    """
    await fetch(client, _LOOK_AGAIN.format(table="survey"))
    await look_at_lines_again(client)


async def look_at_lines_again(client: Client) -> None:
    """Have all open lines looked through, after this transaction: it covered more of them otherwise than it tells of."""
    await fetch(client, _LOOK_AGAIN.format(table="line_survey"))


def told_by(message: Message) -> tuple[Place, bool] | None:
    """The place that an event is about, and what it says of it; None where it is about no place."""
    match message.event:
        case Event.LOW_STOCK | Event.RECOVERED:
            place = message.subject, Kind.SOURCE, str(message.payload["source"])
            return place, message.event is Event.LOW_STOCK
        case Event.OUT_OF_STOCK | Event.BACK_IN_STOCK:
            place = message.subject, Kind.STOCK, str(message.payload["stock"])
            return place, message.event is Event.BACK_IN_STOCK
        case _:
            return None


def truth(facts: StockFacts) -> dict[Place, bool]:
    """What is so, everywhere that these SKUs are."""
    found: dict[Place, bool] = {
        (sku, Kind.STOCK, stock): each.stock_status is StockStatus.IN_STOCK for (sku, stock), each in facts.sold.items()
    }
    return found | {(sku, Kind.SOURCE, source): each.is_low for (sku, source), each in facts.items.items()}


def corrections(told: Mapping[Place, bool], facts: StockFacts) -> list[Message]:
    """Events of their own for what was told and is not so; they say that no movement but the rules made it so."""
    found = []
    so = truth(facts)
    for (sku, kind, place), was in told.items():
        if kind is Kind.STOCK and so.get((sku, kind, place), False) is not was:
            found.append(flip_message(sku, place, facts.sold.get((sku, place))))
        elif kind is Kind.SOURCE and so.get((sku, kind, place), was) is not was:
            found.append(low_message(sku, place, facts.items[sku, place]))
    return [replace(each, payload=each.payload | {"rules": True}) for each in found]


def to_note(told: Mapping[Place, bool], facts: StockFacts) -> list[Message]:
    """Events by which dispatch learns of places that nothing was told of yet, and of items that are gone."""
    so = truth(facts)
    gone = [sku for sku, kind, place in told if kind is Kind.SOURCE and (sku, kind, place) not in so]
    return noted_messages([*(place[0] for place in so if place not in told), *gone])


def noted(told: Mapping[Place, bool], facts: StockFacts) -> dict[Place, bool]:
    """What was told, with what is new taken as told, and without the items that are gone: if they return, they are new."""
    so = truth(facts)
    kept = {place: was for place, was in told.items() if place in so or place[1] is Kind.STOCK}
    return so | kept


def _record(place: Place) -> dict[str, str | bool]:
    sku, kind, where = place
    return {"sku": sku, "kind": kind.value, "place": where}
