"""The writes of a checkout, a warehouse and a service desk; each is remembered by its idempotency key."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.errors import Refused
from resolvers.orders.order_changes import cancel_order, refund_order, ship_order
from resolvers.orders.order_lock import LineChange
from resolvers.orders.place_order import OrderRequest, Unsalable, place_order
from resolvers.orders.receive_stock import receive_stock
from schema.context import Context, require_orders
from schema.errors import user_errors, warnings_of
from schema.given import ABSENT, given
from schema.order import Order, Refund, Shipment
from schema.order_call import (
    BackorderNotice,
    OrderLineInput,
    OrderPayload,
    PlaceOrderInput,
    PlaceOrderPayload,
    ReceiptLineInput,
    ReceiveStockPayload,
    RefundLineInput,
    RefundOrderPayload,
    ShipmentLineInput,
    ShipOrderPayload,
)
from schema.salability import Salability
from schema.source import SourceItem

Number = Annotated[str, strawberry.argument(description="The order's number.")]
Key = Annotated[
    str,
    strawberry.argument(
        name="idempotencyKey",
        description="A retry with the key and input of a call that took effect does nothing again.",
    ),
]


@strawberry.type(description="What a checkout, a warehouse and a service desk change; role orders.")
class OrderMutation:
    @strawberry.mutation(description="Role orders. Check, reserve and place an order, whole or not at all.")
    async def place_order(
        self,
        info: Info[Context, None],
        input: Annotated[PlaceOrderInput, strawberry.argument(description="The order.")],  # noqa: A002
    ) -> PlaceOrderPayload:
        """Place an order."""
        require_orders(info)
        lines = [(line.sku, line.quantity) for line in input.lines]
        customer = given(input.customer_email), given(input.locale)
        request = OrderRequest(input.number, given(input.sales_channel), lines, input.idempotency_key, *customer)
        try:
            placed = await place_order(request)
        except Unsalable as refused:
            unsalable = [Salability.of(answer) for answer in refused.lines]
            return PlaceOrderPayload(unsalable=unsalable, user_errors=user_errors(refused))
        except Refused as refused:
            return PlaceOrderPayload(user_errors=user_errors(refused))
        notices = [
            BackorderNotice(sku=each.sku, backordered_qty=each.backordered, message=each.message)
            for each in placed.notices
        ]
        return PlaceOrderPayload(order=Order.of(placed.order), notices=notices)

    @strawberry.mutation(description="Role orders. Cancel open units; without lines: all that is open.")
    async def cancel_order(
        self,
        info: Info[Context, None],
        number: Number,
        idempotency_key: Key,
        lines: Annotated[
            list[OrderLineInput] | None, strawberry.argument(description="What to cancel; left out: all that is open.")
        ] = ABSENT,
    ) -> OrderPayload:
        """Cancel open units."""
        require_orders(info)
        asked = given(lines)
        changes = None if asked is None else [LineChange(line.sku, line.quantity) for line in asked]
        try:
            return OrderPayload(order=Order.of((await cancel_order(number, changes, idempotency_key)).order))
        except Refused as refused:
            return OrderPayload(user_errors=user_errors(refused))

    @strawberry.mutation(description="Role orders. Ship what may ship, from the sources that are named.")
    async def ship_order(
        self,
        info: Info[Context, None],
        number: Number,
        lines: Annotated[list[ShipmentLineInput], strawberry.argument(description="What leaves, and from where.")],
        idempotency_key: Key,
    ) -> ShipOrderPayload:
        """Ship."""
        require_orders(info)
        changes = [LineChange(line.sku, line.quantity, given(line.source)) for line in lines]
        try:
            changed = await ship_order(number, changes, idempotency_key)
        except Refused as refused:
            return ShipOrderPayload(user_errors=user_errors(refused))
        shipment = Shipment.of(changed.movement) if changed.movement else None
        return ShipOrderPayload(order=Order.of(changed.order), shipment=shipment)

    @strawberry.mutation(description="Role orders. Shipped units only; open units are canceled instead.")
    async def refund_order(
        self,
        info: Info[Context, None],
        number: Number,
        lines: Annotated[list[RefundLineInput], strawberry.argument(description="What is refunded.")],
        idempotency_key: Key,
    ) -> RefundOrderPayload:
        """Refund shipped units."""
        require_orders(info)
        changes = [LineChange(line.sku, line.quantity, given(line.return_to_source)) for line in lines]
        try:
            changed = await refund_order(number, changes, idempotency_key)
        except Refused as refused:
            return RefundOrderPayload(user_errors=user_errors(refused))
        refund = Refund.of(changed.movement) if changed.movement else None
        return RefundOrderPayload(order=Order.of(changed.order), refund=refund)

    @strawberry.mutation(description="Role orders. Goods that arrive raise source items and free lines that wait.")
    async def receive_stock(
        self,
        info: Info[Context, None],
        source: Annotated[str, strawberry.argument(description="The source's code.")],
        lines: Annotated[list[ReceiptLineInput], strawberry.argument(description="What has arrived.")],
        idempotency_key: Key,
    ) -> ReceiveStockPayload:
        """Receive goods."""
        require_orders(info)
        try:
            received = await receive_stock(source, [(line.sku, line.quantity) for line in lines], idempotency_key)
        except Refused as refused:
            return ReceiveStockPayload(user_errors=user_errors(refused))
        return ReceiveStockPayload(
            source_items=[SourceItem.of(item) for item in received.source_items],
            freed=received.released,
            freed_count=received.released_count,
            warnings=warnings_of(received.advice),
        )
