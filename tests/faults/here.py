"""The database of a test, as the fault run asks its own."""

from dataclasses import dataclass
from typing import Any

from models.database import reader
from models.sql import fetch


@dataclass(slots=True)
class Here:
    """The database that is open."""

    name: str = "the database of a test"
    url: str = ""

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return [tuple(row.values()) for row in await fetch(reader(), sql)]
