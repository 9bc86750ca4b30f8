"""A product as one sales channel sees it, and the proof of every number."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.availability.products import ProductView
from rules.calculator import Availability, AvailabilityKind, BackorderLimitKind, StockStatus, Term, TermKind
from rules.calculator import quantity_of as quantity_value
from rules.position import SourceConfig
from rules.salability import salability
from rules.setting import BackorderMode, SettingKey
from schema.context import Context, require_admin
from schema.given import ABSENT, given
from schema.salability import Salability
from schema.scope_rule import EffectiveSetting, ScopeRule
from schema.source import SourceItem


@strawberry.type(description="How far below zero orders may go.")
class BackorderLimit:
    kind: BackorderLimitKind = strawberry.field(description="Whether there is a limit.")
    quantity: Decimal | None = strawberry.field(description="How far below zero orders may go; null unless LIMITED.")


@strawberry.type(description="The walk for one source that supplies the product in this sales channel.")
class SourceBackorderConfig:
    source: str = strawberry.field(description="The source's code.")
    counts: bool = strawberry.field(
        description="True where the source is enabled and its source item is in stock, so that it counts."
    )
    backorders: EffectiveSetting = strawberry.field(description="The backorder mode there.")
    out_of_stock_threshold: EffectiveSetting = strawberry.field(description="The threshold there, as it is stored.")
    notify_for_quantity_below: EffectiveSetting = strawberry.field(description="At or below this, stock is low there.")

    @classmethod
    def of(cls, config: SourceConfig) -> "SourceBackorderConfig":
        """The walk of one source for the API."""
        return cls(
            source=config.item.source,
            counts=config.item.counts,
            backorders=EffectiveSetting.of(config.backorders),
            out_of_stock_threshold=EffectiveSetting.of(config.out_of_stock_threshold),
            notify_for_quantity_below=EffectiveSetting.of(config.notify_for_quantity_below),
        )


@strawberry.type(description="What the rules make of a product in a sales channel.")
class EffectiveBackorderConfig:
    backorders: BackorderMode = strawberry.field(description="The strongest mode among the sources that count.")
    out_of_stock_threshold: Decimal = strawberry.field(
        description="The threshold that the calculator subtracts: negative adds to the salable quantity."
    )
    backorder_limit: BackorderLimit = strawberry.field(description="How far below zero orders may go.")
    only_x_left_threshold: Decimal = strawberry.field(description="At or below this, onlyXLeftInStock shows.")
    manage_stock: bool = strawberry.field(description="Whether quantities limit what can be sold.")
    found: strawberry.Private[Availability]

    @strawberry.field(
        description="Admin only. Every setting that is walked per product, with its provenance, in the order of"
        " SettingKey."
    )
    def settings(self, info: Info[Context, None]) -> list[EffectiveSetting] | None:
        """The settings of the product."""
        require_admin(info)
        return [EffectiveSetting.of(setting) for setting in self.found.config.settings.values()]

    @strawberry.field(
        description="Admin only. The settings that are walked per source, for each source that the product is assigned"
        " to in this stock."
    )
    def sources(self, info: Info[Context, None]) -> list[SourceBackorderConfig] | None:
        """The settings of each source."""
        require_admin(info)
        return [SourceBackorderConfig.of(config) for config in self.found.config.sources]


@strawberry.type(description="One signed term of the salable quantity; the terms add up to it, before the cut at 0.")
class SalableTerm:
    kind: TermKind = strawberry.field(description="What the term stands for.")
    quantity: Decimal = strawberry.field(description="What it adds; negative ones take away.")
    source: str | None = strawberry.field(
        description="The source, for a SOURCE_QUANTITY or a threshold that belongs to one source."
    )
    rule: ScopeRule | None = strawberry.field(description="The rule behind an OUT_OF_STOCK_THRESHOLD term.")

    @classmethod
    def of(cls, term: Term) -> "SalableTerm":
        """A term for the API."""
        rule = ScopeRule.of(term.rule) if term.rule else None
        return cls(kind=term.kind, quantity=term.quantity, source=term.source, rule=rule)


@strawberry.type(description="A product as one sales channel sees it.")
class Product:
    sku: str = strawberry.field(description="Its SKU.")
    name: str = strawberry.field(description="Its name.")
    sales_channel: str = strawberry.field(description="The code of the sales channel that it is seen through.")
    salable_qty: Decimal | None = strawberry.field(
        description="Quantity of the sources that count, plus reservations (negative), minus the effective threshold."
        " Null where stock is not managed; 0 where no source counts; cut off at 0, but for unlimited backorders, where a"
        " negative number tells how many units are on backorder."
    )
    stock_status: StockStatus = strawberry.field(description="Whether anything can be sold.")
    availability: AvailabilityKind = strawberry.field(description="What a product page can say.")
    only_x_left_in_stock: Decimal | None = strawberry.field(
        description="How many are left, once that is at or below the Only X left Threshold; null otherwise."
    )
    view: strawberry.Private[ProductView]

    @strawberry.field(description="What the rules make of it.")
    def effective_backorder_config(self) -> EffectiveBackorderConfig:
        """The walked settings."""
        found = self.view.availability
        kind, quantity = found.backorder_limit
        only_x_left = found.config.settings[SettingKey.ONLY_X_LEFT_THRESHOLD].value
        return EffectiveBackorderConfig(
            backorders=found.mode,
            out_of_stock_threshold=found.effective_threshold,
            backorder_limit=BackorderLimit(kind=kind, quantity=quantity),
            only_x_left_threshold=quantity_value(only_x_left),
            manage_stock=found.is_stock_managed,
            found=found,
        )

    @strawberry.field(
        description="Admin only. The signed terms whose sum the salable quantity is, before the cut at 0; none where stock"
        " is not managed."
    )
    def salable_qty_terms(self, info: Info[Context, None]) -> list[SalableTerm] | None:
        """The proof of the salable quantity."""
        require_admin(info)
        return [SalableTerm.of(term) for term in self.view.availability.terms]

    @strawberry.field(description="Whether a quantity can be bought now, and how much of it would be late.")
    def salability(
        self, quantity: Annotated[Decimal, strawberry.argument(description="The quantity to judge.")]
    ) -> Salability:
        """Judge one quantity."""
        return Salability.of(salability(self.sku, self.view.availability, quantity))

    @strawberry.field(description="Admin only. The product at every source, linked to the channel's stock or not.")
    def source_items(self, info: Info[Context, None]) -> list[SourceItem] | None:
        """The items of the product."""
        require_admin(info)
        return [SourceItem.of(item) for item in self.view.source_items]

    @classmethod
    def of(cls, view: ProductView) -> "Product":
        """A product for the API."""
        found = view.availability
        return cls(
            sku=view.sku,
            name=view.name,
            sales_channel=view.sales_channel,
            salable_qty=found.salable_qty,
            stock_status=found.stock_status,
            availability=found.kind,
            only_x_left_in_stock=found.only_x_left,
            view=view,
        )

    @classmethod
    def of_all(cls, views: Iterable[ProductView | None]) -> "list[Product | None]":
        """Products for the API, None where there is none."""
        return [None if view is None else cls.of(view) for view in views]


@strawberry.input(description="Which products; what is left out does not matter, and all that is given must hold.")
class ProductFilter:
    skus: list[str] | None = strawberry.field(default=ABSENT, description="Products of these SKUs; at most 500.")
    search: str | None = strawberry.field(
        default=ABSENT, description="Products whose SKU or name contains this, case-insensitively."
    )
    stock_status: StockStatus | None = strawberry.field(default=ABSENT, description="Products of this status.")
    availability: list[AvailabilityKind] | None = strawberry.field(
        default=ABSENT, description="Products of one of these availabilities."
    )
    source: str | None = strawberry.field(
        default=ABSENT, description="Admin only. Products that have a source item at this source."
    )
    assigned: bool | None = strawberry.field(
        default=ABSENT,
        description="True: only products assigned to the sales channel's stock; false (admin only): only the others.",
    )

    @property
    def tells_of_sources(self) -> bool:
        """Whether the list that it leaves says what lies at which source, or what is not sold here: not for shoppers."""
        return given(self.source) is not None or given(self.assigned) is False
