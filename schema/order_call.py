"""The inputs and payloads of the calls that place and change orders."""

from collections.abc import Sequence
from decimal import Decimal

import strawberry

from resolvers.covered_lines import Released
from resolvers.pages import LARGEST_PAGE, numbered, page_request
from schema.connection import Connection, connection
from schema.errors import UserError, Warning  # noqa: A004  # the name of the API's type
from schema.given import ABSENT, After, First, given
from schema.order import Order, Refund, ReleasedLine, Shipment
from schema.salability import Salability
from schema.source import SourceItem

_WHY = "Why nothing was written; empty where it was."
_NOW = "The order as it is now; null where the call was refused."


@strawberry.input(description="A quantity of one SKU.")
class OrderLineInput:
    sku: str = strawberry.field(description="The product's SKU.")
    quantity: Decimal = strawberry.field(description="How many; above 0.")


@strawberry.input(description="An order to place.")
class PlaceOrderInput:
    number: str = strawberry.field(description="The shop's own order number; unique.")
    sales_channel: str | None = strawberry.field(
        default=ABSENT, description="The code of a sales channel; left out: the default one."
    )
    lines: list[OrderLineInput] = strawberry.field(description="What to order; lines of one SKU become one.")
    idempotency_key: str = strawberry.field(
        description="A retry with the key and input of a call that took effect returns what that call did; with other input"
        " it is refused with IDEMPOTENCY_KEY_REUSED. A refused call is not remembered."
    )
    customer_email: str | None = strawberry.field(
        default=ABSENT,
        description="Where the customer is told what comes late, and when it is there; left out: the customer is not told.",
    )
    locale: str | None = strawberry.field(
        default=ABSENT, description='The language of what the customer is told, as a tag of BCP 47 such as "de-AT".'
    )


@strawberry.input(description="What to ship.")
class ShipmentLineInput:
    sku: str = strawberry.field(description="The product's SKU.")
    quantity: Decimal = strawberry.field(description="How many; above 0.")
    source: str | None = strawberry.field(default=ABSENT, description="Needed where stock is managed.")


@strawberry.input(description="What to refund.")
class RefundLineInput:
    sku: str = strawberry.field(description="The product's SKU.")
    quantity: Decimal = strawberry.field(description="How many; above 0.")
    return_to_source: str | None = strawberry.field(
        default=ABSENT,
        description="Where the goods go back to; left out: not returned to stock. Units that no shipment took from an item"
        " raise none: a line that goes back in part becomes two.",
    )


@strawberry.input(description="What has arrived.")
class ReceiptLineInput:
    sku: str = strawberry.field(description="The product's SKU.")
    quantity: Decimal = strawberry.field(description="How many; above 0.")


@strawberry.type(description="What the customer is told about one SKU.")
class BackorderNotice:
    sku: str = strawberry.field(description="The product's SKU.")
    backordered_qty: Decimal = strawberry.field(description="The part that is late.")
    message: str = strawberry.field(description="The sentence.")


@strawberry.type(description="What placeOrder did.")
class PlaceOrderPayload:
    order: Order | None = strawberry.field(
        default=None, description="Null where nothing was placed: an order is placed whole or not at all."
    )
    notices: list[BackorderNotice] = strawberry.field(
        default_factory=list, description="What ALLOW_AND_NOTIFY tells the customer."
    )
    unsalable: list[Salability] = strawberry.field(
        default_factory=list, description="One per line that could not be sold, with what could be."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What cancelOrder did.")
class OrderPayload:
    order: Order | None = strawberry.field(default=None, description=_NOW)
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What shipOrder did.")
class ShipOrderPayload:
    order: Order | None = strawberry.field(default=None, description=_NOW)
    shipment: Shipment | None = strawberry.field(default=None, description="The shipment of this call.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What refundOrder did.")
class RefundOrderPayload:
    order: Order | None = strawberry.field(default=None, description=_NOW)
    refund: Refund | None = strawberry.field(default=None, description="The refund of this call.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What receiveStock did.")
class ReceiveStockPayload:
    source_items: list[SourceItem] = strawberry.field(default_factory=list, description="The items as they are now.")
    freed: strawberry.Private[Sequence[Released]] = ()
    freed_count: strawberry.Private[int] = 0

    @strawberry.field(
        description="The lines that this freed, oldest first: the first 250. releasedCount says how many there are, and"
        " releasedPage has the first 1,000."
    )
    def released(self) -> list[ReleasedLine]:
        """The first freed lines."""
        return [ReleasedLine.of(line) for line in self.freed[:LARGEST_PAGE]]

    @strawberry.field(description="How many lines this freed.")
    def released_count(self) -> int:
        """How many freed lines there are."""
        return self.freed_count

    @strawberry.field(
        description="The lines that this freed, oldest first, in pages, up to 1,000: the same call with the same key does"
        " nothing again, and answers the page that it asks for. What each line hears of it is told by backorder.freed."
    )
    def released_page(self, first: First = 50, after: After = ABSENT) -> Connection[ReleasedLine]:
        """A page of the freed lines."""
        return connection(numbered(self.freed, page_request(first, given(after), (int,))), ReleasedLine.of)

    warnings: list[Warning] = strawberry.field(default_factory=list, description="What may not have been meant.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)
