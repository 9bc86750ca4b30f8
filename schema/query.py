"""The root of all reads."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers import product_list, products, scope_rules, scope_settings, source_items, sources, stocks
from rules.setting import CATALOGUE
from schema.connection import Connection, connection
from schema.context import Context, is_admin, require_admin
from schema.given import ABSENT, After, First, SalesChannelCode, given
from schema.product import Product, ProductFilter
from schema.salability import Salability, SalabilityRequest
from schema.scope_rule import ScopeInput, ScopeRule, ScopeRuleFilter
from schema.setting import ScopeSettings, SettingDefinition
from schema.source import SalesChannel, Source, SourceFilter, SourceItem, SourceItemFilter, Stock


@strawberry.type(
    description="Reads. An unknown sales channel, a page size outside 1 to 250 or too many SKUs is a request error with"
    " extensions.code. Cursors are keys: inserts neither skip nor repeat rows."
)
class Query:
    @strawberry.field(
        description="One product; null where no product has the SKU. Without salesChannel, the default sales channel."
    )
    async def product(
        self,
        info: Info[Context, None],
        sku: Annotated[str, strawberry.argument(description="The product's SKU.")],
        sales_channel: SalesChannelCode = ABSENT,
    ) -> Product | None:
        """One product."""
        found = await products.products_by_sku([sku], given(sales_channel), all_items=is_admin(info))
        return Product.of_all(found)[0]

    @strawberry.field(
        description="The products of these SKUs, in the order asked, null where there is none; at most 500 SKUs."
    )
    async def products_by_sku(
        self,
        info: Info[Context, None],
        skus: Annotated[list[str], strawberry.argument(description="The SKUs; at most 500.")],
        sales_channel: SalesChannelCode = ABSENT,
    ) -> list[Product | None]:
        """Several products."""
        return Product.of_all(await products.products_by_sku(skus, given(sales_channel), all_items=is_admin(info)))

    @strawberry.field(
        description="The catalogue in pages, by SKU. Under a filter by stockStatus or availability a page looks at 5,000"
        " products at most: it may be short, or empty, and yet have a next one."
    )
    async def products(
        self,
        info: Info[Context, None],
        filter: Annotated[ProductFilter | None, strawberry.argument(description="Which products.")] = ABSENT,  # noqa: A002
        first: First = 50,
        after: After = ABSENT,
        sales_channel: SalesChannelCode = ABSENT,
    ) -> Connection[Product]:
        """The catalogue."""
        asked = given(filter)
        criteria = product_list.ProductFilter()
        if asked is not None:
            criteria = product_list.ProductFilter(
                skus=given(asked.skus),
                search=given(asked.search),
                stock_status=given(asked.stock_status),
                availability=given(asked.availability),
                source=given(asked.source),
                assigned=given(asked.assigned),
            )
        page = await product_list.product_page(
            criteria, first, given(after), given(sales_channel), is_admin=is_admin(info)
        )
        return connection(page, Product.of)

    @strawberry.field(
        description="A cart checked as a whole: lines of one SKU are added up before they are judged. One answer a line,"
        " in order."
    )
    async def salability(
        self,
        items: Annotated[
            list[SalabilityRequest], strawberry.argument(description="The lines; at most 1,000, of 500 SKUs.")
        ],
        sales_channel: SalesChannelCode = ABSENT,
    ) -> list[Salability]:
        """A cart."""
        lines = [(item.sku, item.quantity) for item in items]
        return [Salability.of(answer) for answer in await products.salability_of(lines, given(sales_channel))]

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
            )
        return connection(await scope_rules.scope_rule_page(criteria, first, given(after)), ScopeRule.of)

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
