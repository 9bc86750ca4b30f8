"""The catalogue of settings, the admin form of a scope, and the input that changes it."""

from collections.abc import Iterator
from decimal import Decimal

import strawberry

from resolvers.rule_store import scope_settings as form
from rules.scope import ScopeType
from rules.setting import BackorderMode, Setting, SettingKey, SettingValueType
from rules.setting import SettingValue as SettingValueRule
from schema.scalar import SettingValue
from schema.scope_rule import Scope, ScopeRule


@strawberry.type(description="What a setting is: enough for an admin page to draw its own form.")
class SettingDefinition:
    key: SettingKey = strawberry.field(description="The setting.")
    label: str = strawberry.field(description="Its name for people.")
    help: str = strawberry.field(description="What it does, in a sentence or two.")
    type: SettingValueType = strawberry.field(description="What its values are.")
    default: SettingValue = strawberry.field(description="The value that ships with the program.")
    scopes: list[ScopeType] = strawberry.field(description="The scopes at which a rule may give it.")
    minimum: SettingValue | None = strawberry.field(description="The bound of a quantity; null where there is none.")
    exclusive_minimum: bool = strawberry.field(description="True where the minimum itself is not allowed.")

    @classmethod
    def of(cls, setting: Setting) -> "SettingDefinition":
        """An entry of the catalogue for the API."""
        return cls(
            key=setting.key,
            label=setting.label,
            help=setting.help,
            type=setting.type,
            default=SettingValue(setting.default),
            scopes=list(setting.scopes),
            minimum=None if setting.minimum is None else SettingValue(setting.minimum),
            exclusive_minimum=setting.exclusive_minimum,
        )


@strawberry.type(description="What one source would give a product where no product rule stands.")
class SourceInheritance:
    source: str = strawberry.field(description="The source's code.")
    value: SettingValue = strawberry.field(description="The value that it would give.")
    from_: Scope = strawberry.field(name="from", description="Where that value comes from.")


@strawberry.type(
    description="One line of the admin form: its own value, or the value that it inherits ('Use config setting')."
)
class ScopeSetting:
    definition: SettingDefinition = strawberry.field(description="What the setting is.")
    own_value: SettingValue | None = strawberry.field(
        description="The value set at this very scope; null where it is inherited."
    )
    inherited_value: SettingValue = strawberry.field(description="What it would be without a rule at this scope.")
    inherited_from: Scope = strawberry.field(description="Where the inherited value comes from.")
    inherited_by_source: list[SourceInheritance] = strawberry.field(
        description="At PRODUCT scope: the sources whose own rule would give another value than inheritedValue; empty"
        " elsewhere."
    )
    effective_value: SettingValue = strawberry.field(description="The value that holds at this scope.")
    rule: ScopeRule | None = strawberry.field(description="The rule at this very scope.")

    @classmethod
    def of(cls, line: form.ScopeSetting) -> "ScopeSetting":
        """A line of the form for the API."""
        return cls(
            definition=SettingDefinition.of(line.definition),
            own_value=None if line.own_value is None else SettingValue(line.own_value),
            inherited_value=SettingValue(line.inherited_value),
            inherited_from=Scope.of(line.inherited_from),
            inherited_by_source=[
                SourceInheritance(source=each.source, value=SettingValue(each.value), from_=Scope.of(each.scope))
                for each in line.inherited_by_source
            ],
            effective_value=SettingValue(line.effective_value),
            rule=ScopeRule.of(line.rule) if line.rule else None,
        )


@strawberry.type(description="The settings of one scope, at one revision of the rule store.")
class ScopeSettings:
    scope: Scope = strawberry.field(description="The scope.")
    revision: int = strawberry.field(
        description="The rule store's revision that this was read at; send it back as expectedRevision."
    )
    settings: list[ScopeSetting] = strawberry.field(
        description="The settings that a rule may give at this scope, in the order of SettingKey."
    )

    @classmethod
    def of(cls, found: form.ScopeSettings) -> "ScopeSettings":
        """A form for the API."""
        return cls(
            scope=Scope.of(found.scope),
            revision=found.revision,
            settings=[ScopeSetting.of(line) for line in found.settings],
        )


@strawberry.input(
    description="Three states for each setting: leave it out and it stays as it is; null removes the rule ('Use config"
    " setting'); a value sets the rule."
)
class ScopeSettingsInput:
    manage_stock: strawberry.Maybe[bool | None] = strawberry.field(description="Manage Stock.")
    backorders: strawberry.Maybe[BackorderMode | None] = strawberry.field(description="Backorders.")
    out_of_stock_threshold: strawberry.Maybe[Decimal | None] = strawberry.field(description="Out-of-Stock Threshold.")
    notify_for_quantity_below: strawberry.Maybe[Decimal | None] = strawberry.field(
        description="Notify for Quantity Below; 0 or more."
    )
    only_x_left_threshold: strawberry.Maybe[Decimal | None] = strawberry.field(
        description="Only X left Threshold; 0: never."
    )
    min_sale_qty: strawberry.Maybe[Decimal | None] = strawberry.field(
        description="Minimum Qty Allowed in Shopping Cart; above 0."
    )
    max_sale_qty: strawberry.Maybe[Decimal | None] = strawberry.field(
        description="Maximum Qty Allowed in Shopping Cart; above 0."
    )
    enable_qty_increments: strawberry.Maybe[bool | None] = strawberry.field(description="Enable Qty Increments.")
    qty_increments: strawberry.Maybe[Decimal | None] = strawberry.field(description="Qty Increments; above 0.")
    qty_uses_decimals: strawberry.Maybe[bool | None] = strawberry.field(description="Qty Uses Decimals.")

    def given(self) -> Iterator[tuple[SettingKey, SettingValueRule | None]]:
        """The settings that are given: a value, or None to remove the rule; the fields bear the keys of the catalogue."""
        for key in SettingKey:
            maybe = getattr(self, key.value)
            if maybe is not None:
                yield key, maybe.value
