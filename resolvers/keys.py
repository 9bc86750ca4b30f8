"""Keys as callers give them and as rows bear them, and which ones only look alike.

A key is stored in NFC, whatever form it comes in. Rows from before that are found by the very key that they bear: it goes
before its NFC. The ordinary call, whose keys are all such as a new one may be, is told so without a statement.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.database import Client, reader
from models.sql import fetch
from rules.key import fault_of, folded, is_invisible, normal, quoted, stored_as
from rules.validation import Advice, Path, UserError, is_code, key_errors


@dataclass(frozen=True, slots=True)
class Kind:
    """What a key names: the word for it, its table and column; is_folded: the table knows what looks alike."""

    noun: str
    table: str
    column: str
    is_folded: bool = False


PRODUCT = Kind("product", "product", "sku", is_folded=True)
SOURCE = Kind("source", "source", "code", is_folded=True)
STOCK = Kind("stock", "stock", "code", is_folded=True)
SALES_CHANNEL = Kind("sales channel", "sales_channel", "code", is_folded=True)
ORDER = Kind("order", "sales_order", "number")
ENDPOINT = Kind("endpoint", "webhook_endpoint", "code")
TOKEN = Kind("token", "token", "name")
KINDS = (PRODUCT, SOURCE, STOCK, SALES_CHANNEL, ORDER, ENDPOINT, TOKEN)


@dataclass(frozen=True, slots=True)
class Keys:
    """How keys that were given are stored; standing: those that no new row may have, and one bears."""

    standing: frozenset[str]

    def of(self, key: str) -> str:
        """The key under which it stands, or would stand."""
        return stored_as(key, self.standing)

    def errors(self, key: str, path: Path) -> Iterator[UserError]:
        """INVALID_CODE where there is no such row and no new one may have this key."""
        if key not in self.standing:
            yield from key_errors(key, path)


async def keys_of(kind: Kind, keys: Iterable[str], client: Client | None = None) -> Keys:
    """How these keys are stored; one statement where one of them is not as a new key must be, else none."""
    odd = sorted({key for key in keys if is_code(key) and (normal(key) != key or fault_of(key) is not None)})
    if not odd:
        return Keys(frozenset())
    sql = f"SELECT {kind.column} AS key FROM {kind.table} WHERE {kind.column} = ANY($1)"
    return Keys(frozenset(row["key"] for row in await fetch(client or reader(), sql, odd)))


async def key_of(kind: Kind, key: str | None, client: Client | None = None) -> str | None:
    """How one key is stored (None stays None)."""
    return None if key is None else await stored_key(kind, key, client)


async def stored_key(kind: Kind, key: str, client: Client | None = None) -> str:
    """How one key is stored; a statement only where it is not as a new key must be."""
    return (await keys_of(kind, (key,), client)).of(key)


async def look_alikes(client: Client, kind: Kind, keys: Sequence[str]) -> dict[str, str]:
    """By key an other one that differs only by case, spaces, form or what cannot be seen; one statement.

    It is the one that is the same but for what stands at the ends or cannot be seen, where there is it; else the first.
    Keys that are given are none of the others. Where a table does not know what looks alike, only the likeliest are tried.
    """
    asked = [key for key in keys if is_code(key)]
    if not asked:
        return {}
    if not kind.is_folded:
        return await _likeliest(client, kind, asked)
    sql = (
        f"SELECT folded, COALESCE(MIN(CASE WHEN {kind.column} = ANY($3) THEN {kind.column} END), MIN({kind.column})) AS key"
        f" FROM {kind.table} WHERE folded = ANY($1) AND NOT {kind.column} = ANY($2) GROUP BY folded"
    )
    rows = await fetch(
        client, sql, sorted({folded(key) for key in asked}), asked, sorted({_seen(key) for key in asked})
    )
    found = {row["folded"]: row["key"] for row in rows}
    return {key: found[folded(key)] for key in asked if folded(key) in found}


async def look_alike_advice(client: Client, kind: Kind, made: Mapping[str, Path]) -> list[Advice]:
    """LOOKS_LIKE for each new key that looks like one that was there, or like one that was made before it; one statement."""
    if not made:
        return []
    others = await look_alikes(client, kind, list(made))
    first: dict[str, str] = {}
    advice = []
    for key, path in made.items():
        other = others.get(key) or first.get(folded(key))
        first.setdefault(folded(key), key)
        if other is not None:
            message = f"The new {kind.noun} {quoted(key)} looks like {quoted(other)}; they are two."
            advice.append(Advice("LOOKS_LIKE", message, path))
    return advice


async def _likeliest(client: Client, kind: Kind, keys: Sequence[str]) -> dict[str, str]:
    tried = {key: _variants(key) for key in keys}
    sql = f"SELECT {kind.column} AS key FROM {kind.table} WHERE {kind.column} = ANY($1)"
    asked = sorted({variant for variants in tried.values() for variant in variants})
    known = {row["key"] for row in await fetch(client, sql, asked)}
    found = {key: next(filter(known.__contains__, variants), None) for key, variants in tried.items()}
    return {key: other for key, other in found.items() if other is not None}


def _seen(key: str) -> str:
    return "".join(character for character in normal(key) if not is_invisible(character)).strip()


def _variants(key: str) -> list[str]:
    seen = _seen(key)
    variants = [seen, seen.upper(), seen.lower(), "".join(seen.split()), "".join(seen.split()).upper()]
    return [variant for variant in dict.fromkeys(variants) if variant != key and is_code(variant)]
