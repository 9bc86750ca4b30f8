"""Changes of rules, as values: what is asked, what differs, and the rules before and after."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rules.scope import Scope, ScopeType, scope_of
from rules.setting import SettingKey, SettingValue
from rules.walk import Rules, ScopeRule


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


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule's value before and after a change set (None: no rule), in a window."""

    scope: Scope
    setting: SettingKey
    before: SettingValue | None
    after: SettingValue | None
    active_from: datetime | None = None
    active_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One atomic change of the rule store."""

    revision: int
    created_at: datetime
    actor: str
    reason: str | None
    changes: tuple[RuleChange, ...]


def difference(asked: Sequence[RulesChange], standing: Rules) -> list[RuleChange]:
    """What the asked changes would alter of the rules that stand; what is so already is left out."""
    found = []
    for change in asked:
        rules = standing.at(change.scope)
        for key, after in change.settings.items():
            rule = rules.get(key)
            before = rule.value if rule else None
            if before != after:
                found.append(RuleChange(change.scope, key, before, after))
    return found


def undone(rows: Iterable[ScopeRule], changes: Iterable[RuleChange]) -> Iterator[ScopeRule]:
    """The plain rules as they were before these changes, given the rows after them."""
    by_place = {(change.scope, change.setting): change for change in changes}
    for row in rows:
        if (row.scope, row.setting) not in by_place:
            yield row
    for change in by_place.values():
        if change.before is not None:
            yield ScopeRule(0, change.scope, change.setting, change.before, 0)
