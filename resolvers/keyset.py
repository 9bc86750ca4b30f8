"""A page of a table's rows along a key: one statement, and the count of all in another if anybody asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from models.database import reader
from models.rows import columns, fetch_as
from models.sql import fetch
from models.where import Where
from resolvers.pages import Page, PageRequest, page

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """Rows of a table (or a join) that are read along a key: row_type says which columns.

    The key is made of columns of these, such as `("code",)`; it is unique, and an index has it.
    """

    row_type: type[R]
    table: str
    key: Sequence[str]

    async def page(self, where: Where, request: PageRequest) -> Page[R]:
        """The page of the rows that meet these conditions."""
        behind = where.copy()
        if request.after is not None:
            places = ", ".join(map(behind.value, request.after))
            behind.add(f"({', '.join(self.key)}) > ({places})")
        rows = await fetch_as(
            reader(),
            self.row_type,
            f"SELECT {columns(self.row_type)} FROM {self.table} WHERE {behind}"
            f" ORDER BY {', '.join(self.key)} LIMIT {request.first + 1:d}",
            *behind.parameters,
        )
        return page(rows, request, self._key_of, lambda: self.count(where))

    async def count(self, where: Where) -> int:
        """How many rows meet these conditions."""
        sql = f"SELECT COUNT(*) AS n FROM {self.table} WHERE {where}"
        return int((await fetch(reader(), sql, *where.parameters))[0]["n"])

    def _key_of(self, row: R) -> tuple[Any, ...]:
        return tuple(getattr(row, column) for column in self.key)
