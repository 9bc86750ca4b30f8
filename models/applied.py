"""Which migrations a database has had, as Tortoise's own tool records them.

Tortoise takes any failure of that statement for "none of them": a database that does not answer would look like a new one.
"""

from functools import cache
from pkgutil import iter_modules

import models.migrations
from models.database import Client
from models.sql import fetch

APP = "models"
_IS_THERE = {
    "postgres": "SELECT CASE WHEN to_regclass('tortoise_migrations') IS NULL THEN 0 ELSE 1 END AS n",
    "sqlite": "SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'tortoise_migrations'",
}
_APPLIED = "SELECT app, name FROM tortoise_migrations"


@cache
def all_migrations() -> tuple[str, ...]:
    """The names of all migrations, in order."""
    return tuple(sorted(each.name for each in iter_modules(models.migrations.__path__)))


async def applied_migrations(client: Client) -> set[tuple[str, str]]:
    """The (app, name) of what was applied; none in a new database, an error of the database where it does not answer."""
    if not (await fetch(client, _IS_THERE[client.capabilities.dialect]))[0]["n"]:
        return set()
    return {(row["app"], row["name"]) for row in await fetch(client, _APPLIED)}


async def pending(client: Client) -> list[str]:
    """The names of the migrations that a database still lacks, in order."""
    applied = await applied_migrations(client)
    return [name for name in all_migrations() if (APP, name) not in applied]
