"""Which of the units that a refund sends back go on a count: no more than were taken off one, and each only once."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from models.database import Client
from models.sql import fetch
from resolvers.orders.order_lock import LineChange, Locked
from rules.order import may_be_put_back, put_back
from rules.quantity import ZERO, from_units

_MOVED = """
SELECT m.sku, SUM(m.taken) AS taken, SUM(m.put_back) AS put_back FROM (
    SELECT l.sku, l.quantity AS taken, 0 AS put_back FROM shipment_line l JOIN shipment s ON s.id = l.shipment_id
    WHERE s.order_id = $1 AND l.source <> '' AND l.is_taken
    UNION ALL
    SELECT l.sku, 0, l.quantity FROM refund_line l JOIN refund f ON f.id = l.refund_id
    WHERE f.order_id = $1 AND l.source <> ''
) m GROUP BY m.sku
"""


async def parts_put_back(client: Client, locked: Locked, lines: Sequence[LineChange]) -> list[Decimal]:
    """How much of each of these refund lines goes on the count of the source that it names; one statement."""
    rows = await fetch(client, _MOVED, locked.row["id"])
    left = {
        row["sku"]: may_be_put_back(from_units(int(row["taken"])), from_units(int(row["put_back"]))) for row in rows
    }
    of_skus: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if line.source is not None:
            of_skus.setdefault(line.sku, []).append(index)
    parts = [ZERO] * len(lines)
    for sku, indexes in of_skus.items():
        found = put_back([lines[index].quantity for index in indexes], left.get(sku, ZERO))
        for index, part in zip(indexes, found, strict=True):
            parts[index] = part
    return parts


def split_lines(lines: Sequence[LineChange], parts: Sequence[Decimal]) -> list[LineChange]:
    """The refund lines as they are written: what goes on a count with its source, and what does not without one."""
    written = []
    for line, part in zip(lines, parts, strict=True):
        rest = replace(line, quantity=line.quantity - part, source=None)
        written += [each for each in (replace(line, quantity=part), rest) if each.quantity > 0]
    return written
