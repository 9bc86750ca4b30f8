"""Sources: the list, and the upsert."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.database import Client, reader, transaction
from models.product import searchable
from models.sql import fetch, like
from resolvers.errors import refuse_if
from resolvers.pages import Page, page, page_request
from resolvers.products import Source
from resolvers.told import look_again
from resolvers.upserts import row_errors
from rules.validation import code_errors, text_errors

_ROWS = "rows($1, code text, name text, enabled boolean, search text)"
_INSERT = f"""
INSERT INTO source (code, name, enabled, search)
SELECT r.code, COALESCE(r.name, r.code), COALESCE(r.enabled, TRUE), r.search FROM {_ROWS}
WHERE TRUE ORDER BY r.code ON CONFLICT (code) DO NOTHING
"""
_LOCK = "SELECT code, name, enabled FROM source WHERE code = ANY($1) ORDER BY code FOR NO KEY UPDATE"
_UPDATE = f"""
UPDATE source SET
    name = COALESCE(r.name, source.name),
    enabled = COALESCE(r.enabled, source.enabled),
    search = CASE WHEN r.name IS NULL THEN source.search ELSE r.search END
FROM {_ROWS} WHERE source.code = r.code
"""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What to write of one source; None leaves a column as it is."""

    code: str
    name: str | None = None
    enabled: bool | None = None


async def source_page(
    first: int | None, after: str | None, *, search: str | None = None, enabled: bool | None = None
) -> Page[Source]:
    """One page of the sources whose code or name contains a text, by code."""
    request = page_request(first, after, (str,))
    pattern = "%" if search is None else like(search)
    condition = "search LIKE $1 ESCAPE '!'" + ("" if enabled is None else f" AND enabled = {str(enabled).upper()}")
    behind = request.after[0] if request.after else ""
    rows = await fetch(
        reader(),
        f"SELECT code, name, enabled FROM source WHERE {condition} AND code > $2 ORDER BY code"
        f" LIMIT {request.first + 1:d}",
        pattern,
        behind,
    )

    async def count() -> int:
        counted = await fetch(reader(), f"SELECT COUNT(*) AS n FROM source WHERE {condition}", pattern)
        return int(counted[0]["n"])

    return page([source_of(row) for row in rows], request, lambda source: (source.code,), count)


async def upsert_sources(rows: Sequence[SourceRow]) -> list[Source]:
    """Write these sources, all or none, and return them as they are now, in order; Refused for unlawful rows."""
    errors = list(row_errors("sources", [row.code for row in rows]))
    for index, row in enumerate(rows):
        errors += code_errors(row.code, ("sources", str(index), "code"))
        errors += text_errors(row.name, ("sources", str(index), "name"))
    refuse_if(errors)
    records = [
        {
            "code": row.code,
            "name": row.name,
            "enabled": row.enabled,
            "search": searchable(row.code, row.name or row.code),
        }
        for row in rows
    ]
    codes = [row.code for row in rows]

    async def write(client: Client) -> dict[str, Source]:
        await fetch(client, _INSERT, records)
        before = {row["code"]: bool(row["enabled"]) for row in await fetch(client, _LOCK, codes)}
        await fetch(client, _UPDATE, records)
        after = {row["code"]: source_of(row) for row in await fetch(client, _LOCK, codes)}
        if any(source.enabled is not before[code] for code, source in after.items()):
            await look_again(client)  # all that lies there counts now, or counts no more
        return after

    written = await transaction(write) if rows else {}
    return [written[code] for code in codes]


def source_of(row: dict[str, Any]) -> Source:
    """The value of a row with the columns code, name and enabled."""
    return Source(row["code"], row["name"], bool(row["enabled"]))
