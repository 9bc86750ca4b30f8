"""Keyset pages: a cursor is the key of a row, so that inserts neither skip nor repeat rows."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import orjson

from models.deadline import at_length
from resolvers.errors import RequestError

T = TypeVar("T")
R = TypeVar("R")
Key = tuple[str | int, ...]

LARGEST_PAGE = 250
MOST_COUNTED = 10_000
"""Rows that the count of a list reads from an index; where there are more it is a lower bound, and says so."""
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows a list has; at least so many where counting ended before the list did."""

    count: int
    is_exact: bool = True

    @classmethod
    def of(cls, found: int, most: int) -> "Total":
        """The total of a count that looked at no more than `most` + 1 rows."""
        return cls(min(found, most), found <= most)


Count = Callable[[], Awaitable[Total | int]]
"""How to count a list: a number is exact."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list: nodes with a cursor each, and how to count the whole list if anybody asks."""

    nodes: Sequence[T]
    cursors: Sequence[str]
    has_next_page: bool
    has_previous_page: bool
    end_cursor: str | None
    count: Count


@dataclass(frozen=True, slots=True)
class Scanned(Generic[T]):
    """A batch of rows that were looked at: what passed, how many there were, and the key of the last."""

    passed: Sequence[T]
    size: int
    last: Key


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many rows after which key (None: from the start)."""

    first: int
    after: Key | None


def page_request(first: int | None, after: str | None, shape: Sequence[type]) -> PageRequest:
    """Check what a caller asked for; BAD_PAGE_SIZE outside 1 to 250, BAD_CURSOR for what is no key of this list.

    The shape is the type of each part of the list's key.
    """
    size = 50 if first is None else first
    if not 1 <= size <= LARGEST_PAGE:
        raise RequestError("BAD_PAGE_SIZE", f"A page has 1 to {LARGEST_PAGE} rows.")
    return PageRequest(size, None if after is None else _key(after, shape))


def cursor(key: Key) -> str:
    """The opaque cursor of a key."""
    return urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def page(rows: Sequence[T], asked: PageRequest, key_of: Callable[[T], Key], count: Count) -> Page[T]:
    """A page of rows that were read in key order after the cursor, one more than asked if there are more."""
    nodes = rows[: asked.first]
    cursors = [cursor(key_of(node)) for node in nodes]
    return Page(
        nodes,
        cursors,
        len(rows) > asked.first,
        asked.after is not None,
        cursors[-1] if cursors else None,
        at_length(count),
    )


def readable(raw: Page[R], read: Callable[[R], T | None]) -> Page[T]:
    """A page of those of its rows that this version can read; the next page begins behind the others too."""
    found = [(node, at) for row, at in zip(raw.nodes, raw.cursors, strict=True) if (node := read(row)) is not None]
    nodes, cursors = [node for node, _ in found], [at for _, at in found]
    return Page(nodes, cursors, raw.has_next_page, raw.has_previous_page, raw.end_cursor, raw.count)


class Scans:
    """What is left of the scans of one request: its lists share one budget, each counted in parts of its own."""

    def __init__(self, left: float = 1.0) -> None:
        self._left = left

    @property
    def are_over(self) -> bool:
        """Whether nothing is left."""
        return self._left < TINY

    def take(self, share: float) -> None:
        """Use a part of the budget; a negative one is given back."""
        self._left -= share


@at_length
async def scanned_page(  # noqa: PLR0917  # what a page is made of
    batches: AsyncIterator[Scanned[T]],
    asked: PageRequest,
    key_of: Callable[[T], Key],
    count: Count,
    size: int,
    budget: int,
    scans: Scans,
) -> Page[T]:
    """A page of what passes a filter that only the rules can judge, from batches in key order behind the cursor.

    A batch has at most `size` rows, and at most `budget` are looked at: a short page with a next one is right, and goes on
    behind the last row looked at. The lists of one request share the budget; TOO_COSTLY for one that finds nothing left.
    """
    if scans.are_over:
        raise RequestError(
            "TOO_COSTLY", "The other lists of this request have looked at too much: ask for one at a time."
        )
    found: list[T] = []
    looked_at = 0
    while True:
        scans.take(size / budget)  # before others get their turn
        batch = await anext(batches, None)
        scans.take(((batch.size if batch else 0) - size) / budget)
        if batch is None:
            break
        found += batch.passed
        looked_at += batch.size
        if len(found) > asked.first:
            break
        if looked_at >= budget or scans.are_over:
            whole = page(found, asked, key_of, count)
            return Page(whole.nodes, whole.cursors, True, whole.has_previous_page, cursor(batch.last), whole.count)
    return page(found, asked, key_of, count)


def numbered(values: Sequence[T], request: PageRequest) -> Page[T]:
    """A page of a list that is there whole; the key of a row is its place in it, from 1."""
    behind = max(0, int(request.after[0])) if request.after else 0
    places = range(behind + 1, len(values) + 1)[: request.first + 1]

    async def count() -> int:
        return len(values)

    found = page(places, request, lambda place: (place,), count)
    nodes = [values[place - 1] for place in found.nodes]
    return Page(nodes, found.cursors, found.has_next_page, found.has_previous_page, found.end_cursor, count)


def _key(after: str, shape: Sequence[type]) -> Key:
    try:
        key = orjson.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(shape) or _is_unusable(key):
        raise RequestError("BAD_CURSOR", "This cursor is not one of this list; pass the endCursor of the page before.")
    return tuple(key)


def _is_unusable(key: list[str | int]) -> bool:
    return any("\0" in part if isinstance(part, str) else abs(part) >= 2**63 for part in key)
