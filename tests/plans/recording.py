"""Keeping the statements that reach the database, with values that were given to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper

from models import sql as sql_module
from tests.statements import METHODS


@dataclass(slots=True)
class Recorded:
    """Statements as they stand in our code, and as they reach the database, each once, with the values of its first time."""

    written: set[str] = field(default_factory=set)
    sent: dict[str, list[Any]] = field(default_factory=dict)


@contextmanager
def recorded_statements() -> Iterator[Recorded]:
    """What is sent meanwhile; each statement still runs."""
    found = Recorded()
    translate = sql_module.translate

    def noted(sql: str, dialect: str) -> str:
        found.written.add(sql)
        return translate(sql, dialect)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql_module, "translate", noted)
        for client in (SqliteClient, SqliteTransactionWrapper, AsyncpgDBClient, TransactionWrapper):
            for name in METHODS:
                if name in vars(client):
                    patch.setattr(client, name, _noting(vars(client)[name], found))
        yield found


def _noting(method: Any, found: Recorded) -> Any:
    async def run(self: Any, query: str, *values: Any) -> Any:
        found.sent.setdefault(query, list(values[0]) if values and values[0] else [])
        return await method(self, query, *values)

    return run
