"""What the calculator is given: the goods of one product in one stock, and the settings that rule them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rules.quantity import ZERO
from rules.setting import SettingKey
from rules.walk import EffectiveSetting, Rules


@dataclass(frozen=True, slots=True)
class StockedItem:
    """One source item of the product at a source that is linked to the stock."""

    source: str
    quantity: Decimal
    is_in_stock: bool
    is_enabled: bool

    @property
    def counts(self) -> bool:
        """Whether its quantity can be sold: its source is enabled and its status is in stock."""
        return self.is_in_stock and self.is_enabled


@dataclass(frozen=True, slots=True)
class Position:
    """The goods of one product in one stock: its items by source priority, and the sum of its reservations (R)."""

    items: tuple[StockedItem, ...]
    reservations: Decimal = ZERO

    @property
    def is_assigned(self) -> bool:
        """Whether the product has a source item at a linked source, counting or not."""
        return bool(self.items)


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """The settings that are walked per source, for one item of the position."""

    item: StockedItem
    backorders: EffectiveSetting
    out_of_stock_threshold: EffectiveSetting
    notify_for_quantity_below: EffectiveSetting


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of one product in one stock after the walk: once per product, and once per item."""

    settings: Mapping[SettingKey, EffectiveSetting]
    sources: tuple[SourceConfig, ...]


def config_of(rules: Rules, sku: str | None, position: Position) -> Config:
    """Walk every setting for a product (None: one without rules of its own) and the sources of its position."""
    return Config(
        rules.of_product(sku),
        tuple([SourceConfig(item, *rules.of_product_at(item.source, sku)) for item in position.items]),
    )
