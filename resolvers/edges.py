"""The instants at which rules begin and end by themselves."""

from datetime import datetime

from models.database import Client
from models.fields import from_microseconds
from models.sql import fetch
from resolvers.rules_in_force import NO_END, stored_instant

_NEXT = """
SELECT MIN(e.edge) AS edge FROM (
    SELECT MIN(active_from) AS edge FROM scope_rule WHERE active_from > $1
    UNION ALL SELECT MIN(active_until) FROM scope_rule WHERE active_until > $1 AND active_until < $2
) e
"""


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
        [found] = await fetch(client, _NEXT, stored_instant(now), NO_END)
        self._revision = row["value"]
        self.instant = None if found["edge"] is None else from_microseconds(found["edge"])
