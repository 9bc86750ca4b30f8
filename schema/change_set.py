"""Changes of rules: the input, the payload, and one entry of the history."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import strawberry

from resolvers.pages import Page
from resolvers.rule_store.change_sets import MOST_SHOWN, ChangeSetHead, FirstChanges, change_page, first_changes
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.scope_settings import forms_of
from rules import change
from rules.scope import Scope as ScopeValue
from rules.setting import SettingKey
from schema.connection import Connection, connection
from schema.errors import UserError, Warning  # noqa: A004  # the name of the API's type
from schema.given import ABSENT, After, First, given
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


class Changes:
    """The first changes of the change sets of one answer, read at once, and only where any of them is asked for.

    What was made by the call that is answered is given, and not read again: a read that fails would say that nothing was.
    """

    def __init__(self, change_sets: Sequence[ChangeSetHead], made: FirstChanges | None = None) -> None:
        self._change_sets = change_sets
        self._made = made
        self._reading: asyncio.Future[dict[int, FirstChanges]] | None = None

    async def of(self, revision: int) -> FirstChanges:
        """The first changes of one of them."""
        if self._made is not None:
            return self._made
        if self._reading is None:
            self._reading = asyncio.ensure_future(first_changes(self._change_sets))
        return (await self._reading).get(revision) or FirstChanges()


@strawberry.type(description="One atomic change of the rule store; revisions count up by one.")
class ChangeSet:
    revision: int = strawberry.field(description="The revision that it made.")
    created_at: datetime = strawberry.field(description="When it was made.")
    actor: str = strawberry.field(description="Who made it: the name of the token.")
    reason: str | None = strawberry.field(description="Why, where it was said.")
    head: strawberry.Private[ChangeSetHead]
    shown: strawberry.Private[Changes]

    @strawberry.field(
        description="What it changed: the first 250 changes. changeCount says how many there are, and changesPage has all."
    )
    async def changes(self) -> list[RuleChange]:
        """The first changes."""
        return [RuleChange.of(each) for each in (await self.shown.of(self.revision)).known]

    @strawberry.field(
        description="Keys of settings whose rules it changed too and only a newer version can read: those among the first"
        " 250 changes. They are not among the changes."
    )
    async def unknown_settings(self) -> list[str]:
        """The settings that this version does not know."""
        return sorted((await self.shown.of(self.revision)).unknown)

    @strawberry.field(description="How many rules it changed.")
    async def change_count(self) -> int:
        """How many changes there are."""
        return await self.head.count()

    @strawberry.field(description="What it changed, in pages.")
    async def changes_page(self, first: First = 50, after: After = ABSENT) -> Connection[RuleChange]:
        """A page of the changes."""
        return connection(await change_page(self.head, first, given(after)), RuleChange.of)

    @classmethod
    def page(cls, found: Page[ChangeSetHead]) -> Connection["ChangeSet"]:
        """A page of change sets for the API."""
        shown = Changes(found.nodes)
        return connection(found, lambda head: cls._of(head, shown))

    @classmethod
    def one(cls, found: ChangeSetHead) -> "ChangeSet":
        """A change set of the history for the API."""
        return cls._of(found, Changes([found]))

    @classmethod
    def of(cls, value: change.ChangeSet) -> "ChangeSet":
        """A change set that was just made for the API."""
        number = len(value.changes)
        head = ChangeSetHead(
            value.revision, value.created_at, value.actor, value.reason, number, is_large=number > MOST_SHOWN
        )
        return cls._of(head, Changes([head], FirstChanges(list(value.changes[:MOST_SHOWN]))))

    @classmethod
    def _of(cls, head: ChangeSetHead, shown: Changes) -> "ChangeSet":
        return cls(
            revision=head.revision,
            created_at=head.created_at,
            actor=head.actor,
            reason=head.reason,
            head=head,
            shown=shown,
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
