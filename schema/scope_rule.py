"""Rules and what the walk makes of them."""

from datetime import datetime

import strawberry

from rules.scope import Scope as ScopeValue
from rules.scope import ScopeType
from rules.setting import SettingKey
from rules.walk import EffectiveSetting as EffectiveSettingValue
from rules.walk import ScopeRule as ScopeRuleValue
from schema.given import ABSENT
from schema.scalar import SettingValue


@strawberry.type(description="Where a value comes from.")
class Scope:
    type: ScopeType = strawberry.field(description="The kind of scope.")
    source: str | None = strawberry.field(description="The source's code; null where the scope names no source.")
    sku: str | None = strawberry.field(description="The product's SKU; null where the scope names no product.")

    @classmethod
    def of(cls, scope: ScopeValue) -> "Scope":
        """A scope for the API."""
        return cls(type=scope.type, source=scope.source, sku=scope.sku)


@strawberry.type(description="One row of the rule store: this scope gives this setting this value.")
class ScopeRule:
    id: strawberry.ID = strawberry.field(description="The row's id.")
    scope: Scope = strawberry.field(description="The scope.")
    setting: SettingKey = strawberry.field(description="The setting.")
    value: SettingValue | None = strawberry.field(
        description="Null only for a row with a window: while it holds, there is no rule at this scope."
    )
    revision: int = strawberry.field(description="The revision of the rule store that wrote this row.")
    active_from: datetime | None = strawberry.field(description="Null: no start of its own.")
    active_until: datetime | None = strawberry.field(description="Null: open-ended.")

    @classmethod
    def of(cls, rule: ScopeRuleValue) -> "ScopeRule":
        """A rule for the API."""
        return cls(
            id=strawberry.ID(str(rule.id)),
            scope=Scope.of(rule.scope),
            setting=rule.setting,
            value=None if rule.value is None else SettingValue(rule.value),
            revision=rule.revision,
            active_from=rule.active_from,
            active_until=rule.active_until,
        )


@strawberry.type(description="A setting after the walk, with the rule that won and the rules it beat, nearest first.")
class EffectiveSetting:
    setting: SettingKey = strawberry.field(description="The setting.")
    value: SettingValue = strawberry.field(description="Its value here.")
    scope: Scope = strawberry.field(description="Where the value came from; DEFAULT where no rule is set.")
    rule: ScopeRule | None = strawberry.field(description="The winning rule; null for DEFAULT.")
    overridden: list[ScopeRule] = strawberry.field(description="The rules further out that this one hides.")

    @classmethod
    def of(cls, found: EffectiveSettingValue) -> "EffectiveSetting":
        """A walked setting for the API."""
        return cls(
            setting=found.setting,
            value=SettingValue(found.value),
            scope=Scope.of(found.scope),
            rule=ScopeRule.of(found.rule) if found.rule else None,
            overridden=[ScopeRule.of(rule) for rule in found.overridden],
        )


@strawberry.input(description="A scope: the type says which of source and sku it names.")
class ScopeInput:
    type: ScopeType = strawberry.field(description="The kind of scope.")
    source: str | None = strawberry.field(default=ABSENT, description="The source's code, where the type names one.")
    sku: str | None = strawberry.field(default=ABSENT, description="The product's SKU, where the type names one.")


@strawberry.input(description="Which rules; what is left out does not matter.")
class ScopeRuleFilter:
    scope_type: ScopeType | None = strawberry.field(default=ABSENT, description="Rules at this kind of scope.")
    source: str | None = strawberry.field(default=ABSENT, description="Rules that name this source.")
    sku: str | None = strawberry.field(default=ABSENT, description="Rules that name this product.")
    setting: SettingKey | None = strawberry.field(default=ABSENT, description="Rules for this setting.")
    at: datetime | None = strawberry.field(
        default=ABSENT,
        description="Rules that hold at this instant; left out: now, and all that are scheduled for later.",
    )
    scheduled: bool | None = strawberry.field(
        default=ABSENT, description="True: only rules with a window; false: only those that hold always."
    )
