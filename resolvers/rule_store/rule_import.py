"""Bringing the rule store to what a file says: the difference first, then all of it as one change set."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from models.database import Client, reader, snapshot, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.errors import Refused, refuse_if
from resolvers.rule_store.change_log import Standing, lock_revision, rows_of_scopes, standing, store
from resolvers.rule_store.rules_request import newer_errors, overlap_errors, stored_changes
from resolvers.rules_in_force import COLUMNS, current_revision, rule_of
from resolvers.upserts import unknown_product_errors, unknown_source_errors
from rules.change import ChangeSet, Held, Place, RuleChange, RulesChange, Window, applied, difference, place_of
from rules.setting import CATALOGUE
from rules.validation import REASON_LENGTH, Path, UserError, scope_errors, setting_errors, text_errors
from rules.walk import ScopeRule

PAGE = 5_000

_LASTING = f"SELECT {COLUMNS} FROM scope_rule WHERE active_until > $1"


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """What a file says of one scope in one window, and the line where it says so."""

    change: RulesChange
    window: Window
    line: int

    @property
    def path(self) -> Path:
        """Where a person finds it."""
        return (f"line {self.line}",)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would change, on which revision; ended counts the entries whose window is over.

    kept counts the rules that the file does not name and that stay all the same: only a newer version can read them.
    """

    revision: int
    changes: list[RuleChange]
    ended: int
    kept: int = 0


async def plan_import(entries: Sequence[RuleEntry], *, prune: bool) -> ImportPlan:
    """What differs between a file and the rule store; Refused with lines for what is unlawful or unknown.

    prune removes the rules, in force or scheduled, that the file does not name.
    """
    entries = await _stored(entries)
    refuse_if(_unlawful(entries))

    async def read(client: Client) -> ImportPlan:
        return await _plan(client, entries, prune=prune)

    return await snapshot(read)


async def apply_import(
    entries: Sequence[RuleEntry], plan: ImportPlan, *, prune: bool, actor: str, reason: str
) -> ChangeSet | None:
    """Make the planned changes as one change set; STALE_REVISION where they would be others by now."""
    refuse_if(list(text_errors(reason, ("reason",), REASON_LENGTH)))
    entries = await _stored(entries)

    async def write(client: Client) -> ChangeSet | None:
        revision = await lock_revision(client)
        changes = (await _plan(client, entries, prune=prune)).changes
        if changes != plan.changes:
            message = f"These rules have changed since the difference was shown (revision {revision} now): start again."
            raise Refused([UserError("STALE_REVISION", message, ())])
        if not changes:
            return None
        change_set = ChangeSet(revision + 1, datetime.now(UTC), actor, reason, tuple(changes))
        await store(client, change_set)
        return change_set

    return await transaction(write)


async def lasting_rules(left_out: Counter[str]) -> AsyncIterator[ScopeRule]:
    """Every rule that holds now or later, by SKU and source (those of the store and of sources first), page by page.

    What only a newer version can read is not among them; it is counted, by setting.
    """
    now = to_microseconds(datetime.now(UTC))
    sql = f"{_LASTING} AND (sku, source, active_from, active_until, id) > ($2, $3, $4, $5, $6)"
    sql += f" ORDER BY sku, source, active_from, active_until, id LIMIT {PAGE:d}"
    last: tuple[str, str, int, int, int] = ("", "", -(2**62), 0, 0)
    while rows := await fetch(reader(), sql, now, *last):
        for row in rows:
            if (rule := rule_of(row)) is None:
                left_out[row["setting"]] += 1
            else:
                yield rule
        end = rows[-1]
        last = (end["sku"], end["source"], end["active_from"], end["active_until"], end["id"])


async def _plan(client: Client, entries: Sequence[RuleEntry], *, prune: bool) -> ImportPlan:
    now = datetime.now(UTC)
    revision = await current_revision(client)
    lasting = [entry for entry in entries if entry.window.end is None or entry.window.end > now]
    sources = [(entry.change.source, entry.path) for entry in lasting if entry.change.source]
    skus = [(entry.change.sku, entry.path) for entry in lasting if entry.change.sku]
    unknown = await unknown_source_errors(client, sources) + await unknown_product_errors(client, skus)
    refuse_if(unknown)
    found, kept = await _rows(client, lasting, now, prune=prune)
    refuse_if(newer_errors([(place, entry.path) for entry in lasting for place in _places(entry)], found.newer))
    rows = found.rows
    changes: list[RuleChange] = []
    for only_hiding in (False, True):  # 'no rule then' says something only where there is a rule: those come last
        so_far = applied(rows, changes)
        for window, asked in _by_window(lasting, only_hiding=only_hiding).items():
            changes += difference(asked, window, so_far)
    if prune:
        named = {place for entry in lasting for place in _places(entry)}
        changes += [
            RuleChange(*place_of(row)[:2], Held(row.value), None, place_of(row)[2])
            for row in rows
            if place_of(row) not in named | found.newer
        ]
    refuse_if(overlap_errors(changes, applied(rows, changes), ()))
    return ImportPlan(revision, changes, len(entries) - len(lasting), kept)


async def _stored(entries: Sequence[RuleEntry]) -> list[RuleEntry]:
    changes = await stored_changes([entry.change for entry in entries])
    return [replace(entry, change=change) for entry, change in zip(entries, changes, strict=True)]


def _by_window(entries: Sequence[RuleEntry], *, only_hiding: bool) -> dict[Window, list[RulesChange]]:
    found: dict[Window, list[RulesChange]] = {}
    for entry in entries:
        settings = {
            key: value
            for key, value in entry.change.settings.items()
            if (value is None and not entry.window.is_plain) is only_hiding
        }
        found.setdefault(entry.window, []).append(replace(entry.change, settings=settings))
    return found


async def _rows(client: Client, entries: Sequence[RuleEntry], now: datetime, *, prune: bool) -> tuple[Standing, int]:
    """The rows that an import may touch, and how many it would remove if it could read them."""
    if not prune:
        return await rows_of_scopes(client, [entry.change.scope for entry in entries]), 0
    rows = await fetch(client, _LASTING, to_microseconds(now))
    found = standing(rows)
    return found, len(rows) - len(found.rows) + len(found.newer)


def _places(entry: RuleEntry) -> list[Place]:
    return [(entry.change.scope, key, entry.window) for key in entry.change.settings]


def _unlawful(entries: Sequence[RuleEntry]) -> list[UserError]:
    errors: list[UserError] = []
    seen: set[Place] = set()
    for entry in entries:
        change = entry.change
        of_scope = list(scope_errors(change.type, change.source, change.sku, entry.path))
        errors += of_scope
        if entry.window.start and entry.window.end and entry.window.end <= entry.window.start:
            errors.append(UserError("INVALID_WINDOW", "until must be later than from.", entry.path))
        for key, value in change.settings.items() if not of_scope else ():
            errors += setting_errors(CATALOGUE[key], change.type, value, entry.path)
            if (place := (change.scope, key, entry.window)) in seen:
                message = f"{CATALOGUE[key].label} of {change.scope} stands twice."
                errors.append(UserError("DUPLICATE_CHANGE", message, entry.path))
            seen.add(place)
    return errors
