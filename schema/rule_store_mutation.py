"""The writes of an admin."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.catalogue.source_items import SourceItemRow, remove_source_items, set_source_items
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.catalogue.stock_upserts import ChannelRow, LinkRow, StockRow, upsert_sales_channels, upsert_stocks
from resolvers.errors import Refused
from resolvers.rule_store.set_scope_rules import RulesOutcome, revert_change_set, set_scope_rules
from rules.calculator import StockStatus
from schema.change_set import ChangeSet, SetScopeRulesInput, SetScopeRulesPayload
from schema.context import Context, require_admin
from schema.errors import user_errors, warnings_of
from schema.given import ABSENT, given
from schema.source import SalesChannel, Source, Stock
from schema.upsert import (
    ProductInput,
    RemoveSourceItemsPayload,
    SalesChannelInput,
    SetSourceItemsPayload,
    SourceInput,
    SourceItemInput,
    SourceItemKeyInput,
    StockInput,
    UpsertProductsPayload,
    UpsertSalesChannelsPayload,
    UpsertSourcesPayload,
    UpsertStocksPayload,
)


@strawberry.type(description="What an admin changes.")
class RuleStoreMutation:
    @strawberry.mutation(description="Admin only. Set and remove rules, as one change set.")
    async def set_scope_rules(
        self,
        info: Info[Context, None],
        input: Annotated[SetScopeRulesInput, strawberry.argument(description="The change.")],  # noqa: A002
    ) -> SetScopeRulesPayload:
        """Change rules."""
        actor = require_admin(info)
        try:
            return _done(await set_scope_rules(input.request(actor)))
        except Refused as refused:
            return SetScopeRulesPayload(user_errors=user_errors(refused))

    @strawberry.mutation(
        description="Admin only. Writes a new change set that undoes that one; refused where a later change touched the same"
        " rules."
    )
    async def revert_change_set(
        self,
        info: Info[Context, None],
        revision: Annotated[int, strawberry.argument(description="The change set to undo.")],
        reason: Annotated[
            str | None, strawberry.argument(description="Kept in the history; left out: that it undoes that one.")
        ] = ABSENT,
    ) -> SetScopeRulesPayload:
        """Undo a change set."""
        actor = require_admin(info)
        try:
            return _done(await revert_change_set(revision, given(reason), actor))
        except Refused as refused:
            return SetScopeRulesPayload(user_errors=user_errors(refused))

    @strawberry.mutation(description="Admin only. Write sources.")
    async def upsert_sources(
        self,
        info: Info[Context, None],
        sources: Annotated[list[SourceInput], strawberry.argument(description="The sources.")],
    ) -> UpsertSourcesPayload:
        """Write sources."""
        require_admin(info)
        rows = [SourceRow(row.code, given(row.name), given(row.enabled)) for row in sources]
        try:
            written, advice = await upsert_sources(rows)
        except Refused as refused:
            return UpsertSourcesPayload(user_errors=user_errors(refused))
        return UpsertSourcesPayload(sources=[Source.of(source) for source in written], warnings=warnings_of(advice))

    @strawberry.mutation(description="Admin only. Write stocks and the sources that they pool.")
    async def upsert_stocks(
        self,
        info: Info[Context, None],
        stocks: Annotated[list[StockInput], strawberry.argument(description="The stocks.")],
    ) -> UpsertStocksPayload:
        """Write stocks."""
        require_admin(info)
        rows = []
        for row in stocks:
            links = given(row.sources)
            linked = None if links is None else [LinkRow(link.source, link.priority) for link in links]
            rows.append(StockRow(row.code, given(row.name), linked))
        try:
            written, advice = await upsert_stocks(rows)
        except Refused as refused:
            return UpsertStocksPayload(user_errors=user_errors(refused))
        return UpsertStocksPayload(stocks=[Stock.of(stock) for stock in written], warnings=warnings_of(advice))

    @strawberry.mutation(description="Admin only. Write sales channels.")
    async def upsert_sales_channels(
        self,
        info: Info[Context, None],
        sales_channels: Annotated[list[SalesChannelInput], strawberry.argument(description="The sales channels.")],
    ) -> UpsertSalesChannelsPayload:
        """Write sales channels."""
        require_admin(info)
        rows = [ChannelRow(row.code, given(row.name), given(row.stock)) for row in sales_channels]
        try:
            written, advice = await upsert_sales_channels(rows)
        except Refused as refused:
            return UpsertSalesChannelsPayload(user_errors=user_errors(refused))
        channels = [SalesChannel.of(channel) for channel in written]
        return UpsertSalesChannelsPayload(sales_channels=channels, warnings=warnings_of(advice))

    @strawberry.mutation(description="Admin only. Write products.")
    async def upsert_products(
        self,
        info: Info[Context, None],
        products: Annotated[list[ProductInput], strawberry.argument(description="The products.")],
    ) -> UpsertProductsPayload:
        """Write products."""
        require_admin(info)
        try:
            count, advice = await upsert_products([ProductRow(row.sku, given(row.name)) for row in products])
        except Refused as refused:
            return UpsertProductsPayload(user_errors=user_errors(refused))
        return UpsertProductsPayload(count=count, warnings=warnings_of(advice))

    @strawberry.mutation(description="Admin only. Write quantities and statuses of source items.")
    async def set_source_items(
        self,
        info: Info[Context, None],
        items: Annotated[list[SourceItemInput], strawberry.argument(description="The source items.")],
    ) -> SetSourceItemsPayload:
        """Write source items."""
        require_admin(info)
        rows = []
        for row in items:
            status = given(row.status)
            is_in_stock = None if status is None else status is StockStatus.IN_STOCK
            expected = given(row.expected_quantity)
            rows.append(SourceItemRow(row.source, row.sku, given(row.quantity), is_in_stock, expected))
        try:
            count, advice = await set_source_items(rows)
        except Refused as refused:
            return SetSourceItemsPayload(user_errors=user_errors(refused))
        return SetSourceItemsPayload(count=count, warnings=warnings_of(advice))

    @strawberry.mutation(description="Admin only. Remove source items.")
    async def remove_source_items(
        self,
        info: Info[Context, None],
        items: Annotated[list[SourceItemKeyInput], strawberry.argument(description="The source items.")],
    ) -> RemoveSourceItemsPayload:
        """Remove source items."""
        require_admin(info)
        try:
            count, advice = await remove_source_items([(row.source, row.sku) for row in items])
        except Refused as refused:
            return RemoveSourceItemsPayload(user_errors=user_errors(refused))
        return RemoveSourceItemsPayload(count=count, warnings=warnings_of(advice))


def _done(outcome: RulesOutcome) -> SetScopeRulesPayload:
    return SetScopeRulesPayload(
        change_set=ChangeSet.of(outcome.change_set) if outcome.change_set else None,
        scopes=outcome.scopes,
        warnings=warnings_of(outcome.advice),
    )
