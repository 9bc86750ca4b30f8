"""What staff and customers hear of open lines: what differs from what was told, once."""

from models.database import Client
from models.sql import fetch
from resolvers.covered_lines import CoveredLine, CoveredLines
from resolvers.notifications.told import look_at_lines_again
from resolvers.outbox import Event, Message
from rules.quantity import show, to_units
from rules.told import News, news_of

_REMEMBER = """
UPDATE order_line SET told_waiting = r.waiting, told_late = r.late FROM rows($1, id bigint, waiting bigint, late bigint)
WHERE order_line.id = r.id
"""


async def news_of_lines(client: Client, covered: CoveredLines) -> list[Message]:
    """The events of these lines, to be told in this transaction, which holds their balances; what is told is kept.

    Where there are others, the survey of lines tells of them, against what was told of them, in batches that hold no lock
    for long. At most two statements.
    """
    if not covered.are_all:
        await look_at_lines_again(client)
    news = [(line, news_of(line.told, line.after)) for line in covered.lines]
    changed = [
        {"id": line.id, "waiting": to_units(each.told.waiting), "late": to_units(each.told.late)}
        for line, each in news
        if each.told != line.kept
    ]
    if changed:
        await fetch(client, _REMEMBER, changed)
    return [message for line, each in news for message in _messages(line, each)]


def _messages(line: CoveredLine, news: News) -> list[Message]:
    about = {"order": line.order_number, "sku": line.sku}
    waiting = {"waiting": show(line.after.waiting)}
    if news.uncovered:
        payload = {**about, "uncovered": show(news.uncovered), **waiting}
        return [Message(Event.ORDER_WAITING, line.order_number, payload)]
    if news.freed:
        payload = {**about, "freed": show(news.freed), **waiting, "customerFreed": show(news.customer_freed)}
        return [Message(Event.BACKORDER_FREED, line.order_number, payload)]
    return []
