"""What every call that writes many rows checks first."""

from collections.abc import Hashable, Iterable, Iterator, Sequence

from models.database import Client
from models.sql import fetch
from resolvers.keys import PRODUCT, SOURCE, STOCK, Kind, look_alikes
from rules.key import no_such
from rules.validation import Path, UserError

MOST_ROWS = 5_000

_TAKE_TURNS = "SELECT code FROM source WHERE code = 'default' FOR NO KEY UPDATE"


def row_errors(argument: str, keys: Sequence[Hashable], size: int | None = None) -> Iterator[UserError]:
    """TOO_MANY above 5,000 rows (or what else counts as rows), DUPLICATE_ROW for a key that stands twice."""
    if (len(keys) if size is None else size) > MOST_ROWS:
        yield UserError("TOO_MANY", f"A call takes at most {MOST_ROWS:,} rows; send the rest in another.", (argument,))
        return
    seen: set[Hashable] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield UserError("DUPLICATE_ROW", "This row stands twice in one call.", (argument, str(index)))
        seen.add(key)


async def take_turns(client: Client) -> None:
    """Wait for the other writers of a small table as a whole, whose rows to be no lock can hold yet.

    They all take the default source's row, which is always there, before they read.
    """
    await fetch(client, _TAKE_TURNS)


async def unknown_source_errors(client: Client, named: Iterable[tuple[str, Path]]) -> list[UserError]:
    """UNKNOWN_SOURCE for every path that names a source there is none of."""
    return await _unknown(client, SOURCE, named)


async def unknown_stock_errors(client: Client, named: Iterable[tuple[str, Path]]) -> list[UserError]:
    """UNKNOWN_STOCK for every path that names a stock there is none of."""
    return await _unknown(client, STOCK, named)


async def unknown_product_errors(client: Client, named: Iterable[tuple[str, Path]]) -> list[UserError]:
    """UNKNOWN_PRODUCT for every path that names a product there is none of."""
    return await _unknown(client, PRODUCT, named)


async def _unknown(client: Client, kind: Kind, named: Iterable[tuple[str, Path]]) -> list[UserError]:
    pairs = list(named)
    asked = sorted({key for key, _ in pairs})
    sql = f"SELECT {kind.column} AS key FROM {kind.table} WHERE {kind.column} = ANY($1)"
    known = {row["key"] for row in await fetch(client, sql, asked)} if asked else set()
    unknown = [key for key in asked if key not in known]
    alike = await look_alikes(client, kind, unknown)
    code = f"UNKNOWN_{kind.noun.upper()}"
    return [UserError(code, no_such(kind.noun, key, alike.get(key)), path) for key, path in pairs if key not in known]
