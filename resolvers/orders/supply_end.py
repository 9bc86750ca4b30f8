"""Where the supply of a queue ends: the one line that says of every other one whether it waits.

The lines that are covered are walked from the oldest until the supply is used up, so that it costs as many rows as are
covered, however many wait behind them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.database import Client
from models.sql import fetch
from resolvers.balances import Key
from resolvers.queue import managed_skus, supplies
from rules.allocation import Coverage, SupplyEnd, coverage_before
from rules.quantity import from_units, to_units

# Compared, not bare: SQLite searches an index of a boolean only so. ROWS, and no other frame, is added up line by line, and
# ends with the one line that fulfils the condition; an ORDER BY around it would read the whole queue first.
_END = """(
    SELECT {column} FROM (
        SELECT a.id, a.ordered - a.shipped - a.canceled AS open,
               SUM(a.ordered - a.shipped - a.canceled) OVER (ORDER BY a.id ROWS UNBOUNDED PRECEDING) AS through
        FROM order_line a WHERE a.sku = r.sku AND a.stock = r.stock AND a.is_open = TRUE AND a.is_reserved
    ) q WHERE q.through > r.supply AND q.through - q.open <= r.supply LIMIT 1
)"""
_ENDS = f"""
SELECT r.sku, r.stock, {_END.format(column="q.id")} AS line, {_END.format(column="q.through - q.open")} AS ahead
FROM rows($1, sku text, stock text, supply bigint)
"""
_PLACES = """
SELECT r.line, (
    SELECT COUNT(*) FROM order_line a
    WHERE a.sku = r.sku AND a.stock = r.stock AND a.is_open = TRUE AND a.is_reserved AND a.id >= r.first AND a.id <= r.line
) AS place
FROM rows($1, sku text, stock text, first bigint, line bigint)
"""


@dataclass(frozen=True, slots=True)
class Queues:
    """Some queues as they stand: where the supply of each ends; of a SKU that is not managed now nothing waits."""

    ends: dict[Key, SupplyEnd | None]

    def coverage_of(self, line: dict[str, Any]) -> Coverage:
        """The coverage of an open reserved line: a row of `order_line`."""
        open_qty = from_units(line["ordered"] - line["shipped"] - line["canceled"])
        return coverage_before(self.ends.get((line["sku"], line["stock"])), line["id"], open_qty)


async def queues_as_they_stand(client: Client, keys: Iterable[Key]) -> Queues:
    """Where the supply of each of these queues ends; three statements."""
    wanted = set(keys)
    managed = await managed_skus(client, {sku for sku, _ in wanted}) if wanted else set()
    supply = await supplies(client, [key for key in wanted if key[0] in managed])
    return Queues(await _ends_of(client, supply))


async def places_by_line(client: Client, queues: Queues, lines: Sequence[dict[str, Any]]) -> dict[int, int]:
    """The place of each of these lines, which wait, among those of its queue that wait; from 1, in one statement.

    The lines of one queue follow each other in it: only the first of them is counted up to.
    """
    firsts: dict[Key, dict[str, Any]] = {}
    for line in lines:
        firsts.setdefault((line["sku"], line["stock"]), line)
    records = [
        {"sku": sku, "stock": stock, "first": end.line, "line": line["id"]}
        for (sku, stock), line in firsts.items()
        if (end := queues.ends[sku, stock]) is not None
    ]
    found = {row["line"]: row["place"] for row in await fetch(client, _PLACES, records)} if records else {}
    following = {key: found[line["id"]] for key, line in firsts.items()}
    places = {}
    for line in lines:
        key = line["sku"], line["stock"]
        places[line["id"]] = following[key]
        following[key] += 1
    return places


async def _ends_of(client: Client, supply: dict[Key, Decimal]) -> dict[Key, SupplyEnd | None]:
    records = [{"sku": sku, "stock": stock, "supply": to_units(of)} for (sku, stock), of in sorted(supply.items())]
    found: dict[Key, SupplyEnd | None] = {}
    for row in await fetch(client, _ENDS, records) if records else ():
        key = row["sku"], row["stock"]
        left = None if row["line"] is None else supply[key] - from_units(int(row["ahead"]))
        found[key] = None if left is None else SupplyEnd(row["line"], left)
    return found
