"""Low stock."""

from decimal import Decimal

import strawberry

from resolvers.availability import low_stock
from schema.given import ABSENT
from schema.scope_rule import EffectiveSetting


@strawberry.type(description="A source item at or below its notify quantity.")
class LowStockItem:
    sku: str = strawberry.field(description="The product's SKU.")
    source: str = strawberry.field(description="The source's code.")
    quantity: Decimal = strawberry.field(description="The quantity on hand there.")
    notify_for_quantity_below: EffectiveSetting = strawberry.field(
        description="The notify quantity, walked for this source, and where it comes from."
    )

    @classmethod
    def of(cls, item: low_stock.LowStockItem) -> "LowStockItem":
        """A low item for the API."""
        notify = EffectiveSetting.of(item.notify_for_quantity_below)
        return cls(sku=item.sku, source=item.source, quantity=item.quantity, notify_for_quantity_below=notify)


@strawberry.input(description="Which low items; what is left out does not matter.")
class LowStockFilter:
    source: str | None = strawberry.field(default=ABSENT, description="Items at this source.")
    sku: str | None = strawberry.field(default=ABSENT, description="Items of this product.")
