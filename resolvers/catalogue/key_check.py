"""What stands under keys that no new row may have, and which keys only look alike: page by page, in bounded memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from models.database import reader
from models.sql import fetch
from resolvers.keys import KINDS, Kind
from rules.key import fault_of, normal

PAGE = 5_000


@dataclass(frozen=True, slots=True)
class OddKey:
    """A key that no new row may have, and why (the end of a sentence that begins with the key)."""

    noun: str
    key: str
    fault: str


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Two keys that only look alike."""

    noun: str
    key: str
    other: str


async def odd_keys() -> AsyncIterator[OddKey]:
    """Every key of a row that is not as a new one must be, kind by kind."""
    for kind in KINDS:
        async for key in _all_keys(kind):
            fault = fault_of(key)
            if fault is None and normal(key) != key:
                fault = "is not in NFC, the form in which keys are stored"
            if fault is not None:
                yield OddKey(kind.noun, key, fault)


async def look_alike_keys() -> AsyncIterator[LookAlikes]:
    """Every key that looks like the one before it, for products, sources, stocks and sales channels; see fill_folded."""
    for kind in KINDS:
        if not kind.is_folded:
            continue
        before: tuple[str, str] | None = None
        async for folded, key in _shared_looks(kind):
            if before is not None and before[0] == folded:
                yield LookAlikes(kind.noun, before[1], key)
            before = folded, key


async def _all_keys(kind: Kind) -> AsyncIterator[str]:
    sql = (
        f"SELECT {kind.column} AS key FROM {kind.table} WHERE {kind.column} > $1 ORDER BY {kind.column} LIMIT {PAGE:d}"
    )
    last = ""
    while rows := await fetch(reader(), sql, last):
        for row in rows:
            yield row["key"]
        last = rows[-1]["key"]


async def _shared_looks(kind: Kind) -> AsyncIterator[tuple[str, str]]:
    sql = (
        f"SELECT t.folded, t.{kind.column} AS key FROM {kind.table} t WHERE (t.folded, t.{kind.column}) > ($1, $2)"
        f" AND EXISTS (SELECT 1 FROM {kind.table} o WHERE o.folded = t.folded AND o.{kind.column} <> t.{kind.column})"
        f" ORDER BY t.folded, t.{kind.column} LIMIT {PAGE:d}"
    )
    last = "", ""
    while rows := await fetch(reader(), sql, *last):
        for row in rows:
            yield row["folded"], row["key"]
        last = rows[-1]["folded"], rows[-1]["key"]
