"""What a change of rules would do."""

from decimal import Decimal

import strawberry

from resolvers.errors import Refused
from resolvers.rule_store import preview
from rules import impact
from rules.calculator import AvailabilityKind, StockStatus
from rules.quantity import ZERO
from schema.errors import UserError, Warning, user_errors, warnings_of  # noqa: A004  # the name of the API's type
from schema.product import BackorderLimit


@strawberry.type(description="What a change can change of a product in a sales channel.")
class ProductState:
    salable_qty: Decimal | None = strawberry.field(description="The salable quantity; null where stock is not managed.")
    stock_status: StockStatus = strawberry.field(description="Whether anything can be sold.")
    availability: AvailabilityKind = strawberry.field(description="What a product page can say.")
    backorder_limit: BackorderLimit = strawberry.field(description="How far below zero orders may go.")

    @classmethod
    def of(cls, state: impact.ProductState) -> "ProductState":
        """A state for the API."""
        return cls(
            salable_qty=state.salable_qty,
            stock_status=state.stock_status,
            availability=state.kind,
            backorder_limit=BackorderLimit(kind=state.limit_kind, quantity=state.limit),
        )


@strawberry.type(description="A product in a sales channel whose state would differ.")
class ProductImpact:
    sku: str = strawberry.field(description="The product's SKU.")
    sales_channel: str = strawberry.field(description="The sales channel's code.")
    before: ProductState = strawberry.field(description="Its state without the change.")
    after: ProductState = strawberry.field(description="Its state with the change.")

    @classmethod
    def of(cls, value: impact.ProductImpact) -> "ProductImpact":
        """An impact for the API."""
        before, after = ProductState.of(value.before), ProductState.of(value.after)
        return cls(sku=value.sku, sales_channel=value.sales_channel, before=before, after=after)


@strawberry.type(
    description="What a change would do to the catalogue, computed by the calculator that serves the storefront; nothing is"
    " written."
)
class RulesPreview:
    revision: int = strawberry.field(
        description="The rule store's revision that this was computed on; send it back as expectedRevision."
    )
    affected_count: int = strawberry.field(description="Products (per sales channel) whose state would differ.")
    become_in_stock_count: int = strawberry.field(description="Those of them that would become IN_STOCK.")
    become_out_of_stock_count: int = strawberry.field(description="Those of them that would become OUT_OF_STOCK.")
    become_unlimited_count: int = strawberry.field(
        description="Of these products (per sales channel) orders would have no limit any more."
    )
    salable_qty_delta: Decimal = strawberry.field(
        description="The sum of the finite changes of salableQty: of products that are managed and limited before and after."
    )
    impacts: list[ProductImpact] = strawberry.field(
        description="The first of the affected, the largest change first; at most 100. Products that become unlimited come"
        " first, then other changes from or to what has no limit."
    )
    warnings: list[Warning] = strawberry.field(description="What may not have been meant.")
    user_errors: list[UserError] = strawberry.field(description="Why the change would be refused; empty where not.")

    @classmethod
    def of(cls, found: preview.RulesPreview) -> "RulesPreview":
        """A preview for the API."""
        return cls(
            revision=found.revision,
            affected_count=found.impact.affected_count,
            become_in_stock_count=found.impact.become_in_stock_count,
            become_out_of_stock_count=found.impact.become_out_of_stock_count,
            become_unlimited_count=found.impact.become_unlimited_count,
            salable_qty_delta=found.impact.salable_qty_delta,
            impacts=[ProductImpact.of(each) for each in found.impact.impacts],
            warnings=warnings_of(found.advice),
            user_errors=[],
        )

    @classmethod
    def refused(cls, revision: int, refusal: Refused) -> "RulesPreview":
        """The answer for a change that would be refused."""
        return cls(
            revision=revision,
            affected_count=0,
            become_in_stock_count=0,
            become_out_of_stock_count=0,
            become_unlimited_count=0,
            salable_qty_delta=ZERO,
            impacts=[],
            warnings=[],
            user_errors=user_errors(refusal),
        )
