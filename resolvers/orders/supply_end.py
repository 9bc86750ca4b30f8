"""Where the supply of a queue ends: the one line that says of every other one whether it waits.

Lines are added up from the oldest until the supply is used up: it costs as many rows as are covered, however many wait.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.database import Client
from models.sql import fetch
from resolvers.balances import Key
from resolvers.queue import Target, lines_at, managed_skus, supplies
from rules.allocation import Coverage, SupplyEnd, coverage_before
from rules.quantity import from_units

_PLACES = """
SELECT r.line, (
    SELECT COUNT(*) FROM order_line a
    WHERE a.sku = r.sku AND a.stock = r.stock AND a.is_open = TRUE AND a.is_reserved AND a.id >= r.first AND a.id <= r.line
) AS place
FROM rows($1, sku text, stock text, first bigint, line bigint)
"""


@dataclass(frozen=True, slots=True)
class Queues:
    """Some queues as they stand, up to a line of each: where its supply ends before that (None: it covers them).

    Of a SKU that is not managed now nothing waits.
    """

    ends: dict[Key, SupplyEnd | None]

    def coverage_of(self, line: dict[str, Any]) -> Coverage:
        """The coverage of an open reserved line: a row of `order_line`."""
        open_qty = from_units(line["ordered"] - line["shipped"] - line["canceled"])
        return coverage_before(self.ends.get((line["sku"], line["stock"])), line["id"], open_qty)


async def queues_as_they_stand(client: Client, last: Mapping[Key, int]) -> Queues:
    """Where the supply of each of these queues ends, as far as it ends by its last line that matters; three statements."""
    managed = await managed_skus(client, {sku for sku, _ in last}) if last else set()
    supply = await supplies(client, [key for key in last if key[0] in managed])
    return Queues(await _ends_of(client, supply, last))


def last_lines(lines: Iterable[dict[str, Any]]) -> dict[Key, int]:
    """The queues of these rows of `order_line`, with the last of them in each."""
    last: dict[Key, int] = {}
    for line in lines:
        key = line["sku"], line["stock"]
        last[key] = max(last.get(key, 0), line["id"])
    return last


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


async def _ends_of(
    client: Client, supply: Mapping[Key, Decimal], last: Mapping[Key, int]
) -> dict[Key, SupplyEnd | None]:
    keys = sorted(supply)
    lines = await lines_at(client, [Target(*key, supply[key], last=last[key]) for key in keys])
    return {
        key: None if line is None else SupplyEnd(line[0], supply[key] - line[1])
        for key, line in zip(keys, lines, strict=True)
    }
