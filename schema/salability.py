"""Whether a quantity can be bought."""

from decimal import Decimal

import strawberry

from rules import salability as rules
from rules.salability import SalabilityErrorCode


@strawberry.type(description="One check that a requested quantity failed.")
class SalabilityError:
    code: SalabilityErrorCode = strawberry.field(description="The check.")
    message: str = strawberry.field(description="A sentence for the shopper, with the numbers in it.")


@strawberry.type(description="Whether a quantity can be bought now, and how much of it would be late.")
class Salability:
    sku: str = strawberry.field(description="The SKU that was asked about.")
    requested_qty: Decimal = strawberry.field(description="The quantity that was asked about.")
    is_salable: bool = strawberry.field(description="Whether all of it can be bought now.")
    backordered_qty: Decimal = strawberry.field(
        description="The part that would wait for stock; 0 where all can ship now or the quantity is not salable."
    )
    max_salable_qty: Decimal = strawberry.field(
        description="The largest quantity that would be salable now; 0 where none is."
    )
    notice: str | None = strawberry.field(
        description="The sentence that ALLOW_AND_NOTIFY shows the customer; null otherwise."
    )
    errors: list[SalabilityError] = strawberry.field(description="Every check that failed; none where it is salable.")

    @classmethod
    def of(cls, answer: rules.Salability) -> "Salability":
        """An answer for the API."""
        return cls(
            sku=answer.sku,
            requested_qty=answer.requested_qty,
            is_salable=answer.is_salable,
            backordered_qty=answer.backordered_qty,
            max_salable_qty=answer.max_salable_qty,
            notice=answer.notice,
            errors=[SalabilityError(code=error.code, message=error.message) for error in answer.errors],
        )


@strawberry.input(description="One line of a cart.")
class SalabilityRequest:
    sku: str = strawberry.field(description="The product's SKU.")
    quantity: Decimal = strawberry.field(description="How many are wanted.")
