"""A statement that ends at whatever moment leaves a connection of PostgreSQL that is as good as a new one."""

import asyncio
from typing import Any

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

from models.address import parse_address
from models.database import database, reader, snapshot
from models.sessions import Session
from models.sql import fetch

_LOCKS = """
SELECT COUNT(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE a.datname = current_database() AND l.relation = 'product'::regclass
"""


async def _locks(database_url: str) -> int:
    """How many locks of the table of products are held."""
    admin = await asyncpg.connect(**parse_address(database_url).credentials)
    try:
        return int(await admin.fetchval(_LOCKS))
    finally:
        await admin.close()


async def test_a_read_that_is_cancelled_once_it_is_prepared_leaves_no_transaction_behind(
    database_url: str, is_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_postgresql:
        return
    prepare = asyncpg.Connection._get_statement  # type: ignore[attr-defined]  # the stubs leave it out

    async def cancelled(self: Session, *arguments: Any, **named: Any) -> Any:
        await prepare(self, *arguments, **named)
        raise asyncio.CancelledError

    async with database(parse_address(database_url)):
        with monkeypatch.context() as patched:
            patched.setattr(Session, "_get_statement", cancelled, raising=False)
            with pytest.raises(asyncio.CancelledError):
                await fetch(reader(), "SELECT sku FROM product")
        assert await _locks(database_url) == 0
        assert await snapshot(lambda client: fetch(client, "SELECT 1 AS one")) == [{"one": 1}]


async def test_a_read_with_a_value_that_cannot_be_sent_leaves_no_transaction_behind(
    database_url: str, is_postgresql: bool
) -> None:
    if not is_postgresql:
        return
    async with database(parse_address(database_url)):
        with pytest.raises(OperationalError):
            await fetch(reader(), "SELECT sku FROM product WHERE sku = $1::text", 1)
        assert await _locks(database_url) == 0
        assert await snapshot(lambda client: fetch(client, "SELECT 1 AS one")) == [{"one": 1}]
