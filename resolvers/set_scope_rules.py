"""Changing rules: all changes of a call or none, each in the history, one revision a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models.database import Client, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.change_advice import advice_of
from resolvers.errors import Refused, refuse_if
from resolvers.rules_in_force import NO_END, NO_START, rules_by_scope
from resolvers.scope_settings import ScopeSettings, settings_of_scopes
from resolvers.upserts import MOST_ROWS, unknown_product_errors, unknown_source_errors
from rules.change import ChangeSet, RuleChange, RulesChange, difference
from rules.scope import Scope, scope_of
from rules.setting import CATALOGUE, SettingKey
from rules.validation import REASON_LENGTH, Advice, UserError, scope_errors, setting_errors, text_errors

# Every writer of rules updates this row first: writers queue here, and no two get the same revision.
_LOCK_REVISION = "UPDATE revision SET value = value WHERE id = 1 RETURNING value"
_NEXT_REVISION = "UPDATE revision SET value = $1 WHERE id = 1"
_CHANGED_SINCE = """
SELECT c.revision, c.actor, r.source, r.sku, r.setting FROM change_set c JOIN rule_change r ON r.change_set_id = c.revision
WHERE c.revision > $1 AND r.sku = ANY($2) AND r.source = ANY($3) ORDER BY c.revision DESC, r.id
"""
_INSERT_CHANGE_SET = "INSERT INTO change_set (revision, created_at, actor, reason) VALUES ($1, $2, $3, $4)"
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
SELECT r.scope_type, r.source, r.sku, r.setting, r.active_from, r.active_until, r.after, r.revision
FROM {_CHANGE_ROWS} WHERE r.after IS NOT NULL
ON CONFLICT (sku, source, scope_type, setting, active_from, active_until)
DO UPDATE SET value = excluded.value, revision = excluded.revision
"""


@dataclass(frozen=True, slots=True)
class RulesOutcome:
    """What a call did: its change set (None where nothing changed), the forms as they are now, and the warnings."""

    change_set: ChangeSet | None
    scope_settings: list[ScopeSettings]
    advice: list[Advice]


@dataclass(frozen=True, slots=True)
class RulesRequest:
    """A call to change rules."""

    changes: Sequence[RulesChange]
    actor: str
    expected_revision: int | None = None
    reason: str | None = None
    active_from: datetime | None = None
    active_until: datetime | None = None


async def set_scope_rules(request: RulesRequest) -> RulesOutcome:
    """Make these changes as one change set, or none of them; Refused for unlawful, unknown and stale ones.

    A call that would change nothing writes nothing and is never stale.
    """
    refuse_if(_unlawful(request))
    scopes = [change.scope for change in request.changes]
    skus = sorted({scope.sku for scope in scopes if scope.sku})
    sources = sorted({scope.source for scope in scopes if scope.source})

    async def write(client: Client) -> tuple[ChangeSet | None, list[ScopeSettings]]:
        revision = int((await fetch(client, _LOCK_REVISION))[0]["value"])
        if request.expected_revision is not None and not 0 <= request.expected_revision <= revision:
            path = ("input", "expected_revision")
            raise Refused([UserError("INVALID_REVISION", f"The rule store is at revision {revision}.", path)])
        refuse_if(await _unknown(client, request.changes))
        now = datetime.now(UTC)
        changes = difference(request.changes, await rules_by_scope(client, skus, sources, now))
        if not changes:
            return None, await settings_of_scopes(client, scopes)
        if request.expected_revision is not None:
            refuse_if(await _stale(client, request.expected_revision, scopes, skus, sources))
        change_set = ChangeSet(revision + 1, now, request.actor, request.reason, tuple(changes))
        await _store(client, change_set)
        return change_set, await settings_of_scopes(client, scopes)

    change_set, forms = await transaction(write)
    advice = [] if change_set is None else await advice_of(request.changes, change_set.changes)
    return RulesOutcome(change_set, forms, advice)


def _unlawful(request: RulesRequest) -> list[UserError]:
    errors = list(text_errors(request.reason, ("input", "reason"), REASON_LENGTH))
    for name, instant in (("active_from", request.active_from), ("active_until", request.active_until)):
        if instant is not None:
            errors.append(UserError("INVALID_WINDOW", "Rules with a window are not offered yet.", ("input", name)))
    path = ("input", "changes")
    if not request.changes:
        errors.append(UserError("EMPTY_CHANGE", "There is nothing to change: name at least one scope.", path))
    if sum(max(len(change.settings), 1) for change in request.changes) > MOST_ROWS:
        return [*errors, UserError("TOO_MANY", f"A call sets at most {MOST_ROWS:,} rules.", path)]
    seen: set[tuple[Scope, SettingKey]] = set()
    for index, change in enumerate(request.changes):
        here = (*path, str(index))
        of_scope = list(scope_errors(change.type, change.source, change.sku, (*here, "scope")))
        errors += of_scope
        if not change.settings:
            message = "There is nothing to change: name at least one setting."
            errors.append(UserError("EMPTY_CHANGE", message, (*here, "settings")))
        if of_scope:
            continue
        for key, value in change.settings.items():
            at = (*here, "settings", key.value)
            errors += setting_errors(CATALOGUE[key], change.type, value, at)
            if (change.scope, key) in seen:
                message = f"{CATALOGUE[key].label} of {change.scope} stands twice in one call."
                errors.append(UserError("DUPLICATE_CHANGE", message, at))
            seen.add((change.scope, key))
    return errors


async def _unknown(client: Client, changes: Sequence[RulesChange]) -> list[UserError]:
    def path(index: int, field_name: str) -> tuple[str, ...]:
        return ("input", "changes", str(index), "scope", field_name)

    sources = [(change.source, path(index, "source")) for index, change in enumerate(changes) if change.source]
    skus = [(change.sku, path(index, "sku")) for index, change in enumerate(changes) if change.sku]
    return await unknown_source_errors(client, sources) + await unknown_product_errors(client, skus)


async def _stale(
    client: Client, expected: int, scopes: Sequence[Scope], skus: Sequence[str], sources: Sequence[str]
) -> list[UserError]:
    rows = await fetch(client, _CHANGED_SINCE, expected, ["", *skus], ["", *sources])
    named = set(scopes)
    since = [row for row in rows if scope_of(row["source"], row["sku"]) in named]
    if not since:
        return []
    changed = "; ".join(
        f"{CATALOGUE[SettingKey(row['setting'])].label} of {scope_of(row['source'], row['sku'])}"
        f" (revision {row['revision']}, by {row['actor']})"
        for row in since[:5]
    )
    message = f"Rules of these scopes have changed since revision {expected}: {changed}."
    return [UserError("STALE_REVISION", message, ("input", "expected_revision"))]


async def _store(client: Client, change_set: ChangeSet) -> None:
    records = [_record(change_set.revision, change) for change in change_set.changes]
    await fetch(client, _NEXT_REVISION, change_set.revision)
    await fetch(
        client,
        _INSERT_CHANGE_SET,
        change_set.revision,
        to_microseconds(change_set.created_at),
        change_set.actor,
        change_set.reason,
    )
    await fetch(client, _INSERT_CHANGES, records)
    await fetch(client, _REMOVE_RULES, records)
    await fetch(client, _SET_RULES, records)


def _record(revision: int, change: RuleChange) -> dict[str, Any]:
    setting = CATALOGUE[change.setting]
    return {
        "revision": revision,
        "scope_type": change.scope.type.value,
        "source": change.scope.source or "",
        "sku": change.scope.sku or "",
        "setting": setting.key.value,
        "before": None if change.before is None else setting.write(change.before),
        "after": None if change.after is None else setting.write(change.after),
        "active_from": NO_START,
        "active_until": NO_END,
    }
