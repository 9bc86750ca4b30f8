"""Changes of rules: the input, the payload, and one entry of the history."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from resolvers.rules_request import RulesRequest
from resolvers.scope_settings import forms_of
from rules import change
from rules.scope import Scope as ScopeValue
from rules.setting import SettingKey
from schema.errors import UserError, Warning  # noqa: A004  # the name of the API's type
from schema.given import ABSENT, given
from schema.scalar import SettingValue
from schema.scope_rule import Scope, ScopeInput
from schema.setting import ScopeSettings, ScopeSettingsInput


@strawberry.input(description="What to set at one scope.")
class ScopeRulesChange:
    scope: ScopeInput = strawberry.field(description="The scope.")
    settings: ScopeSettingsInput = strawberry.field(description="The settings.")


@strawberry.input(description="One atomic change of the rule store.")
class SetScopeRulesInput:
    changes: list[ScopeRulesChange] = strawberry.field(description="All of them or none.")
    expected_revision: int | None = strawberry.field(
        default=ABSENT,
        description="Refused with STALE_REVISION where a rule of these scopes has changed since; left out: the last writer"
        " wins.",
    )
    reason: str | None = strawberry.field(default=ABSENT, description="Kept in the history.")
    active_from: datetime | None = strawberry.field(
        default=ABSENT, description="From when the rules hold; left out: at once."
    )
    active_until: datetime | None = strawberry.field(
        default=ABSENT, description="Until when they hold; left out: until changed."
    )

    def request(self, actor: str) -> RulesRequest:
        """The input as the resolvers take it."""
        changes = [
            change.RulesChange(
                each.scope.type, given(each.scope.source), given(each.scope.sku), dict(each.settings.given())
            )
            for each in self.changes
        ]
        return RulesRequest(
            changes,
            actor,
            expected_revision=given(self.expected_revision),
            reason=given(self.reason),
            active_from=given(self.active_from),
            active_until=given(self.active_until),
        )


@strawberry.type(description="One rule's value before and after a change set.")
class RuleChange:
    scope: Scope = strawberry.field(description="The scope.")
    setting: SettingKey = strawberry.field(description="The setting.")
    kind: change.RuleChangeKind = strawberry.field(description="What became of the row.")
    before: SettingValue | None = strawberry.field(
        description="Null where there was no row, or one with a window that said: no rule then."
    )
    after: SettingValue | None = strawberry.field(
        description="Null where there is no row any more, or one with a window that says: no rule then."
    )
    active_from: datetime | None = strawberry.field(description="Null: no start of its own.")
    active_until: datetime | None = strawberry.field(description="Null: open-ended.")

    @classmethod
    def of(cls, value: change.RuleChange) -> "RuleChange":
        """A change of one rule for the API."""
        return cls(
            scope=Scope.of(value.scope),
            setting=value.setting,
            kind=value.kind,
            before=_shown(value.before),
            after=_shown(value.after),
            active_from=value.window.start,
            active_until=value.window.end,
        )


@strawberry.type(description="One atomic change of the rule store; revisions count up by one.")
class ChangeSet:
    revision: int = strawberry.field(description="The revision that it made.")
    created_at: datetime = strawberry.field(description="When it was made.")
    actor: str = strawberry.field(description="Who made it: the name of the token.")
    reason: str | None = strawberry.field(description="Why, where it was said.")
    changes: list[RuleChange] = strawberry.field(description="What it changed.")
    unknown_settings: list[str] = strawberry.field(
        description="Keys of settings whose rules it changed too and only a newer version can read; not among the changes."
    )

    @classmethod
    def of(cls, value: change.ChangeSet) -> "ChangeSet":
        """A change set for the API."""
        return cls(
            revision=value.revision,
            created_at=value.created_at,
            actor=value.actor,
            reason=value.reason,
            changes=[RuleChange.of(each) for each in value.changes],
            unknown_settings=list(value.unknown),
        )


@strawberry.type(description="What setScopeRules did.")
class SetScopeRulesPayload:
    change_set: ChangeSet | None = strawberry.field(default=None, description="Null where nothing was changed.")
    scopes: strawberry.Private[Sequence[ScopeValue]] = ()

    @strawberry.field(description="The settings of the scopes of the call, as they are now.")
    async def scope_settings(self) -> list[ScopeSettings]:
        """The forms, read only where they are selected."""
        return [ScopeSettings.of(form) for form in await forms_of(self.scopes)] if self.scopes else []

    warnings: list[Warning] = strawberry.field(default_factory=list, description="What may not have been meant.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was written; empty where it was."
    )


def _shown(held: change.Held | None) -> SettingValue | None:
    return None if held is None or held.value is None else SettingValue(held.value)
