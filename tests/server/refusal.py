"""A database that refuses to write: its disk is full, or it is read-only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tortoise.connection import get_connections

from models.connections import WRITER
from tests.telling import write


@asynccontextmanager
async def writes_refused(table: str, *, is_postgresql: bool, is_full: bool) -> AsyncIterator[None]:
    """Meanwhile nothing can be written: on PostgreSQL, no new row of this table."""
    if is_postgresql:
        code = "53100" if is_full else "25006"
        await write(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" 'BEGIN RAISE EXCEPTION ''the password is tomato'' USING ERRCODE = ''{code}''; END'"
        )
        await write(f"CREATE TRIGGER refuse BEFORE INSERT ON {table} EXECUTE FUNCTION refuse()")
        yield
        await write(f"DROP TRIGGER refuse ON {table}")
        return
    writing = get_connections().get(WRITER)
    if is_full:
        [row] = await writing.execute_query_dict("PRAGMA page_count")
        await writing.execute_query_dict(f"PRAGMA max_page_count = {row['page_count']}")
        yield
        await writing.execute_query_dict("PRAGMA max_page_count = 4294967294")
    else:
        await writing.execute_query_dict("PRAGMA query_only = ON")
        yield
        await writing.execute_query_dict("PRAGMA query_only = OFF")
