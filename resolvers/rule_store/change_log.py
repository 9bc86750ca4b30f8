"""The rows of the rule store and of its history: reading those of some scopes, and writing a change set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models.database import Client
from models.fields import from_microseconds, to_microseconds
from models.sql import fetch
from resolvers.newer import is_of
from resolvers.outbox import Event, Message, tell
from resolvers.rules_in_force import COLUMNS, NO_END, NO_START, rule_of, setting_of, value_of
from rules.change import ChangeSet, Held, Place, RuleChange, Window, place_of
from rules.scope import Scope, ScopeType, scope_of
from rules.setting import CATALOGUE, Setting
from rules.walk import ScopeRule

NO_VALUE = ""
"""How the history writes a row that holds no value; NULL is no row."""

# Every writer of rules updates this row first: writers queue here, and no two get the same revision.
_LOCK_REVISION = "UPDATE revision SET value = value WHERE id = 1 RETURNING value"
_NEXT_REVISION = "UPDATE revision SET value = $1 WHERE id = 1"
_OF_SCOPES = f"""
SELECT {", ".join(f"s.{column}" for column in COLUMNS.split(", "))} FROM scope_rule s
JOIN rows($1, source text, sku text) ON s.sku = r.sku AND s.source = r.source
"""
_INSERT_CHANGE_SET = (
    "INSERT INTO change_set (revision, created_at, actor, reason, change_count) VALUES ($1, $2, $3, $4, $5)"
)
_CHANGE_ROWS = (
    "rows($1, revision bigint, scope_type text, source text, sku text, setting text, before text, after text,"
    " active_from bigint, active_until bigint)"
)
_INSERT_CHANGES = f"""
INSERT INTO rule_change
    (change_set_id, scope_type, source, sku, setting, before, after, active_from, active_until)
SELECT r.revision, r.scope_type, r.source, r.sku, r.setting, r.before, r.after, r.active_from, r.active_until
FROM {_CHANGE_ROWS}
"""
_CHANGES = """
SELECT change_set_id, scope_type, source, sku, setting, before, after, active_from, active_until
FROM rule_change WHERE change_set_id = ANY($1) ORDER BY id
"""
_REMOVE_RULES = f"""
DELETE FROM scope_rule WHERE id IN (
    SELECT s.id FROM scope_rule s JOIN {_CHANGE_ROWS}
    ON s.sku = r.sku AND s.source = r.source AND s.scope_type = r.scope_type AND s.setting = r.setting
    AND s.active_from = r.active_from AND s.active_until = r.active_until
    WHERE r.after IS NULL
)
"""
_SET_RULES = f"""
INSERT INTO scope_rule (scope_type, source, sku, setting, active_from, active_until, value, revision)
SELECT r.scope_type, r.source, r.sku, r.setting, r.active_from, r.active_until, NULLIF(r.after, '{NO_VALUE}'), r.revision
FROM {_CHANGE_ROWS} WHERE r.after IS NOT NULL
ON CONFLICT (sku, source, scope_type, setting, active_from, active_until)
DO UPDATE SET value = excluded.value, revision = excluded.revision
"""


async def lock_revision(client: Client) -> int:
    """Wait for the other writers of rules, and return the revision that holds until this transaction ends."""
    return int((await fetch(client, _LOCK_REVISION))[0]["value"])


@dataclass(frozen=True, slots=True)
class Standing:
    """Rules that stand, whatever their windows; of a value that only a newer version can read there is a row of no value.

    Nothing is to be written at the places of these.
    """

    rows: list[ScopeRule]
    newer: frozenset[Place]


def standing(rows: Iterable[dict[str, Any]]) -> Standing:
    """What stands by these rows of the rule store; settings and scopes that are not known here are left out."""
    found, newer = list[ScopeRule](), set[Place]()
    for row in rows:
        if (rule := rule_of(row)) is None and (rule := rule_of({**row, "value": None})) is not None:
            newer.add(place_of(rule))
        if rule is not None:
            found.append(rule)
    return Standing(found, frozenset(newer))


async def rows_of_scopes(client: Client, scopes: Iterable[Scope]) -> Standing:
    """What stands at these scopes."""
    keys = [{"source": scope.source or "", "sku": scope.sku or ""} for scope in set(scopes)]
    return standing(await fetch(client, _OF_SCOPES, keys) if keys else ())


async def store(client: Client, change_set: ChangeSet) -> None:
    """Write a change set and its rows; the revision is locked, and one below the change set's."""
    records = [_record(change_set.revision, change) for change in change_set.changes]
    made = to_microseconds(change_set.created_at), change_set.actor, change_set.reason, len(records)
    await fetch(client, _NEXT_REVISION, change_set.revision)
    await fetch(client, _INSERT_CHANGE_SET, change_set.revision, *made)
    await fetch(client, _INSERT_CHANGES, records)
    await fetch(client, _REMOVE_RULES, records)
    await fetch(client, _SET_RULES, records)
    await tell(client, [Message(Event.RULES_CHANGED, str(change_set.revision), {"revision": change_set.revision})])


async def change_sets_of(client: Client, rows: Sequence[dict[str, Any]]) -> list[ChangeSet]:
    """The change sets of these rows of `change_set`, with all their changes, in the order given."""
    changes: dict[int, list[RuleChange]] = {row["revision"]: [] for row in rows}
    unknown: dict[int, list[str]] = {row["revision"]: [] for row in rows}
    for row in await fetch(client, _CHANGES, list(changes)) if changes else ():
        if (change := change_of(row)) is None:
            unknown[row["change_set_id"]].append(row["setting"])
        else:
            changes[row["change_set_id"]].append(change)
    return [
        ChangeSet(
            row["revision"],
            from_microseconds(row["created_at"]),
            row["actor"],
            row["reason"],
            tuple(changes[row["revision"]]),
            tuple(sorted(set(unknown[row["revision"]]))),
        )
        for row in rows
    ]


def record_of_place(change: RuleChange) -> dict[str, Any]:
    """The columns that say where a row stands."""
    start, end = change.window.start, change.window.end
    return {
        "scope_type": change.scope.type.value,
        "source": change.scope.source or "",
        "sku": change.scope.sku or "",
        "setting": change.setting.value,
        "active_from": NO_START if start is None else to_microseconds(start),
        "active_until": NO_END if end is None else to_microseconds(end),
    }


def _record(revision: int, change: RuleChange) -> dict[str, Any]:
    setting = CATALOGUE[change.setting]
    held = {"before": _written(setting, change.before), "after": _written(setting, change.after)}
    return {"revision": revision, **record_of_place(change), **held}


def change_of(row: dict[str, Any]) -> RuleChange | None:
    """The change of a row of `rule_change`; None for one of a newer version."""
    scope = scope_of(row["source"], row["sku"])
    key = setting_of(row["setting"])
    if key is None or not is_of(ScopeType, row["scope_type"], "scope") or scope.type != row["scope_type"]:
        return None
    texts = [text for text in (row["before"], row["after"]) if text not in (None, NO_VALUE)]
    if any(value_of(key, text) is None for text in texts):
        return None
    setting = CATALOGUE[key]
    starts, ends = row["active_from"], row["active_until"]
    window = Window(
        None if starts == NO_START else from_microseconds(starts), None if ends == NO_END else from_microseconds(ends)
    )
    return RuleChange(scope, setting.key, _read(setting, row["before"]), _read(setting, row["after"]), window)


def _written(setting: Setting, held: Held | None) -> str | None:
    if held is None:
        return None
    return NO_VALUE if held.value is None else setting.write(held.value)


def _read(setting: Setting, text: str | None) -> Held | None:
    if text is None:
        return None
    return Held(None if text == NO_VALUE else setting.read(text))
