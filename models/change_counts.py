"""Counting what change sets changed, where that was not kept: those from before it was, or written by an older version."""

from functools import partial

from models.database import Client, reader, transaction
from models.sql import fetch

BATCH = 20
"""Change sets: one may have 200,000 changes."""

_EMPTY = "SELECT revision FROM change_set WHERE change_count IS NULL AND revision > $1 ORDER BY revision LIMIT {batch}"
_COUNTS = """
SELECT change_set_id AS revision, COUNT(*) AS n FROM rule_change WHERE change_set_id = ANY($1) GROUP BY change_set_id
"""
_FILL = """
UPDATE change_set SET change_count = r.n FROM rows($1, revision bigint, n bigint)
WHERE change_set.revision = r.revision AND change_count IS NULL
"""


async def fill_change_counts() -> int:
    """Fill in all that is empty, and return how many change sets that were. Safe to repeat.

    What a change set changed is never altered: it is counted outside of the short transaction that writes the numbers.
    """
    filled, last = 0, 0
    while True:
        revisions = [row["revision"] for row in await fetch(reader(), _EMPTY.format(batch=BATCH), last)]
        if not revisions:
            return filled
        counted = {row["revision"]: row["n"] for row in await fetch(reader(), _COUNTS, revisions)}
        records = [{"revision": each, "n": counted.get(each, 0)} for each in revisions]
        await transaction(partial(_fill, records=records))
        filled, last = filled + len(revisions), revisions[-1]


async def _fill(client: Client, *, records: list[dict[str, int]]) -> None:
    await fetch(client, _FILL, records)
