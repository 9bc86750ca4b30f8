"""The reads of a warehouse and a service desk."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.orders import backorders, ledger, order_search, orders, source_selection
from schema.connection import Connection, connection
from schema.context import Context, require_orders
from schema.given import ABSENT, After, First, SalesChannelCode, given
from schema.ledger import ReservationInconsistency
from schema.order import Backorder, BackorderFilter, Order, OrderFilter, SourceSelection
from schema.order_call import OrderLineInput


@strawberry.type(description="What a warehouse and a service desk ask; role orders.")
class OrderQuery:
    @strawberry.field(description="Role orders. The order of a number; null where there is none.")
    async def order(
        self,
        info: Info[Context, None],
        number: Annotated[str, strawberry.argument(description="The shop's own order number.")],
    ) -> Order | None:
        """One order."""
        require_orders(info)
        found = await orders.order_by_number(number)
        return None if found is None else Order.of(found)

    @strawberry.field(
        description="Role orders. The orders, newest first. Where no index has all criteria of the filter, or it asks for"
        " shippingHold, a page looks at 1,000 orders at most: it may be short and yet have a next one."
    )
    async def orders(
        self,
        info: Info[Context, None],
        filter: Annotated[OrderFilter | None, strawberry.argument(description="Which orders.")] = ABSENT,  # noqa: A002
        first: First = 50,
        after: After = ABSENT,
    ) -> Connection[Order]:
        """The orders."""
        require_orders(info)
        asked = given(filter) or OrderFilter()
        criteria = order_search.OrderFilter(
            number=given(asked.number),
            sku=given(asked.sku),
            sales_channel=given(asked.sales_channel),
            status=given(asked.status),
            shipping_hold=given(asked.shipping_hold),
            placed_from=given(asked.placed_from),
            placed_until=given(asked.placed_until),
        )
        return connection(await orders.order_page(criteria, first, given(after), info.context.scans), Order.of)

    @strawberry.field(
        description="Role orders. The lines that wait for stock, the oldest placement first. Of all SKUs a page"
        f" looks at {backorders.SCAN_BUDGET:,} open lines at most, and the oldest are the covered ones: it may be short, or"
        " empty, and yet have a next one. Of one SKU it begins at the first line that waits."
    )
    async def backorders(
        self,
        info: Info[Context, None],
        filter: Annotated[BackorderFilter | None, strawberry.argument(description="Which lines.")] = ABSENT,  # noqa: A002
        first: First = 50,
        after: After = ABSENT,
    ) -> Connection[Backorder]:
        """The queue."""
        require_orders(info)
        asked = given(filter) or BackorderFilter()
        page = await backorders.backorder_page(
            given(asked.sku), given(asked.stock), first, given(after), info.context.scans
        )
        return connection(page, Backorder.of)

    @strawberry.field(
        description="Role orders. Where to ship from, by source priority: an order's shippable part, or the lines of a cart."
        " Exactly one of orderNumber and lines."
    )
    async def source_selection(
        self,
        info: Info[Context, None],
        order_number: Annotated[str | None, strawberry.argument(description="An order's number.")] = ABSENT,
        lines: Annotated[list[OrderLineInput] | None, strawberry.argument(description="The lines of a cart.")] = ABSENT,
        sales_channel: SalesChannelCode = ABSENT,
    ) -> SourceSelection:
        """Where to ship from."""
        require_orders(info)
        asked = given(lines)
        pairs = None if asked is None else [(line.sku, line.quantity) for line in asked]
        return SourceSelection.of(
            await source_selection.source_selection(given(order_number), pairs, given(sales_channel))
        )

    @strawberry.field(
        description="Role orders. Ledger sums that do not fit their orders; empty in a healthy store. A page looks at 1,000"
        " orders at most: it may be short, or empty, and yet have a next one; `salable ledger check` looks at all."
    )
    async def reservation_inconsistencies(
        self, info: Info[Context, None], first: First = 50, after: After = ABSENT
    ) -> Connection[ReservationInconsistency]:
        """What is wrong with the ledger."""
        require_orders(info)
        page = await ledger.inconsistency_page(first, given(after), info.context.scans)
        return connection(page, ReservationInconsistency.of)
