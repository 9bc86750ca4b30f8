"""The walk: from the finest scope outwards, the first rule found wins; each setting walks alone.

The instant is a value: the rules in force at an instant are chosen first (see `in_force`), then the walk asks them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rules.scope import DEFAULT, GLOBAL, Scope, chain, scope_of
from rules.setting import Setting, SettingKey, SettingValue


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """One row of the rule store: this scope gives this setting this value, in [active_from, active_until).

    A value of None holds only in a window: while that row wins, there is no rule at its scope.
    """

    id: int
    scope: Scope
    setting: SettingKey
    value: SettingValue | None
    revision: int
    active_from: datetime | None = None
    active_until: datetime | None = None

    def holds_at(self, instant: datetime) -> bool:
        """Whether the instant is in the row's window; the start belongs to it, the end does not."""
        return (self.active_from is None or self.active_from <= instant) and (
            self.active_until is None or instant < self.active_until
        )


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """A setting after the walk, with the rule that won (None: the shipped default) and the rules it hides."""

    setting: SettingKey
    value: SettingValue
    scope: Scope = DEFAULT
    rule: ScopeRule | None = None
    overridden: tuple[ScopeRule, ...] = ()


def in_force(rows: Iterable[ScopeRule], instant: datetime) -> ScopeRule | None:
    """Of the rows of one scope and setting, the one that rules at an instant; None where there is no rule then.

    A closed window beats every open-ended row; of these the latest start wins, and a plain rule has the earliest.
    """
    winner: ScopeRule | None = None
    for row in rows:
        if row.holds_at(instant) and (winner is None or _precedence(row) > _precedence(winner)):
            winner = row
    return None if winner is None or winner.value is None else winner


def _precedence(row: ScopeRule) -> tuple[bool, datetime]:
    return row.active_until is not None, row.active_from or _BEFORE_ALL


_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

RulesOfScope = Mapping[SettingKey, ScopeRule]
NO_RULES: RulesOfScope = {}


class Rules:
    """The rules in force at one instant, ready to be walked.

    Most products have no rules of their own: what a source, or the store as a whole, gives them is walked once.
    """

    def __init__(self, rows: Iterable[ScopeRule], instant: datetime) -> None:
        rivals: dict[tuple[Scope, SettingKey], list[ScopeRule]] = defaultdict(list)
        for row in rows:
            rivals[row.scope, row.setting].append(row)
        self._by_scope: dict[Scope, dict[SettingKey, ScopeRule]] = defaultdict(dict)
        for (scope, setting), rows_of_setting in rivals.items():
            if (winner := in_force(rows_of_setting, instant)) is not None:
                self._by_scope[scope][setting] = winner
        self._skus = frozenset(scope.sku for scope in self._by_scope if scope.sku is not None)
        self._walked: dict[tuple[SettingKey, str | None], EffectiveSetting] = {}

    def at(self, scope: Scope) -> RulesOfScope:
        """The rules that stand at this very scope."""
        return self._by_scope.get(scope, NO_RULES)

    def walk(self, setting: Setting, scope: Scope) -> EffectiveSetting:
        """The effective value of one setting at a scope, with its provenance."""
        if scope.sku in self._skus:
            return self._ask(setting, chain(scope))
        key = setting.key, scope.source
        found = self._walked.get(key)
        if found is None:
            found = self._walked[key] = self._ask(setting, chain(scope_of(scope.source, None)))
        return found

    def inherited(self, setting: Setting, scope: Scope) -> EffectiveSetting:
        """What the walk would give without a rule at this very scope."""
        return self._ask(setting, chain(scope)[1:] if scope != GLOBAL else ())

    def _ask(self, setting: Setting, scopes: tuple[Scope, ...]) -> EffectiveSetting:
        found = [
            rule
            for scope in scopes
            if scope.type in setting.scopes and (rule := self.at(scope).get(setting.key)) is not None
        ]
        if not found or (value := found[0].value) is None:
            return EffectiveSetting(setting.key, setting.default)
        return EffectiveSetting(setting.key, value, found[0].scope, found[0], tuple(found[1:]))
