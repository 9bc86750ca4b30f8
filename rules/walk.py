"""The walk: from the finest scope outwards, the first rule found wins; each setting walks alone.

The instant is a value: the rules in force at an instant are chosen first (see `in_force`), then the walk asks them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rules.scope import DEFAULT, Scope
from rules.setting import CATALOGUE, PER_PRODUCT, PER_SOURCE, Setting, SettingKey, SettingValue


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
        if row.holds_at(instant) and (winner is None or precedence(row) > precedence(winner)):
            winner = row
    return None if winner is None or winner.value is None else winner


def precedence(row: ScopeRule) -> tuple[bool, datetime]:
    """Orders the rows of one scope and setting that hold at an instant: the greatest rules."""
    return row.active_until is not None, row.active_from or _BEFORE_ALL


_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

RulesOfScope = Mapping[SettingKey, ScopeRule]
NO_RULES: RulesOfScope = {}


class Rules:
    """The rules in force at one instant, ready to be walked.

    Most products have no rules of their own: what a source, or the store as a whole, gives them is walked once and shared.
    """

    def __init__(self, rows: Iterable[ScopeRule], instant: datetime) -> None:
        rivals: dict[tuple[Scope, SettingKey], list[ScopeRule]] = defaultdict(list)
        for row in rows:
            if row.scope.type in CATALOGUE[row.setting].scopes:  # the catalogue has the last word on what a row may say
                rivals[row.scope, row.setting].append(row)
        self._at: dict[tuple[str | None, str | None], dict[SettingKey, ScopeRule]] = defaultdict(dict)
        for (scope, setting), rows_of_setting in rivals.items():
            if (winner := in_force(rows_of_setting, instant)) is not None:
                self._at[scope.source, scope.sku][setting] = winner
        self._skus = frozenset(sku for _, sku in self._at if sku is not None)
        self._outside: dict[tuple[SettingKey, str | None], EffectiveSetting] = {}
        self._of_any_product: dict[SettingKey, EffectiveSetting] | None = None
        self._of_any_product_at: dict[str, tuple[EffectiveSetting, ...]] = {}

    def at(self, scope: Scope) -> RulesOfScope:
        """The rules that stand at this very scope."""
        return self._at.get((scope.source, scope.sku), NO_RULES)

    def walk(self, setting: Setting, scope: Scope) -> EffectiveSetting:
        """The effective value of one setting at a scope, with its provenance."""
        return self._walk(setting, scope.source, scope.sku)

    def inherited(self, setting: Setting, scope: Scope) -> EffectiveSetting:
        """What the walk would give without a rule at this very scope."""
        found = self._walk(setting, scope.source, scope.sku)
        if found.rule is None or found.scope != scope:
            return found
        return _effective(setting, found.overridden)

    def of_product(self, sku: str | None) -> Mapping[SettingKey, EffectiveSetting]:
        """Every setting that is walked per product (None: one without rules of its own)."""
        if sku in self._skus:
            return {setting.key: self._walk(setting, None, sku) for setting in PER_PRODUCT}
        if self._of_any_product is None:
            self._of_any_product = {setting.key: self._walk(setting, None, None) for setting in PER_PRODUCT}
        return self._of_any_product

    def of_product_at(self, source: str, sku: str | None) -> tuple[EffectiveSetting, ...]:
        """Every setting that is walked per source, in the order of the catalogue, for a product at a source."""
        if sku in self._skus:
            return tuple([self._walk(setting, source, sku) for setting in PER_SOURCE])
        found = self._of_any_product_at.get(source)
        if found is None:
            found = tuple([self._walk(setting, source, None) for setting in PER_SOURCE])
            self._of_any_product_at[source] = found
        return found

    def _walk(self, setting: Setting, source: str | None, sku: str | None) -> EffectiveSetting:
        """Product-at-source, product, source, global, default: the two nearest are asked on top of the others."""
        outside = self._walk_outside(setting, source)
        if sku not in self._skus:
            return outside
        places = ((source, sku), (None, sku)) if source is not None else ((None, sku),)
        own = [rule for place in places if (rule := self._at.get(place, NO_RULES).get(setting.key)) is not None]
        if not own:
            return outside
        return _effective(setting, (*own, *((outside.rule,) if outside.rule else ()), *outside.overridden))

    def _walk_outside(self, setting: Setting, source: str | None) -> EffectiveSetting:
        key = setting.key, source
        found = self._outside.get(key)
        if found is None:
            places = ((source, None), (None, None)) if source is not None else ((None, None),)
            standing = [
                rule for place in places if (rule := self._at.get(place, NO_RULES).get(setting.key)) is not None
            ]
            found = self._outside[key] = _effective(setting, tuple(standing))
        return found


def _effective(setting: Setting, rules: tuple[ScopeRule, ...]) -> EffectiveSetting:
    """The first of these rules, nearest first, hides the others; without any the shipped default holds."""
    if not rules or (value := rules[0].value) is None:
        return EffectiveSetting(setting.key, setting.default)
    return EffectiveSetting(setting.key, value, rules[0].scope, rules[0], rules[1:])
