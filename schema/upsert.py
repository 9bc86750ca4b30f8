"""The inputs and payloads of the calls that write sources, stocks, sales channels, products and source items."""

from decimal import Decimal
from typing import Annotated

import strawberry

from rules.calculator import StockStatus
from schema.errors import UserError, Warning  # noqa: A004  # the name of the API's type
from schema.given import ABSENT
from schema.source import SalesChannel, Source, Stock

Warnings = Annotated[list[Warning], "warnings"]


def _warnings() -> list[Warning]:
    return strawberry.field(default_factory=list, description="What may not have been meant.")  # type: ignore[no-any-return]


def _user_errors() -> list[UserError]:
    return strawberry.field(default_factory=list, description="Why nothing was written; empty where it was.")  # type: ignore[no-any-return]


@strawberry.input(description="What to write of a source; what is left out stays as it is.")
class SourceInput:
    code: str = strawberry.field(description="Its code, 1 to 64 characters.")
    name: str | None = strawberry.field(default=ABSENT, description="Its name; a new one is named like its code.")
    enabled: bool | None = strawberry.field(default=ABSENT, description="Whether it counts; a new one does.")


@strawberry.input(description="A source to link to a stock.")
class StockSourceInput:
    source: str = strawberry.field(description="The source's code.")
    priority: int = strawberry.field(description="Lower numbers are drawn on first.")


@strawberry.input(description="What to write of a stock; what is left out stays as it is.")
class StockInput:
    code: str = strawberry.field(description="Its code, 1 to 64 characters.")
    name: str | None = strawberry.field(default=ABSENT, description="Its name; a new one is named like its code.")
    sources: list[StockSourceInput] | None = strawberry.field(
        default=ABSENT, description="Replaces the stock's sources; an empty list means none."
    )


@strawberry.input(description="What to write of a sales channel; what is left out stays as it is.")
class SalesChannelInput:
    code: str = strawberry.field(description="Its code, 1 to 64 characters.")
    name: str | None = strawberry.field(default=ABSENT, description="Its name; a new one is named like its code.")
    stock: str | None = strawberry.field(
        default=ABSENT, description="The stock that it sells from; needed for a new one."
    )


@strawberry.input(description="What to write of a product; what is left out stays as it is.")
class ProductInput:
    sku: str = strawberry.field(description="Its SKU, 1 to 64 characters.")
    name: str | None = strawberry.field(default=ABSENT, description="Its name; a new one is named like its SKU.")


@strawberry.input(
    description="What to write of a source item; what is left out stays as it is. A new one has quantity 0, IN_STOCK."
)
class SourceItemInput:
    source: str = strawberry.field(description="The source's code.")
    sku: str = strawberry.field(description="The product's SKU.")
    quantity: Decimal | None = strawberry.field(
        default=ABSENT, description="The new quantity on hand; negative ones are accepted."
    )
    status: StockStatus | None = strawberry.field(default=ABSENT, description="OUT_OF_STOCK: it does not count.")
    expected_quantity: Decimal | None = strawberry.field(
        default=ABSENT,
        description="Refused with STALE_QUANTITY where the quantity on hand is another one now (a new item has 0).",
    )


@strawberry.input(description="Names a source item.")
class SourceItemKeyInput:
    source: str = strawberry.field(description="The source's code.")
    sku: str = strawberry.field(description="The product's SKU.")


@strawberry.type(description="What upsertSources did.")
class UpsertSourcesPayload:
    sources: list[Source] = strawberry.field(default_factory=list, description="The sources as they are now.")
    warnings: list[Warning] = _warnings()
    user_errors: list[UserError] = _user_errors()


@strawberry.type(description="What upsertStocks did.")
class UpsertStocksPayload:
    stocks: list[Stock] = strawberry.field(default_factory=list, description="The stocks as they are now.")
    warnings: list[Warning] = _warnings()
    user_errors: list[UserError] = _user_errors()


@strawberry.type(description="What upsertSalesChannels did.")
class UpsertSalesChannelsPayload:
    sales_channels: list[SalesChannel] = strawberry.field(
        default_factory=list, description="The sales channels as they are now."
    )
    warnings: list[Warning] = _warnings()
    user_errors: list[UserError] = _user_errors()


@strawberry.type(description="What upsertProducts did.")
class UpsertProductsPayload:
    count: int = strawberry.field(default=0, description="How many rows were written.")
    warnings: list[Warning] = _warnings()
    user_errors: list[UserError] = _user_errors()


@strawberry.type(description="What setSourceItems did.")
class SetSourceItemsPayload:
    count: int = strawberry.field(default=0, description="How many rows were written.")
    warnings: list[Warning] = _warnings()
    user_errors: list[UserError] = _user_errors()


@strawberry.type(description="What removeSourceItems did.")
class RemoveSourceItemsPayload:
    count: int = strawberry.field(default=0, description="How many rows were removed.")
    warnings: list[Warning] = _warnings()
    user_errors: list[UserError] = _user_errors()
