"""How many connections PostgreSQL has for us."""

from models.database import reader
from models.sql import fetch

_MOST = """
    SELECT LEAST(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - COALESCE(current_setting('reserved_connections', true)::int, 0),
        CASE WHEN r.rolconnlimit < 0 OR r.rolsuper THEN NULL ELSE r.rolconnlimit END,
        CASE WHEN d.datconnlimit < 0 OR r.rolsuper THEN NULL ELSE d.datconnlimit END
    ) AS most
    FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()
"""


async def most_connections() -> int:
    """How many connections the open PostgreSQL gives to all processes of this user together, whoever has them now."""
    [row] = await fetch(reader(), _MOST)
    return int(row["most"])
