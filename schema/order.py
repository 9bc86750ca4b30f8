"""Orders, the queue of backorders, and where to ship from."""

from datetime import datetime
from decimal import Decimal

import strawberry

from resolvers.covered_lines import Released
from resolvers.orders import backorders, orders, receive_stock, source_selection
from rules.order import OrderStatus, PaymentStatus
from schema.given import ABSENT


@strawberry.type(description="One SKU of an order.")
class OrderLine:
    id: strawberry.ID = strawberry.field(description="The line's id.")
    sku: str = strawberry.field(description="The product's SKU.")
    ordered_qty: Decimal = strawberry.field(description="What was ordered.")
    open_qty: Decimal = strawberry.field(description="Ordered, neither shipped nor canceled.")
    backordered_qty_at_placement: Decimal = strawberry.field(
        description="The part that had to wait when the order was placed."
    )
    backordered_qty: Decimal = strawberry.field(
        description="The part that waits for stock now; it falls as stock arrives, oldest order first."
    )
    shippable_qty: Decimal = strawberry.field(description="What may ship now.")
    shipped_qty: Decimal = strawberry.field(description="What has shipped.")
    canceled_qty: Decimal = strawberry.field(description="What was canceled before it shipped.")
    refunded_qty: Decimal = strawberry.field(description="Of the shipped units.")

    @classmethod
    def of(cls, line: orders.OrderLine) -> "OrderLine":
        """A line for the API."""
        return cls(
            id=strawberry.ID(str(line.id)),
            sku=line.sku,
            ordered_qty=line.units.ordered,
            open_qty=line.units.open,
            backordered_qty_at_placement=line.late_at_placement,
            backordered_qty=line.coverage.waiting,
            shippable_qty=line.coverage.shippable,
            shipped_qty=line.units.shipped,
            canceled_qty=line.units.canceled,
            refunded_qty=line.units.refunded,
        )


@strawberry.type(description="One SKU of a shipment.")
class ShipmentLine:
    sku: str = strawberry.field(description="The product's SKU.")
    quantity: Decimal = strawberry.field(description="What left.")
    source: str | None = strawberry.field(description="Null where no units were taken from an item.")


@strawberry.type(description="What left at one time.")
class Shipment:
    id: strawberry.ID = strawberry.field(description="The shipment's id.")
    created_at: datetime = strawberry.field(description="When it left.")
    lines: list[ShipmentLine] = strawberry.field(description="What left.")

    @classmethod
    def of(cls, movement: orders.Movement) -> "Shipment":
        """A shipment for the API."""
        lines = [ShipmentLine(sku=each.sku, quantity=each.quantity, source=each.source) for each in movement.lines]
        return cls(id=strawberry.ID(str(movement.id)), created_at=movement.created_at, lines=lines)


@strawberry.type(description="One SKU of a refund.")
class RefundLine:
    sku: str = strawberry.field(description="The product's SKU.")
    quantity: Decimal = strawberry.field(description="What was refunded.")
    returned_to_source: str | None = strawberry.field(description="Null where no item was raised.")


@strawberry.type(description="What was paid back at one time.")
class Refund:
    id: strawberry.ID = strawberry.field(description="The refund's id.")
    created_at: datetime = strawberry.field(description="When it was made.")
    lines: list[RefundLine] = strawberry.field(description="What was refunded.")

    @classmethod
    def of(cls, movement: orders.Movement) -> "Refund":
        """A refund for the API."""
        lines = [
            RefundLine(sku=each.sku, quantity=each.quantity, returned_to_source=each.source) for each in movement.lines
        ]
        return cls(id=strawberry.ID(str(movement.id)), created_at=movement.created_at, lines=lines)


@strawberry.type(description="An order as it is now.")
class Order:
    number: str = strawberry.field(description="The shop's own order number.")
    sales_channel: str = strawberry.field(description="The sales channel that it came through.")
    stock: str = strawberry.field(description="The stock that its sales channel had when it was placed.")
    status: OrderStatus = strawberry.field(description="A backorder does not change it.")
    payment_status: PaymentStatus = strawberry.field(
        description="Funds are captured when the order is placed, backordered or not."
    )
    shipping_hold: bool = strawberry.field(description="True while any line waits for stock.")
    placed_at: datetime = strawberry.field(description="When it was placed.")
    lines: list[OrderLine] = strawberry.field(description="One line per SKU.")
    shipments: list[Shipment] = strawberry.field(description="What has left, oldest first.")
    refunds: list[Refund] = strawberry.field(description="What was paid back, oldest first.")

    @classmethod
    def of(cls, order: orders.Order) -> "Order":
        """An order for the API."""
        return cls(
            number=order.number,
            sales_channel=order.sales_channel,
            stock=order.stock,
            status=order.status,
            payment_status=order.payment_status,
            shipping_hold=order.is_on_hold,
            placed_at=order.placed_at,
            lines=[OrderLine.of(line) for line in order.lines],
            shipments=[Shipment.of(each) for each in order.shipments],
            refunds=[Refund.of(each) for each in order.refunds],
        )


@strawberry.type(description="A line that waits for stock; the oldest is served first.")
class Backorder:
    order_number: str = strawberry.field(description="Its order.")
    sku: str = strawberry.field(description="The product's SKU.")
    stock: str = strawberry.field(description="The stock that it waits for.")
    sales_channel: str = strawberry.field(description="The sales channel that its order came through.")
    waiting_qty: Decimal = strawberry.field(description="The part that waits.")
    placed_at: datetime = strawberry.field(description="When its order was placed.")
    position: int = strawberry.field(description="Its place in the queue of its SKU and stock, from 1.")

    @classmethod
    def of(cls, line: backorders.Backorder) -> "Backorder":
        """A waiting line for the API."""
        return cls(
            order_number=line.order_number,
            sku=line.sku,
            stock=line.stock,
            sales_channel=line.sales_channel,
            waiting_qty=line.waiting,
            placed_at=line.placed_at,
            position=line.position,
        )


@strawberry.type(description="A line that now has more covered than before.")
class ReleasedLine:
    order_number: str = strawberry.field(description="Its order.")
    sku: str = strawberry.field(description="The product's SKU.")
    stock: str = strawberry.field(description="The stock that it waited for.")
    released_qty: Decimal = strawberry.field(description="What is covered now and was not before.")
    waiting_qty: Decimal = strawberry.field(description="What still waits.")
    placed_at: datetime = strawberry.field(description="When its order was placed.")

    @classmethod
    def of(cls, line: Released) -> "ReleasedLine":
        """A freed line for the API."""
        return cls(
            order_number=line.order_number,
            sku=line.sku,
            stock=line.stock,
            released_qty=line.released,
            waiting_qty=line.waiting,
            placed_at=receive_stock.instant_of(line),
        )


@strawberry.type(description="What to take from one source.")
class SourceSelectionItem:
    sku: str = strawberry.field(description="The product's SKU.")
    source: str = strawberry.field(description="The source's code.")
    quantity: Decimal = strawberry.field(description="What to take there.")


@strawberry.type(description="A proposal where to ship from; nothing is held.")
class SourceSelection:
    shippable: bool = strawberry.field(description="Whether that is all that is needed; false where nothing may ship.")
    items: list[SourceSelectionItem] = strawberry.field(description="What to take where, by source priority.")

    @classmethod
    def of(cls, found: source_selection.Selection) -> "SourceSelection":
        """A selection for the API."""
        items = [SourceSelectionItem(sku=sku, source=source, quantity=part) for sku, source, part in found.items]
        return cls(shippable=found.is_shippable, items=items)


@strawberry.input(description="Which orders; what is left out does not matter, and all that is given must hold.")
class OrderFilter:
    shipping_hold: bool | None = strawberry.field(default=ABSENT, description="Orders that wait, or do not.")
    status: OrderStatus | None = strawberry.field(default=ABSENT, description="Orders of this status.")
    sku: str | None = strawberry.field(default=ABSENT, description="Orders with this SKU.")
    sales_channel: str | None = strawberry.field(default=ABSENT, description="Orders through this sales channel.")
    number: str | None = strawberry.field(default=ABSENT, description="The order of this number.")
    placed_from: datetime | None = strawberry.field(
        default=ABSENT, description="Orders placed at this instant or later."
    )
    placed_until: datetime | None = strawberry.field(default=ABSENT, description="Orders placed before this instant.")


@strawberry.input(description="Which waiting lines; what is left out does not matter.")
class BackorderFilter:
    sku: str | None = strawberry.field(default=ABSENT, description="Lines of this SKU.")
    stock: str | None = strawberry.field(default=ABSENT, description="Lines that wait for this stock.")
