"""Changing rules: all changes of a call or none, each in the history, one revision a call."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from models.database import Client, transaction
from models.sql import fetch
from resolvers.errors import Refused, refuse_if
from resolvers.rule_store.change_advice import advice_of
from resolvers.rule_store.change_log import change_sets_of, lock_revision, record_of_place, rows_of_scopes, store
from resolvers.rule_store.held_by_rules import advice_on_rules, path_of_switch
from resolvers.rule_store.newly_unlimited import path_in_call, unlimited_advice
from resolvers.rule_store.rules_request import (
    RulesRequest,
    newer_errors,
    overlap_errors,
    revision_errors,
    stored_changes,
    unknown_scope_errors,
    unlawful,
)
from resolvers.rules_in_force import label_of
from rules.change import ChangeSet, RuleChange, RulesChange, Window, applied, difference
from rules.key import quoted
from rules.scope import Scope
from rules.setting import SettingKey, SettingValue
from rules.validation import REASON_LENGTH, Advice, UserError, text_errors

_CHANGE_SET = "SELECT revision, created_at, actor, reason FROM change_set WHERE revision = $1"
_LATER = """
SELECT c.revision, c.actor, h.setting FROM rule_change h
JOIN rows($1, source text, sku text, setting text, active_from bigint, active_until bigint)
    ON h.sku = r.sku AND h.source = r.source AND h.setting = r.setting
    AND h.active_from = r.active_from AND h.active_until = r.active_until
JOIN change_set c ON c.revision = h.change_set_id
WHERE h.change_set_id > $2 ORDER BY c.revision DESC, h.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class RulesOutcome:
    """What a call did: its change set (None where nothing changed), the scopes that it named, and the warnings."""

    change_set: ChangeSet | None
    scopes: list[Scope]
    advice: list[Advice]


async def set_scope_rules(request: RulesRequest) -> RulesOutcome:
    """Make these changes as one change set, or none of them; Refused for unlawful, unknown and stale ones.

    A call that would change nothing writes nothing and is never stale.
    """
    request = replace(request, changes=await stored_changes(request.changes))
    refuse_if(unlawful(request, datetime.now(UTC)))

    async def write(client: Client) -> ChangeSet | None:
        revision = await lock_revision(client)
        refuse_if(await unknown_scope_errors(client, request))
        found = await rows_of_scopes(client, request.scopes)
        refuse_if(newer_errors(request.places, found.newer))
        changes = difference(request.changes, request.window, found.rows)
        if not changes:
            return None
        refuse_if(await revision_errors(client, request, revision))
        refuse_if(overlap_errors(changes, applied(found.rows, changes), ("input", "active_from")))
        change_set = ChangeSet(revision + 1, datetime.now(UTC), request.actor, request.reason, tuple(changes))
        await store(client, change_set)
        return change_set

    change_set = await transaction(write)
    if change_set is None:
        return RulesOutcome(None, request.scopes, [])
    changes = change_set.changes
    advice = await unlimited_advice(changes, lambda cause: path_in_call(request.changes, cause), is_made=True)
    advice += await advice_of(request.changes, changes, request.window)
    advice += await advice_on_rules(changes, path_of_switch(request.changes), is_made=True)
    return RulesOutcome(change_set, request.scopes, advice)


async def revert_change_set(revision: int, reason: str | None, actor: str) -> RulesOutcome:
    """Write a new change set that undoes that one; LATER_CHANGE where a later one touched one of the same rows,
    NEWER_VERSION where it holds rows that this version cannot read, or would write over one.

    Every row comes back with its window, or goes; undoing an undoing is a change set like any other.
    """
    refuse_if(list(text_errors(reason, ("reason",), REASON_LENGTH)))

    async def write(client: Client) -> ChangeSet:
        newest = await lock_revision(client)
        head = await fetch(client, _CHANGE_SET, revision) if 1 <= revision <= newest else []
        if not head:
            raise Refused([UserError("UNKNOWN_REVISION", f"There is no change set {revision}.", ("revision",))])
        reverted = (await change_sets_of(client, head))[0]
        refuse_if(_unknown_errors(reverted))
        refuse_if(await _later_errors(client, reverted))
        changes = tuple(change.inverse for change in reverted.changes)
        scopes = list(dict.fromkeys(change.scope for change in changes))
        found = await rows_of_scopes(client, scopes)
        refuse_if(newer_errors([(change.place, ("revision",)) for change in changes], found.newer))
        refuse_if(overlap_errors(changes, applied(found.rows, changes), ("revision",)))
        why = reason or f"Undoes revision {revision}"
        change_set = ChangeSet(newest + 1, datetime.now(UTC), actor, why, changes)
        await store(client, change_set)
        return change_set

    change_set = await transaction(write)
    advice = await unlimited_advice(change_set.changes, lambda _: ("revision",), is_made=True)
    advice += [
        replace(each, path=("revision",))
        for window in dict.fromkeys(change.window for change in change_set.changes)
        for each in await advice_of(_as_asked(change_set.changes, window), change_set.changes, window)
    ]
    advice += await advice_on_rules(change_set.changes, ("revision",), is_made=True)
    return RulesOutcome(change_set, list(dict.fromkeys(change.scope for change in change_set.changes)), advice)


def _unknown_errors(reverted: ChangeSet) -> list[UserError]:
    """NEWER_VERSION: it would be undone in part."""
    if not reverted.unknown:
        return []
    named = ", ".join(quoted(each) for each in reverted.unknown)
    message = f"Revision {reverted.revision} holds rules that only a newer version can read ({named}): undo it there."
    return [UserError("NEWER_VERSION", message, ("revision",))]


async def _later_errors(client: Client, reverted: ChangeSet) -> list[UserError]:
    places = [record_of_place(change) for change in reverted.changes]
    later = await fetch(client, _LATER, places, reverted.revision)
    return [
        UserError(
            "LATER_CHANGE",
            f"Revision {row['revision']}, by {row['actor']}, has changed {label_of(row['setting'])}"
            " since: undoing this one would overwrite that.",
            ("revision",),
        )
        for row in later
    ]


def _as_asked(changes: Sequence[RuleChange], window: Window) -> list[RulesChange]:
    by_scope: dict[Scope, dict[SettingKey, SettingValue | None]] = {}
    for change in changes:
        if change.window != window:
            continue
        by_scope.setdefault(change.scope, {})[change.setting] = change.after.value if change.after else None
    return [RulesChange(scope.type, scope.source, scope.sku, settings) for scope, settings in by_scope.items()]
