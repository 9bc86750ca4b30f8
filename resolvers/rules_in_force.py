"""The rules that walks need, as values: one statement for any number of products."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from models.database import Client
from models.fields import BEGINNING, END, from_microseconds, to_microseconds
from models.sql import fetch
from rules.scope import scope_of
from rules.setting import CATALOGUE, SettingKey
from rules.walk import Rules, ScopeRule

COLUMNS = "id, source, sku, setting, value, revision, active_from, active_until"
NO_START, NO_END = to_microseconds(BEGINNING), to_microseconds(END)

_FROM = f"SELECT {COLUMNS} FROM scope_rule WHERE sku = ANY($1) AND source = ANY($2) AND active_until > $3"
_IN_FORCE = f"{_FROM} AND active_from <= $3"


async def rules_by_scope(client: Client, skus: Iterable[str], sources: Iterable[str], instant: datetime) -> Rules:
    """The rules in force at an instant that can rule these products at these sources."""
    return Rules(await rows_by_scope(client, skus, sources, instant), instant)


async def rows_by_scope(
    client: Client, skus: Iterable[str], sources: Iterable[str], instant: datetime
) -> list[ScopeRule]:
    """The rows whose window an instant is in, for these products and sources and for all of them."""
    rows = await fetch(client, _IN_FORCE, ["", *skus], ["", *sources], stored_instant(instant))
    return [rule_of(row) for row in rows]


async def rows_from(client: Client, skus: Iterable[str], sources: Iterable[str], instant: datetime) -> list[ScopeRule]:
    """The rows that hold at an instant or start later, for these products and sources and for all of them."""
    rows = await fetch(client, _FROM, ["", *skus], ["", *sources], stored_instant(instant))
    return [rule_of(row) for row in rows]


def stored_instant(instant: datetime) -> int:
    """An instant to compare windows with; the last one that there is stands before 'no end'."""
    return min(to_microseconds(instant), NO_END - 1)


def rule_of(row: dict[str, Any]) -> ScopeRule:
    """The value of one row of the rule store."""
    key = SettingKey(row["setting"])
    text = row["value"]
    starts, ends = row["active_from"], row["active_until"]
    return ScopeRule(
        id=row["id"],
        scope=scope_of(row["source"], row["sku"]),
        setting=key,
        value=None if text is None else CATALOGUE[key].read(text),
        revision=row["revision"],
        active_from=None if starts == NO_START else from_microseconds(starts),
        active_until=None if ends == NO_END else from_microseconds(ends),
    )
