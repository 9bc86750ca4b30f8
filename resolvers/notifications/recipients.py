"""Who is told by mail of the stock of which source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from models.database import Client, reader, transaction
from models.sql import fetch
from resolvers.errors import refuse_if
from resolvers.keys import SOURCE, keys_of
from resolvers.upserts import row_errors, take_turns, unknown_source_errors
from rules.validation import Path, UserError, code_errors, email_errors

MOST_ADDRESSES = 100
"""Of one source."""

_ALL = "SELECT source, email FROM recipient ORDER BY source, id"
_FORGET = "DELETE FROM recipient WHERE source = ANY($1)"
_INSERT = """
INSERT INTO recipient (source, email)
SELECT r.source, r.email FROM rows($1, place bigint, source text, email text) ORDER BY r.place
"""


@dataclass(frozen=True, slots=True)
class Recipients:
    """The addresses that hear of a source; None: of all sources that have none of their own."""

    source: str | None
    emails: tuple[str, ...]


async def all_recipients() -> list[Recipients]:
    """All addresses, those for every source first, then by source."""
    rows = await fetch(reader(), _ALL)
    return [
        Recipients(source or None, tuple(row["email"] for row in group))
        for source, group in groupby(rows, key=itemgetter("source"))
    ]


async def set_recipients(rows: Sequence[Recipients]) -> list[Recipients]:
    """Replace the addresses of the sources named, all or none, and return what all sources have now.

    Addresses count as rows. Refused for unlawful rows.
    """
    keys = await keys_of(SOURCE, [row.source for row in rows if row.source is not None])
    rows = [replace(row, source=None if row.source is None else keys.of(row.source)) for row in rows]
    refuse_if(list(_errors(rows)))
    records = [{"source": row.source or "", "email": email} for row in rows for email in row.emails]

    async def write(client: Client) -> None:
        named = [(row.source, ("recipients", str(index), "source")) for index, row in enumerate(rows) if row.source]
        refuse_if(await unknown_source_errors(client, named))
        await take_turns(client)
        await fetch(client, _FORGET, [row.source or "" for row in rows])
        if records:
            await fetch(client, _INSERT, [{"place": place, **record} for place, record in enumerate(records)])

    if rows:
        await transaction(write)
    return await all_recipients()


def _errors(rows: Sequence[Recipients]) -> Iterator[UserError]:
    size = sum(1 + len(row.emails) for row in rows)
    yield from row_errors("recipients", [row.source for row in rows], size)
    for index, row in enumerate(rows):
        path = ("recipients", str(index))
        if row.source is not None:
            yield from code_errors(row.source, (*path, "source"))
        yield from _address_errors(row.emails, (*path, "emails"))


def _address_errors(emails: Sequence[str], path: Path) -> Iterator[UserError]:
    if len(emails) > MOST_ADDRESSES:
        yield UserError("TOO_MANY", f"A source has at most {MOST_ADDRESSES} addresses.", path)
        return
    seen = set()
    for place, email in enumerate(emails):
        here = (*path, str(place))
        yield from email_errors(email, here)
        if email.casefold() in seen:
            yield UserError("DUPLICATE_ROW", "This address stands twice for one source.", here)
        seen.add(email.casefold())
