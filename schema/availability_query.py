"""The reads of a storefront: products, and whether a cart can be bought."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.availability import product_list, products
from schema.connection import Connection, connection
from schema.context import Context, is_admin, require_admin
from schema.given import ABSENT, After, First, SalesChannelCode, given
from schema.product import Product, ProductFilter
from schema.salability import Salability, SalabilityRequest

AsOf = Annotated[
    datetime | None,
    strawberry.argument(
        name="asOf",
        description="Admin only. Answer with the rules of this instant and today's quantities; left out: now.",
    ),
]


def _instant(info: Info[Context, None], as_of: datetime | None) -> datetime | None:
    if given(as_of) is not None:
        require_admin(info)
    return given(as_of)


@strawberry.type(description="What a storefront asks.")
class AvailabilityQuery:
    @strawberry.field(
        description="One product; null where no product has the SKU. Without salesChannel, the default sales channel."
    )
    async def product(
        self,
        info: Info[Context, None],
        sku: Annotated[str, strawberry.argument(description="The product's SKU.")],
        sales_channel: SalesChannelCode = ABSENT,
        as_of: AsOf = ABSENT,
    ) -> Product | None:
        """One product."""
        instant = _instant(info, as_of)
        found = await products.products_by_sku([sku], given(sales_channel), all_items=is_admin(info), as_of=instant)
        return Product.of_all(found)[0]

    @strawberry.field(
        description="The products of these SKUs, in the order asked, null where there is none; at most 500 SKUs."
    )
    async def products_by_sku(
        self,
        info: Info[Context, None],
        skus: Annotated[list[str], strawberry.argument(description="The SKUs; at most 500.")],
        sales_channel: SalesChannelCode = ABSENT,
        as_of: AsOf = ABSENT,
    ) -> list[Product | None]:
        """Several products."""
        instant = _instant(info, as_of)
        found = await products.products_by_sku(skus, given(sales_channel), all_items=is_admin(info), as_of=instant)
        return Product.of_all(found)

    @strawberry.field(
        description="The catalogue in pages, by SKU. Under a filter by stockStatus or availability a page looks at"
        f" {product_list.SCAN_BUDGET:,} products at most: it may be short, or empty, and yet have a next one."
    )
    async def products(  # noqa: PLR0917  # the arguments of the contract
        self,
        info: Info[Context, None],
        filter: Annotated[ProductFilter | None, strawberry.argument(description="Which products.")] = ABSENT,  # noqa: A002
        first: First = 50,
        after: After = ABSENT,
        sales_channel: SalesChannelCode = ABSENT,
        as_of: AsOf = ABSENT,
    ) -> Connection[Product]:
        """The catalogue."""
        instant = _instant(info, as_of)
        asked = given(filter)
        if asked is not None and asked.tells_of_sources:
            require_admin(info)
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
            criteria,
            first,
            given(after),
            given(sales_channel),
            is_admin=is_admin(info),
            as_of=instant,
            scans=info.context.scans,
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
