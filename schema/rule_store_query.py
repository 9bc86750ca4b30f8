"""The reads of an admin: settings, rules, their history and their preview, sources, stocks and sales channels."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.availability import low_stock
from resolvers.catalogue import source_items, sources, stocks
from resolvers.errors import Refused
from resolvers.rule_store import change_sets, preview, scope_rules, scope_settings
from resolvers.rules_in_force import current_revision
from rules.setting import CATALOGUE
from schema.change_set import ChangeSet, SetScopeRulesInput
from schema.connection import Connection, connection
from schema.context import Context, require_admin
from schema.given import ABSENT, After, First, given
from schema.low_stock import LowStockFilter, LowStockItem
from schema.preview import RulesPreview
from schema.scope_rule import ScopeInput, ScopeRule, ScopeRuleFilter
from schema.setting import ScopeSettings, SettingDefinition
from schema.source import SalesChannel, Source, SourceFilter, SourceItem, SourceItemFilter, Stock


@strawberry.type(description="What an admin asks.")
class RuleStoreQuery:
    @strawberry.field(description="Admin only. Every setting that there is, in the order of SettingKey.")
    def setting_definitions(self, info: Info[Context, None]) -> list[SettingDefinition]:
        """The catalogue of settings."""
        require_admin(info)
        return [SettingDefinition.of(setting) for setting in CATALOGUE.values()]

    @strawberry.field(
        description="Admin only. The settings of one scope. Null where the scope names an unknown source or product."
    )
    async def scope_settings(
        self,
        info: Info[Context, None],
        scope: Annotated[ScopeInput, strawberry.argument(description="The scope.")],
    ) -> ScopeSettings | None:
        """The form of one scope."""
        require_admin(info)
        found = await scope_settings.scope_settings(scope.type, given(scope.source), given(scope.sku))
        return None if found is None else ScopeSettings.of(found)

    @strawberry.field(description="Admin only. The rules, in the order in which they were first set.")
    async def scope_rules(
        self,
        info: Info[Context, None],
        filter: Annotated[ScopeRuleFilter | None, strawberry.argument(description="Which rules.")] = ABSENT,  # noqa: A002
        first: First = 50,
        after: After = ABSENT,
    ) -> Connection[ScopeRule]:
        """The rules."""
        require_admin(info)
        asked = given(filter)
        criteria = scope_rules.ScopeRuleFilter()
        if asked is not None:
            criteria = scope_rules.ScopeRuleFilter(
                scope_type=given(asked.scope_type),
                source=given(asked.source),
                sku=given(asked.sku),
                setting=given(asked.setting),
                at=given(asked.at),
                is_scheduled=given(asked.scheduled),
            )
        return connection(await scope_rules.scope_rule_page(criteria, first, given(after)), ScopeRule.of)

    @strawberry.field(
        description="Admin only. The history of the rules, newest first; never altered. Large change sets make a page"
        " short, and yet it has a next one."
    )
    async def change_sets(
        self,
        info: Info[Context, None],
        scope: Annotated[
            ScopeInput | None, strawberry.argument(description="Only those that changed a rule at this scope.")
        ] = ABSENT,
        first: First = 50,
        after: After = ABSENT,
    ) -> Connection[ChangeSet]:
        """The history."""
        require_admin(info)
        asked = given(scope)
        criteria = None if asked is None else (asked.type, given(asked.source), given(asked.sku))
        return ChangeSet.page(await change_sets.change_set_page(criteria, first, given(after)))

    @strawberry.field(description="Admin only. The change set that made a revision; null where there is none.")
    async def change_set(
        self,
        info: Info[Context, None],
        revision: Annotated[int, strawberry.argument(description="The revision.")],
    ) -> ChangeSet | None:
        """One entry of the history."""
        require_admin(info)
        found = await change_sets.change_set_of(revision)
        return None if found is None else ChangeSet.one(found)

    @strawberry.field(
        description="Admin only. What a change would do to every product that it can reach, at the later of now and its"
        " start, with today's quantities. Nothing is written."
    )
    async def preview_scope_rules(
        self,
        info: Info[Context, None],
        input: Annotated[SetScopeRulesInput, strawberry.argument(description="The change.")],  # noqa: A002
    ) -> RulesPreview:
        """What a change would do."""
        actor = require_admin(info)
        try:
            return RulesPreview.of(await preview.preview_scope_rules(input.request(actor)))
        except Refused as refused:
            return RulesPreview.refused(await current_revision(), refused)

    @strawberry.field(
        description="Admin only. The source items at or below their notify quantity, by SKU and source. A page looks at"
        f" {low_stock.SCAN_BUDGET:,} items at most: it may be short and yet have a next one."
    )
    async def low_stock(
        self,
        info: Info[Context, None],
        filter: Annotated[LowStockFilter | None, strawberry.argument(description="Which items.")] = ABSENT,  # noqa: A002
        first: First = 50,
        after: After = ABSENT,
    ) -> Connection[LowStockItem]:
        """The low items."""
        require_admin(info)
        asked = given(filter) or LowStockFilter()
        page = await low_stock.low_stock_page(
            given(asked.source), given(asked.sku), first, given(after), info.context.scans
        )
        return connection(page, LowStockItem.of)

    @strawberry.field(description="Admin only. The sources, by code.")
    async def sources(
        self,
        info: Info[Context, None],
        filter: Annotated[SourceFilter | None, strawberry.argument(description="Which sources.")] = ABSENT,  # noqa: A002
        first: First = 50,
        after: After = ABSENT,
    ) -> Connection[Source]:
        """The sources."""
        require_admin(info)
        asked = given(filter) or SourceFilter()
        page = await sources.source_page(first, given(after), search=given(asked.search), enabled=given(asked.enabled))
        return connection(page, Source.of)

    @strawberry.field(description="Admin only. The source items, by SKU and source.")
    async def source_items(
        self,
        info: Info[Context, None],
        filter: Annotated[SourceItemFilter | None, strawberry.argument(description="Which items.")] = ABSENT,  # noqa: A002
        first: First = 50,
        after: After = ABSENT,
    ) -> Connection[SourceItem]:
        """The source items."""
        require_admin(info)
        asked = given(filter) or SourceItemFilter()
        page = await source_items.source_item_page(
            given(asked.source), given(asked.sku), given(asked.status), first, given(after)
        )
        return connection(page, SourceItem.of)

    @strawberry.field(description="Admin only. The stocks, by code.")
    async def stocks(self, info: Info[Context, None], first: First = 50, after: After = ABSENT) -> Connection[Stock]:
        """The stocks."""
        require_admin(info)
        return connection(await stocks.stock_page(first, given(after)), Stock.of)

    @strawberry.field(description="Admin only. The sales channels, by code.")
    async def sales_channels(
        self, info: Info[Context, None], first: First = 50, after: After = ABSENT
    ) -> Connection[SalesChannel]:
        """The sales channels."""
        require_admin(info)
        return connection(await stocks.channel_page(first, given(after)), SalesChannel.of)
