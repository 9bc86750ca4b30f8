"""The rules that walks need, as values: one statement for any number of products."""

from collections.abc import Iterable
from datetime import datetime
from decimal import InvalidOperation
from typing import Any

from models.database import Client, reader
from models.fields import BEGINNING, END, from_microseconds, to_microseconds
from models.sql import fetch
from resolvers.newer import is_of, leave
from rules.key import quoted
from rules.scope import ScopeType, scope_of
from rules.setting import CATALOGUE, SettingKey, SettingValue
from rules.walk import Rules, ScopeRule

COLUMNS = "id, scope_type, source, sku, setting, value, revision, active_from, active_until"
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
    return rules_of(rows)


async def rows_from(client: Client, skus: Iterable[str], sources: Iterable[str], instant: datetime) -> list[ScopeRule]:
    """The rows that hold at an instant or start later, for these products and sources and for all of them."""
    rows = await fetch(client, _FROM, ["", *skus], ["", *sources], stored_instant(instant))
    return rules_of(rows)


def stored_instant(instant: datetime) -> int:
    """An instant to compare windows with; the last one that there is stands before 'no end'."""
    return min(to_microseconds(instant), NO_END - 1)


def rules_of(rows: Iterable[dict[str, Any]]) -> list[ScopeRule]:
    """The values of these rows of the rule store, without those that only a newer version can read."""
    return [rule for row in rows if (rule := rule_of(row)) is not None]


def rule_of(row: dict[str, Any]) -> ScopeRule | None:
    """The value of one row of the rule store; None for one of a newer version: for this one it is no rule."""
    text, scope = row["value"], scope_of(row["source"], row["sku"])
    key = setting_of(row["setting"])
    if key is None or not is_of(ScopeType, row["scope_type"], "scope"):
        return None
    if scope.type != row["scope_type"]:  # it names what this version knows no column of
        return None
    value = None
    if text is not None and (value := value_of(key, text)) is None:
        return None
    starts, ends = row["active_from"], row["active_until"]
    return ScopeRule(
        id=row["id"],
        scope=scope,
        setting=key,
        value=value,
        revision=row["revision"],
        active_from=None if starts == NO_START else from_microseconds(starts),
        active_until=None if ends == NO_END else from_microseconds(ends),
    )


def setting_of(text: str) -> SettingKey | None:
    """The setting of a stored key; None for one of a newer version."""
    return SettingKey(text) if is_of(SettingKey, text, "setting") else None


def value_of(key: SettingKey, text: str) -> SettingValue | None:
    """The value of a stored text; None for one of a newer version."""
    try:
        return CATALOGUE[key].read(text)
    except (ValueError, InvalidOperation):
        leave(f"value of {key.value}", text)
        return None


def label_of(text: str) -> str:
    """What a stored setting is called, in messages: by its key where it is one of a newer version."""
    key = setting_of(text)
    return quoted(text) if key is None else CATALOGUE[key].label


async def current_revision(client: Client | None = None) -> int:
    """The revision of the rule store; one statement."""
    return int((await fetch(client or reader(), "SELECT value FROM revision WHERE id = 1"))[0]["value"])
