"""The health of the ledger."""

from decimal import Decimal

import strawberry

from resolvers.orders import ledger


@strawberry.type(description="A ledger sum that is not minus the open reserved units of its order.")
class ReservationInconsistency:
    order_number: str = strawberry.field(description="The order.")
    sku: str = strawberry.field(description="The product's SKU.")
    stock: str = strawberry.field(description="The stock.")
    expected: Decimal = strawberry.field(description="Minus the open reserved units.")
    actual: Decimal = strawberry.field(description="What the ledger adds up to.")

    @classmethod
    def of(cls, found: ledger.Inconsistency) -> "ReservationInconsistency":
        """An inconsistency for the API."""
        return cls(
            order_number=found.order_number,
            sku=found.sku,
            stock=found.stock,
            expected=found.expected,
            actual=found.actual,
        )
