"""Sources: the list, and the upsert."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.database import Client, transaction
from models.deadline import at_length
from models.product import searchable
from models.rows import fetch_as
from models.sql import fetch, likes
from models.where import Where
from resolvers.errors import refuse_if
from resolvers.goods import Source
from resolvers.held_orders import feeds_of, held_by_feeds
from resolvers.keys import SOURCE, keys_of, look_alike_advice
from resolvers.keyset import Listing
from resolvers.notifications.told import look_again
from resolvers.pages import Page, page_request
from resolvers.upserts import row_errors
from rules.key import folded
from rules.validation import Advice, text_errors

_ROWS = "rows($1, code text, name text, enabled boolean, search text, folded text)"
_INSERT = f"""
INSERT INTO source (code, name, enabled, search, folded)
SELECT r.code, COALESCE(r.name, r.code), COALESCE(r.enabled, TRUE), r.search, r.folded FROM {_ROWS}
WHERE TRUE ORDER BY r.code ON CONFLICT (code) DO NOTHING RETURNING code
"""
_LISTING = Listing(Source, "source", ("code",))
_LOCK = "SELECT code, name, enabled FROM source WHERE code = ANY($1) ORDER BY code FOR NO KEY UPDATE"
_UPDATE = f"""
UPDATE source SET
    name = COALESCE(r.name, source.name),
    enabled = COALESCE(r.enabled, source.enabled),
    search = CASE WHEN r.name IS NULL THEN source.search ELSE r.search END
FROM {_ROWS} WHERE source.code = r.code
"""
_LINKS = """
SELECT l.stock_id AS stock, s.code AS source, s.enabled FROM stock_source l JOIN source s ON s.code = l.source_id
WHERE l.stock_id IN (SELECT k.stock_id FROM stock_source k WHERE k.source_id = ANY($1))
"""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What to write of one source; None leaves a column as it is."""

    code: str
    name: str | None = None
    enabled: bool | None = None


@at_length
async def source_page(
    first: int | None, after: str | None, *, search: str | None = None, enabled: bool | None = None
) -> Page[Source]:
    """One page of the sources whose code or name contains a text, by code."""
    where = Where()
    if search is not None:
        where.any_of("search LIKE {} ESCAPE '!'", likes(search))
    if enabled is not None:
        where.add(f"enabled = {str(enabled).upper()}")
    return await _LISTING.page(where, page_request(first, after, (str,)))


async def upsert_sources(rows: Sequence[SourceRow]) -> tuple[list[Source], list[Advice]]:
    """Write these sources, all or none, and return them as they are now, in order; Refused for unlawful rows.

    LOOKS_LIKE is advised for each new one whose code differs from another one only by case or spaces, WOULD_HOLD_ORDERS
    where orders wait because a source counts no more (or one below 0 counts again).
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

    async def write(client: Client) -> tuple[dict[str, Source], dict[str, bool], list[dict[str, Any]], list[Advice]]:
        made = {row["code"] for row in await fetch(client, _INSERT, records)}
        before = {source.code: source.enabled for source in await fetch_as(client, Source, _LOCK, codes)}
        await fetch(client, _UPDATE, records)
        after = {source.code: source for source in await fetch_as(client, Source, _LOCK, codes)}
        switched = {code: before[code] for code, source in after.items() if source.enabled is not before[code]}
        links: list[dict[str, Any]] = []
        if switched:
            await look_again(client)  # all that lies there counts now, or counts no more
            links = await fetch(client, _LINKS, sorted(switched))
        paths = {code: ("sources", str(index), "code") for index, code in enumerate(codes) if code in made}
        return after, switched, links, await look_alike_advice(client, SOURCE, paths)

    if not rows:
        return [], []
    written, were_enabled, links, advice = await transaction(write)
    after = feeds_of((row["stock"], row["source"]) for row in links if row["enabled"])
    before = feeds_of(
        (row["stock"], row["source"]) for row in links if were_enabled.get(row["source"], bool(row["enabled"]))
    )
    first = next((index for index, code in enumerate(codes) if code in were_enabled), 0)
    held = await held_by_feeds(before, after)
    return [written[code] for code in codes], [*advice, *held.advice(("sources", str(first), "enabled"))]
