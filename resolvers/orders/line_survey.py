"""Looking through the open lines for what no movement of goods told.

A source that is enabled or disabled, the links of a stock, Manage Stock and the edge of its schedule change the cover of up
to all open lines at once. They are read in batches, without a lock; what differs from what was told is read again and told
under the locks of its queues, as a movement would: whoever comes second finds nothing left to tell.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from models.clock import database_now
from models.database import Client, long_snapshot, reader, transaction
from models.sql import fetch
from resolvers.balances import Key, lock_balances
from resolvers.covered_lines import CoveredLine, CoveredLines, covered_line
from resolvers.notifications.survey import BATCH, Looking, Surveyor
from resolvers.orders.line_news import news_of_lines
from resolvers.outbox import Message, tell
from resolvers.queue import (
    AND_ITS_ORDER,
    LINE_COLUMNS,
    LINES_OF_QUEUE,
    WAITING,
    coverage_of,
    managed_skus,
    names_of,
    supplies,
)
from rules.quantity import ZERO, to_units
from rules.scope import Scope, ScopeType
from rules.setting import SettingKey
from rules.told import news_of

TOLD_AT_ONCE = 500
"""Lines that one transaction tells of, and holds the balances of meanwhile."""

# A queue that holds anything has a balance: there are no more of these than products, however many orders there were.
_SKUS = f"""
SELECT DISTINCT b.sku FROM balance b WHERE b.sku > $2 AND ({{everything}} OR b.sku = ANY($1)) AND EXISTS (
    SELECT 1 FROM order_line l WHERE l.sku = b.sku AND l.stock = b.stock AND l.is_open = TRUE AND l.is_reserved
) ORDER BY b.sku LIMIT {BATCH:d}
"""
_QUEUES = "SELECT sku, stock FROM balance WHERE sku = ANY($1) ORDER BY sku, stock"
_NAMED = f"""
SELECT {LINE_COLUMNS} FROM ({WAITING.format(lines=LINES_OF_QUEUE)}) w {AND_ITS_ORDER} WHERE w.id = ANY($1) ORDER BY w.id
"""
# Leaves out the lines that surely are as they were told; the rules decide about the others.
_MAY_DIFFER = f"""
SELECT {LINE_COLUMNS} FROM ({WAITING.format(lines=LINES_OF_QUEUE)}) w
JOIN rows($1, sku text, stock text, supply bigint, is_managed boolean) ON r.sku = w.sku AND r.stock = w.stock
{AND_ITS_ORDER}
WHERE w.id > $4 AND (
    l.told_waiting IS NULL OR (r.is_managed = FALSE AND l.told_waiting <> 0) OR (
        r.is_managed = TRUE AND NOT (l.told_waiting = 0 AND w.ahead + w.open <= r.supply)
        AND NOT (l.told_waiting = w.open AND w.ahead >= r.supply)
    )
) ORDER BY w.id LIMIT {{most:d}}
"""


def line_surveyor() -> Surveyor:
    """What one process knows of the survey of open lines between two looks at it."""
    return Surveyor(Looking("line_survey", _skus_of, _look, only=SettingKey.MANAGE_STOCK))


async def _skus_of(scopes: Sequence[Scope], last_sku: str) -> list[str]:
    """The next SKUs with open lines that rules at these scopes can reach."""
    everything = str(any(scope.type is ScopeType.GLOBAL for scope in scopes)).upper()
    named = sorted({scope.sku for scope in scopes if scope.sku})
    return [row["sku"] for row in await fetch(reader(), _SKUS.format(everything=everything), named, last_sku)]


async def _look(skus: Sequence[str]) -> list[Message]:
    """Tell of the lines of these SKUs that are covered otherwise than was told; four statements where none is."""
    last = 0
    while lines := await _may_differ(skus, last):
        last = lines[-1].id
        await _tell_of([line for line in lines if line.kept != news_of(line.told, line.after).told])
        if len(lines) < TOLD_AT_ONCE:
            break
    return []  # all is told


async def _tell_of(lines: Sequence[CoveredLine]) -> None:
    queues = {(line.sku, line.stock) for line in lines}
    ids = [line.id for line in lines]

    async def tell_them(client: Client) -> None:
        await lock_balances(client, queues)
        covering = await _covering(client, sorted(queues))
        rows = await fetch(client, _NAMED, ids, *names_of(queues))
        await tell(
            client, await news_of_lines(client, CoveredLines([_line_now(row, covering) for row in rows], len(rows)))
        )

    if lines:
        await transaction(tell_them)


async def _may_differ(skus: Sequence[str], behind: int) -> list[CoveredLine]:
    async def read(client: Client) -> list[CoveredLine]:
        queues = [(row["sku"], row["stock"]) for row in await fetch(client, _QUEUES, sorted(skus))]
        covering = await _covering(client, queues)
        records = [
            {"sku": sku, "stock": stock, "supply": to_units(supply or ZERO), "is_managed": supply is not None}
            for (sku, stock), supply in covering.items()
        ]
        sql = _MAY_DIFFER.format(most=TOLD_AT_ONCE)
        rows = await fetch(client, sql, records, *names_of(queues), behind) if records else []
        return [_line_now(row, covering) for row in rows]

    # On one state: goods that ship leave with their units, and a supply from before covers too much of the queue after it.
    return await long_snapshot(read)


async def _covering(client: Client, queues: Iterable[Key]) -> dict[Key, Decimal | None]:
    """The supply of each queue, None where its stock is not managed: nothing waits then; three statements."""
    keys = list(queues)
    managed = await managed_skus(client, {sku for sku, _ in keys}, await database_now(client))
    supply = await supplies(client, keys)
    return {key: supply[key] if key[0] in managed else None for key in keys}


def _line_now(row: dict[str, Any], covering: dict[Key, Decimal | None]) -> CoveredLine:
    now = coverage_of(row, covering[row["sku"], row["stock"]])
    return covered_line(row, now, now)
