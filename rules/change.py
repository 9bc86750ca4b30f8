"""Changes of rules, as values: what is asked, what differs, and the rows before and after.

A row of the rule store has a place: a scope, a setting and a window. A plain rule has no window; a row with one may hold no
value, which means that there is no rule then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from rules.scope import Scope, ScopeType, scope_of
from rules.setting import SettingKey, SettingValue
from rules.walk import ScopeRule

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """When rules hold: in [start, end); None leaves that side open."""

    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def between(cls, start: datetime | None, end: datetime | None) -> "Window":
        """The window of two bounds; the first and the last instant that there is are no bounds at all."""
        return cls(None if start is None or start <= FIRST else start, None if end is None or end >= LAST else end)

    @property
    def is_plain(self) -> bool:
        """Whether it is no window at all."""
        return self.start is None and self.end is None

    @property
    def is_closed(self) -> bool:
        """Whether it ends: a closed window beats every open-ended one."""
        return self.end is not None

    def __str__(self) -> str:
        """The window in words, for messages."""
        start = f"from {self.start:%Y-%m-%d %H:%M:%S %Z}" if self.start else ""
        end = f"until {self.end:%Y-%m-%d %H:%M:%S %Z}" if self.end else ""
        return " ".join(part for part in (start, end) if part) or "always"

    def overlaps(self, other: "Window") -> bool:
        """Whether there is an instant in both."""
        return _starts(self) < _ends(other) and _starts(other) < _ends(self)


PLAIN = Window()

Place = tuple[Scope, SettingKey, Window]


@dataclass(frozen=True, slots=True)
class Held:
    """What a row holds: a value, or None for 'no rule then'."""

    value: SettingValue | None


@dataclass(frozen=True, slots=True)
class RulesChange:
    """What to set at one scope: a value sets the rule, None removes it, an absent key leaves it as it is."""

    type: ScopeType
    source: str | None = None
    sku: str | None = None
    settings: Mapping[SettingKey, SettingValue | None] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        """The scope, once its fields have been found to match its type."""
        return scope_of(self.source, self.sku)


class RuleChangeKind(StrEnum):
    """What became of a row."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    REMOVED = "REMOVED"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One row before and after a change set; None: there is no such row."""

    scope: Scope
    setting: SettingKey
    before: Held | None
    after: Held | None
    window: Window = PLAIN

    @property
    def place(self) -> Place:
        """Where the row stands."""
        return self.scope, self.setting, self.window

    @property
    def kind(self) -> RuleChangeKind:
        """What became of the row."""
        if self.before is None:
            return RuleChangeKind.CREATED
        return RuleChangeKind.REMOVED if self.after is None else RuleChangeKind.CHANGED

    @property
    def inverse(self) -> "RuleChange":
        """The change that undoes this one."""
        return RuleChange(self.scope, self.setting, self.after, self.before, self.window)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One atomic change of the rule store; unknown are the settings that it changed too and only a newer version knows."""

    revision: int
    created_at: datetime
    actor: str
    reason: str | None
    changes: tuple[RuleChange, ...]
    unknown: tuple[str, ...] = ()


def window_of(row: ScopeRule) -> Window:
    """The window of a row."""
    return Window(row.active_from, row.active_until)


def place_of(row: ScopeRule) -> Place:
    """Where a row stands."""
    return row.scope, row.setting, window_of(row)


def difference(asked: Sequence[RulesChange], window: Window, rows: Iterable[ScopeRule]) -> list[RuleChange]:
    """What the asked changes would alter of the rows that stand; what is so already is left out.

    None without a window removes the plain rule. In a window it makes a row of no value where there is a rule to hide, and
    removes the window's own row where there is none.
    """
    standing: dict[tuple[Scope, SettingKey], dict[Window, Held]] = defaultdict(dict)
    for row in rows:
        standing[row.scope, row.setting][window_of(row)] = Held(row.value)
    found = []
    for change in asked:
        for key, value in change.settings.items():
            at_scope = standing.get((change.scope, key), {})
            before = at_scope.get(window)
            after: Held | None = Held(value)
            if after != before and value is None and _is_removal(window, at_scope):
                after = None
            if before != after:
                found.append(RuleChange(change.scope, key, before, after, window))
    return found


def _is_removal(window: Window, standing: Mapping[Window, Held]) -> bool:
    return window.is_plain or not any(window.overlaps(other) for other in standing if other != window)


def overlapping(
    changes: Iterable[RuleChange], rows: Iterable[ScopeRule], now: datetime
) -> Iterator[tuple[RuleChange, ScopeRule]]:
    """The closed windows that changes make over another closed one of the same scope and setting, among the rows after.

    Windows that have ended stand in nobody's way.
    """
    made = [change for change in changes if change.after and change.window.end and change.window.end > now]
    closed: dict[tuple[Scope, SettingKey], list[ScopeRule]] = defaultdict(list)
    for row in rows:
        if row.active_until is not None and row.active_until > now:
            closed[row.scope, row.setting].append(row)
    for change in made:
        for row in closed[change.scope, change.setting]:
            if window_of(row) != change.window and window_of(row).overlaps(change.window):
                yield change, row


def applied(rows: Iterable[ScopeRule], changes: Iterable[RuleChange], revision: int = 0) -> list[ScopeRule]:
    """The rows after these changes; a row that a change makes has the id of the one it replaces, or 0."""
    by_place = {change.place: change for change in changes}
    ids: dict[Place, int] = {}
    kept = []
    for row in rows:
        place = place_of(row)
        if place in by_place:
            ids[place] = row.id
        else:
            kept.append(row)
    for place, change in by_place.items():
        if change.after is not None:
            start, end = change.window.start, change.window.end
            row_id = ids.get(place, 0)
            kept.append(ScopeRule(row_id, change.scope, change.setting, change.after.value, revision, start, end))
    return kept


def undone(rows: Iterable[ScopeRule], changes: Iterable[RuleChange]) -> list[ScopeRule]:
    """The rows before these changes, given those after them."""
    return applied(rows, [change.inverse for change in changes])


def _starts(window: Window) -> datetime:
    return window.start or FIRST


def _ends(window: Window) -> datetime:
    return window.end or LAST
