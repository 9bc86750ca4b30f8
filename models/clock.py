"""The one clock by which processes that share a database judge leases, what is due and what is old: the database's own.

The clocks of two machines differ; by their own ones each would take what the other has just claimed.
"""

from datetime import datetime

from models.database import Client
from models.fields import from_microseconds
from models.sql import fetch

_NOW = {
    "postgres": "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint",
    # The end of the millisecond that runs, as SQLite counts no finer: what is due by Python's clock is due by this one.
    "sqlite": "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000 + 999",
}


async def database_now(client: Client) -> datetime:
    """The instant at which the database runs this statement; one statement."""
    return from_microseconds(int((await fetch(client, f"SELECT {now_in_sql(client)} AS now"))[0]["now"]))


def now_in_sql(client: Client) -> str:
    """The same within a statement: asked for once, and as good as a parameter to whoever plans it."""
    return f"(SELECT {_NOW[client.capabilities.dialect]})"
