"""Sources, source items, stocks and sales channels."""

from decimal import Decimal

import strawberry

from resolvers import goods
from resolvers.catalogue import stocks
from rules.calculator import StockStatus
from schema.given import ABSENT


@strawberry.type(description="A place that holds goods.")
class Source:
    code: str = strawberry.field(description="Its code.")
    name: str = strawberry.field(description="Its name.")
    enabled: bool = strawberry.field(description="While it is not, nothing that lies there counts.")

    @classmethod
    def of(cls, source: goods.Source) -> "Source":
        """A source for the API."""
        return cls(code=source.code, name=source.name, enabled=source.enabled)


@strawberry.type(description="One product at one source.")
class SourceItem:
    source: Source = strawberry.field(description="The source.")
    sku: str = strawberry.field(description="The product's SKU.")
    quantity: Decimal = strawberry.field(description="The quantity on hand, of any sign.")
    status: StockStatus = strawberry.field(description="OUT_OF_STOCK: it does not count, whatever its quantity.")

    @classmethod
    def of(cls, item: goods.SourceItem) -> "SourceItem":
        """A source item for the API."""
        status = StockStatus.IN_STOCK if item.is_in_stock else StockStatus.OUT_OF_STOCK
        return cls(source=Source.of(item.source), sku=item.sku, quantity=item.quantity, status=status)


@strawberry.type(description="A source in a stock.")
class StockSource:
    source: Source = strawberry.field(description="The source.")
    priority: int = strawberry.field(description="Lower numbers are drawn on first.")


@strawberry.type(description="A pool of sources that sells through sales channels.")
class Stock:
    code: str = strawberry.field(description="Its code.")
    name: str = strawberry.field(description="Its name.")
    stock: strawberry.Private[stocks.Stock]

    @strawberry.field(description="Its sources, in the order in which they are drawn on.")
    def sources(self) -> list[StockSource]:
        """The links of the stock."""
        return [StockSource(source=Source.of(link.source), priority=link.priority) for link in self.stock.sources]

    @strawberry.field(description="The sales channels that sell from it.")
    def sales_channels(self) -> list["SalesChannel"]:
        """The channels of the stock."""
        return [SalesChannel.of(channel) for channel in self.stock.sales_channels]

    @classmethod
    def of(cls, stock: stocks.Stock) -> "Stock":
        """A stock for the API."""
        return cls(code=stock.code, name=stock.name, stock=stock)


@strawberry.type(description="A shop, or another place of sale: it sells from exactly one stock.")
class SalesChannel:
    code: str = strawberry.field(description="Its code.")
    name: str = strawberry.field(description="Its name.")
    channel: strawberry.Private[stocks.SalesChannel]

    @strawberry.field(description="The stock that it sells from.")
    def stock(self) -> Stock:
        """The stock of the channel."""
        return Stock.of(self.channel.stock)

    @classmethod
    def of(cls, channel: stocks.SalesChannel) -> "SalesChannel":
        """A sales channel for the API."""
        return cls(code=channel.code, name=channel.name, channel=channel)


@strawberry.input(description="Which sources; what is left out does not matter.")
class SourceFilter:
    search: str | None = strawberry.field(
        default=ABSENT, description="Sources whose code or name contains this, case-insensitively."
    )
    enabled: bool | None = strawberry.field(default=ABSENT, description="Sources that are, or are not, enabled.")


@strawberry.input(description="Which source items; what is left out does not matter.")
class SourceItemFilter:
    source: str | None = strawberry.field(default=ABSENT, description="Items at this source.")
    sku: str | None = strawberry.field(default=ABSENT, description="Items of this product.")
    status: StockStatus | None = strawberry.field(default=ABSENT, description="Items of this status.")
