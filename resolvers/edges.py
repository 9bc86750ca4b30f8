"""The instants at which rules begin and end by themselves."""

from datetime import datetime

from models.database import Client
from models.fields import from_microseconds
from models.sql import fetch
from resolvers.rules_in_force import NO_END, stored_instant

_NEXT = f"""
SELECT MIN(e.edge) AS edge FROM (
    SELECT MIN(active_from) AS edge FROM scope_rule WHERE active_from > $1
    UNION ALL SELECT MIN(active_until) FROM scope_rule WHERE active_until > $1 AND active_until < {NO_END:d}
) e
"""


async def next_edge(client: Client, instant: int) -> int | None:
    """The first start or end of a rule after this instant (both as stored, in microseconds): the first of two indexes."""
    [row] = await fetch(client, _NEXT, instant)
    found: int | None = row["edge"]
    return found


class NextEdge:
    """The next edge of a schedule: asked for again once it is past, or once the rules have changed."""

    def __init__(self) -> None:
        self._revision: int | None = None
        self.instant: datetime | None = None

    async def look(self, client: Client, now: datetime) -> None:
        """Find the first edge after this instant; one statement, two where it is not known yet."""
        [row] = await fetch(client, "SELECT value FROM revision")
        if row["value"] == self._revision and (self.instant is None or self.instant > now):
            return
        edge = await next_edge(client, stored_instant(now))
        self._revision = row["value"]
        self.instant = None if edge is None else from_microseconds(edge)
