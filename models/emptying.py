"""A database as its migrations left it: for the demo, whose data can be had again."""

from collections.abc import Collection
from importlib import import_module
from inspect import isclass

from tortoise.models import Model

from models.database import MODULES, Client
from models.sql import fetch

_SEEDS: tuple[str, ...] = (
    *import_module("models.migrations.0001_initial").DEFAULTS,
    import_module("models.migrations.0004_delivery").SURVEY,
    import_module("models.migrations.0005_taken_and_told").LINE_SURVEY,
)
"""What the migrations write, in their order."""


async def lock_tables(client: Client, tables: Collection[str]) -> None:
    """Within a transaction that writes: nobody else writes these until it ends."""
    if client.capabilities.dialect == "postgres":  # on SQLite nobody does anyway
        await fetch(client, f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")


async def empty_tables(client: Client, *, keep: Collection[str], count_on: Collection[str]) -> None:
    """Remove every row but those of the tables to keep, and write what the migrations wrote.

    Ids begin at 1 again, but for the tables whose ids others have seen: those count on.
    """
    emptied = [table for table in _tables() if table not in keep]
    anew = [table for table in emptied if table not in count_on]
    if client.capabilities.dialect == "postgres":
        counting = [table for table in emptied if table in count_on]
        await fetch(client, f"TRUNCATE {', '.join(anew)} RESTART IDENTITY")
        await fetch(client, f"TRUNCATE {', '.join(counting)}")
    else:
        await fetch(client, "PRAGMA defer_foreign_keys = ON")  # until this transaction ends
        for table in emptied:
            await fetch(client, f"DELETE FROM {table}")  # noqa: S608  # a name of ours
        await fetch(client, "DELETE FROM sqlite_sequence WHERE name = ANY($1)", anew)
    for seed in _SEEDS:
        await fetch(client, seed)


def _tables() -> list[str]:
    """The tables of all models."""
    members = [member for module in MODULES for member in vars(import_module(module)).values()]
    models = [member for member in members if isclass(member) and issubclass(member, Model) and member is not Model]
    # _meta is where Tortoise keeps what Meta declared
    return sorted({str(model._meta.db_table) for model in models if not model._meta.abstract})
