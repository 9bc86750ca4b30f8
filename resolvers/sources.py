"""Sources: the list, and the upsert."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.database import Client, reader, transaction
from models.product import searchable
from models.sql import fetch, like
from resolvers.errors import refuse_if
from resolvers.keys import SOURCE, keys_of, look_alike_advice
from resolvers.pages import Page, page, page_request
from resolvers.products import Source
from resolvers.told import look_again
from resolvers.upserts import row_errors
from rules.key import folded
from rules.validation import Advice, text_errors

_ROWS = "rows($1, code text, name text, enabled boolean, search text, folded text)"
_INSERT = f"""
INSERT INTO source (code, name, enabled, search, folded)
SELECT r.code, COALESCE(r.name, r.code), COALESCE(r.enabled, TRUE), r.search, r.folded FROM {_ROWS}
WHERE TRUE ORDER BY r.code ON CONFLICT (code) DO NOTHING RETURNING code
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


async def upsert_sources(rows: Sequence[SourceRow]) -> tuple[list[Source], list[Advice]]:
    """Write these sources, all or none, and return them as they are now, in order; Refused for unlawful rows.

    LOOKS_LIKE is advised for each new one whose code differs from another one only by case or spaces.
    """
    keys = await keys_of(SOURCE, [row.code for row in rows])
    rows = [replace(row, code=keys.of(row.code)) for row in rows]
    errors = list(row_errors("sources", [row.code for row in rows]))
    for index, row in enumerate(rows):
        errors += keys.errors(row.code, ("sources", str(index), "code"))
        errors += text_errors(row.name, ("sources", str(index), "name"))
    refuse_if(errors)
    records = [
        {
            "code": row.code,
            "name": row.name,
            "enabled": row.enabled,
            "search": searchable(row.code, row.name or row.code),
            "folded": folded(row.code),
        }
        for row in rows
    ]
    codes = [row.code for row in rows]

    async def write(client: Client) -> tuple[dict[str, Source], list[Advice]]:
        made = {row["code"] for row in await fetch(client, _INSERT, records)}
        before = {row["code"]: bool(row["enabled"]) for row in await fetch(client, _LOCK, codes)}
        await fetch(client, _UPDATE, records)
        after = {row["code"]: source_of(row) for row in await fetch(client, _LOCK, codes)}
        if any(source.enabled is not before[code] for code, source in after.items()):
            await look_again(client)  # all that lies there counts now, or counts no more
        paths = {code: ("sources", str(index), "code") for index, code in enumerate(codes) if code in made}
        return after, await look_alike_advice(client, SOURCE, paths)

    written, advice = await transaction(write) if rows else ({}, [])
    return [written[code] for code in codes], advice


def source_of(row: dict[str, Any]) -> Source:
    """The value of a row with the columns code, name and enabled."""
    return Source(row["code"], row["name"], bool(row["enabled"]))
