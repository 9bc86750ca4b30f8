"""A call to change rules, and what is wrong with it: checked alike by the change and by its preview."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from models.database import Client
from models.sql import fetch
from resolvers.keys import PRODUCT, SOURCE, keys_of
from resolvers.rules_in_force import label_of
from resolvers.upserts import MOST_ROWS, unknown_product_errors, unknown_source_errors
from rules.change import Place, RuleChange, RulesChange, Window, overlapping, window_of
from rules.scope import Scope, scope_of
from rules.setting import CATALOGUE, SettingKey
from rules.validation import REASON_LENGTH, Path, UserError, scope_errors, setting_errors, text_errors
from rules.walk import ScopeRule

MOST_NAMED = 5
"""How many earlier changes a message names."""

_CHANGED_SINCE = f"""
SELECT c.revision, c.actor, h.source, h.sku, h.setting FROM rule_change h
JOIN rows($1, source text, sku text) ON h.sku = r.sku AND h.source = r.source
JOIN change_set c ON c.revision = h.change_set_id
WHERE h.change_set_id > $2 ORDER BY c.revision DESC, h.id LIMIT {MOST_NAMED}
"""


@dataclass(frozen=True, slots=True)
class RulesRequest:
    """What to change, by whom, on what it was decided, why, and when it holds."""

    changes: Sequence[RulesChange]
    actor: str
    expected_revision: int | None = None
    reason: str | None = None
    active_from: datetime | None = None
    active_until: datetime | None = None

    @property
    def window(self) -> Window:
        """When the rules hold."""
        return Window.between(self.active_from, self.active_until)

    @property
    def scopes(self) -> list[Scope]:
        """The scopes that are named, once their fields have been found to match their types."""
        return [change.scope for change in self.changes]

    @property
    def places(self) -> list[tuple[Place, Path]]:
        """Where rules are to stand or to go, each with the path of the input that says so."""
        return [
            ((change.scope, key, self.window), ("input", "changes", str(index), "settings", key.value))
            for index, change in enumerate(self.changes)
            for key in change.settings
        ]


async def stored_changes(changes: Sequence[RulesChange]) -> list[RulesChange]:
    """These changes with the keys under which their sources and products are stored."""
    sources = await keys_of(SOURCE, [change.source for change in changes if change.source is not None])
    skus = await keys_of(PRODUCT, [change.sku for change in changes if change.sku is not None])
    return [
        replace(
            change,
            source=None if change.source is None else sources.of(change.source),
            sku=None if change.sku is None else skus.of(change.sku),
        )
        for change in changes
    ]


def unlawful(request: RulesRequest, now: datetime) -> list[UserError]:
    """All that is wrong with a call by itself, at an instant."""
    path = ("input", "changes")
    errors = list(text_errors(request.reason, ("input", "reason"), REASON_LENGTH))
    errors += _window_errors(request.window, now)
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


def _window_errors(window: Window, now: datetime) -> list[UserError]:
    if window.end is None:
        return []
    path = ("input", "active_until")
    if window.start is not None and window.end <= window.start:
        return [UserError("INVALID_WINDOW", "The end must be later than the start.", path)]
    if window.end <= now:
        return [UserError("INVALID_WINDOW", "The end is in the past: the rules would never hold.", path)]
    return []


async def unknown_scope_errors(client: Client, request: RulesRequest) -> list[UserError]:
    """UNKNOWN_SOURCE and UNKNOWN_PRODUCT for what the scopes name and there is none of."""

    def path(index: int, field: str) -> Path:
        return ("input", "changes", str(index), "scope", field)

    sources = [(change.source, path(index, "source")) for index, change in enumerate(request.changes) if change.source]
    skus = [(change.sku, path(index, "sku")) for index, change in enumerate(request.changes) if change.sku]
    return await unknown_source_errors(client, sources) + await unknown_product_errors(client, skus)


async def revision_errors(client: Client, request: RulesRequest, revision: int) -> list[UserError]:
    """INVALID_REVISION for one that there is not yet, STALE_REVISION where these scopes have changed since."""
    expected, path = request.expected_revision, ("input", "expected_revision")
    if expected is None:
        return []
    if not 0 <= expected <= revision:
        return [UserError("INVALID_REVISION", f"The rule store is at revision {revision}.", path)]
    scopes = [{"source": scope.source or "", "sku": scope.sku or ""} for scope in set(request.scopes)]
    since = await fetch(client, _CHANGED_SINCE, scopes, expected) if expected < revision else []
    if not since:
        return []
    changed = "; ".join(
        f"{label_of(row['setting'])} of {scope_of(row['source'], row['sku'])}"
        f" (revision {row['revision']}, by {row['actor']})"
        for row in since
    )
    message = f"Rules of these scopes have changed since revision {expected}: {changed}."
    return [UserError("STALE_REVISION", message, path)]


def newer_errors(places: Iterable[tuple[Place, Path]], newer: Collection[Place]) -> list[UserError]:
    """NEWER_VERSION where a call would write over a value that this version cannot read, or remove it unread."""
    return [
        UserError(
            "NEWER_VERSION",
            f"{CATALOGUE[place[1]].label} of {place[0]} has a value that only a newer version can read: change it there.",
            path,
        )
        for place, path in places
        if place in newer
    ]


def overlap_errors(changes: Sequence[RuleChange], after: Sequence[ScopeRule], path: Path) -> list[UserError]:
    """OVERLAPPING_SCHEDULE for closed windows that these changes make over others of the same scope and setting."""
    now = datetime.now(UTC)
    return [
        UserError(
            "OVERLAPPING_SCHEDULE",
            f"{CATALOGUE[change.setting].label} of {change.scope} has another window already, {window_of(row)}.",
            path,
        )
        for change, row in overlapping(changes, after, now)
    ]
