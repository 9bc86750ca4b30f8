"""Counting the statements that reach the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper

METHODS = ("execute_insert", "execute_many", "execute_query", "execute_query_dict", "execute_script")


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The SQL of every statement that is run meanwhile, in order; each still runs."""
    seen: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for client in (SqliteClient, SqliteTransactionWrapper, AsyncpgDBClient, TransactionWrapper):
            for name in METHODS:
                if name in vars(client):
                    patch.setattr(client, name, _counting(vars(client)[name], seen))
        yield seen


def _counting(method: Any, seen: list[str]) -> Any:
    async def run(self: Any, query: str, *values: Any) -> Any:
        seen.append(query)
        return await method(self, query, *values)

    return run
