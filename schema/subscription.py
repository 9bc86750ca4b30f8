"""The root of what is told as it happens, over WebSocket (graphql-transport-ws)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.availability import live
from resolvers.availability.products import ProductView
from schema.context import Context, is_admin
from schema.given import ABSENT, SalesChannelCode, given
from schema.product import Product


@strawberry.type(description="What is told as it happens, over WebSocket by the protocol graphql-transport-ws.")
class Subscription:
    @strawberry.subscription(
        description="Products as they are: each one at once, and again whenever anything of it has changed that you may"
        " see. Who reads slowly gets the latest state of a product, not all of them. SKUs of no product are waited for."
    )
    async def stock_changed(
        self,
        info: Info[Context, None],
        skus: Annotated[list[str], strawberry.argument(description="The SKUs; 1 to 500.")],
        sales_channel: SalesChannelCode = ABSENT,
    ) -> AsyncGenerator[Product, None]:
        """Products as they change."""
        views = await live.changes_of(
            skus, given(sales_channel), is_admin=is_admin(info), allowance=info.context.allowance
        )
        return _products(views)


async def _products(views: AsyncGenerator[ProductView, None]) -> AsyncGenerator[Product, None]:
    async with aclosing(views):
        async for view in views:
            yield Product.of(view)
