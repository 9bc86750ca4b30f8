"""The catalogue of settings: one entry each drives the walk, the validation, the admin form and the documentation."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rules.quantity import show
from rules.scope import ScopeType


class BackorderMode(StrEnum):
    """Whether orders may go on below zero; later members are stronger."""

    NO_BACKORDERS = "NO_BACKORDERS"
    ALLOW = "ALLOW"
    ALLOW_AND_NOTIFY = "ALLOW_AND_NOTIFY"

    @property
    def strength(self) -> int:
        """0, 1 or 2: the strongest mode among the sources that count is the product's."""
        return _STRENGTH[self]

    @property
    def allows(self) -> bool:
        """Whether backorders are on."""
        return self is not BackorderMode.NO_BACKORDERS


_STRENGTH = {mode: strength for strength, mode in enumerate(BackorderMode)}

SettingValue = bool | Decimal | BackorderMode


class SettingKey(StrEnum):
    """The settings, in the order in which every list of them stands."""

    MANAGE_STOCK = "manage_stock"
    BACKORDERS = "backorders"
    OUT_OF_STOCK_THRESHOLD = "out_of_stock_threshold"
    NOTIFY_FOR_QUANTITY_BELOW = "notify_for_quantity_below"
    ONLY_X_LEFT_THRESHOLD = "only_x_left_threshold"
    MIN_SALE_QTY = "min_sale_qty"
    MAX_SALE_QTY = "max_sale_qty"
    ENABLE_QTY_INCREMENTS = "enable_qty_increments"
    QTY_INCREMENTS = "qty_increments"
    QTY_USES_DECIMALS = "qty_uses_decimals"


class SettingValueType(StrEnum):
    """What the values of a setting are."""

    BOOLEAN = "BOOLEAN"
    QUANTITY = "QUANTITY"
    BACKORDER_MODE = "BACKORDER_MODE"


ANY_SCOPE = (ScopeType.GLOBAL, ScopeType.SOURCE, ScopeType.PRODUCT, ScopeType.PRODUCT_SOURCE)
GLOBAL_OR_PRODUCT = (ScopeType.GLOBAL, ScopeType.PRODUCT)


@dataclass(frozen=True, slots=True)
class Setting:
    """One entry of the catalogue."""

    key: SettingKey
    label: str
    help: str
    type: SettingValueType
    default: SettingValue
    scopes: tuple[ScopeType, ...]
    minimum: Decimal | None = None
    exclusive_minimum: bool = False

    @property
    def is_per_source(self) -> bool:
        """Walked once per source of a product; the others are walked once per product."""
        return ScopeType.SOURCE in self.scopes

    def accepts(self, value: SettingValue) -> bool:
        """Whether a value of the right type is within the bounds."""
        if self.minimum is None or not isinstance(value, Decimal):
            return True
        return value > self.minimum if self.exclusive_minimum else value >= self.minimum

    def write(self, value: SettingValue) -> str:
        """The value as the text that a rule row stores: true, -50, ALLOW."""
        if isinstance(value, bool):
            return "true" if value else "false"
        return show(value) if isinstance(value, Decimal) else value.value

    def read(self, text: str) -> SettingValue:
        """The value of a stored text; the inverse of write."""
        match self.type:
            case SettingValueType.BOOLEAN:
                return text == "true"
            case SettingValueType.QUANTITY:
                return Decimal(text)
            case SettingValueType.BACKORDER_MODE:
                return BackorderMode(text)


_BOOLEAN, _QUANTITY = SettingValueType.BOOLEAN, SettingValueType.QUANTITY
_NOTHING = Decimal(0)

CATALOGUE: dict[SettingKey, Setting] = {
    setting.key: setting
    for setting in (
        Setting(
            SettingKey.MANAGE_STOCK,
            "Manage Stock",
            "Yes: quantities are counted and limit what can be sold. No: the product sells whatever the quantities say.",
            _BOOLEAN,
            True,
            GLOBAL_OR_PRODUCT,
        ),
        Setting(
            SettingKey.BACKORDERS,
            "Backorders",
            "No Backorders: orders stop when the stock is used up. Allow Qty Below 0: orders go on, as far as the"
            " Out-of-Stock Threshold lets them. Allow Qty Below 0 and Notify Customer: the same, and the customer is told"
            " which part of the order is late.",
            SettingValueType.BACKORDER_MODE,
            BackorderMode.NO_BACKORDERS,
            ANY_SCOPE,
        ),
        Setting(
            SettingKey.OUT_OF_STOCK_THRESHOLD,
            "Out-of-Stock Threshold",
            "Without backorders: a quantity above 0 is kept from being sold. With backorders: -50 lets orders go 50 below"
            " zero; 0 or more sets no limit.",
            _QUANTITY,
            _NOTHING,
            ANY_SCOPE,
        ),
        Setting(
            SettingKey.NOTIFY_FOR_QUANTITY_BELOW,
            "Notify for Quantity Below",
            "A source item at this quantity or below is low in stock. It never changes what can be sold.",
            _QUANTITY,
            Decimal(1),
            ANY_SCOPE,
            minimum=_NOTHING,
        ),
        Setting(
            SettingKey.ONLY_X_LEFT_THRESHOLD,
            "Only X left Threshold",
            "The product page says 'Only 5 left' once the salable quantity is at this number or below. 0: never.",
            _QUANTITY,
            _NOTHING,
            GLOBAL_OR_PRODUCT,
            minimum=_NOTHING,
        ),
        Setting(
            SettingKey.MIN_SALE_QTY,
            "Minimum Qty Allowed in Shopping Cart",
            "The smallest quantity that one order may hold.",
            _QUANTITY,
            Decimal(1),
            GLOBAL_OR_PRODUCT,
            minimum=_NOTHING,
            exclusive_minimum=True,
        ),
        Setting(
            SettingKey.MAX_SALE_QTY,
            "Maximum Qty Allowed in Shopping Cart",
            "The largest quantity that one order may hold.",
            _QUANTITY,
            Decimal(10_000),
            GLOBAL_OR_PRODUCT,
            minimum=_NOTHING,
            exclusive_minimum=True,
        ),
        Setting(
            SettingKey.ENABLE_QTY_INCREMENTS,
            "Enable Qty Increments",
            "Yes: the product sells only in multiples of Qty Increments.",
            _BOOLEAN,
            False,
            GLOBAL_OR_PRODUCT,
        ),
        Setting(
            SettingKey.QTY_INCREMENTS,
            "Qty Increments",
            "The step in which the product sells, where Enable Qty Increments is on.",
            _QUANTITY,
            Decimal(1),
            GLOBAL_OR_PRODUCT,
            minimum=_NOTHING,
            exclusive_minimum=True,
        ),
        Setting(
            SettingKey.QTY_USES_DECIMALS,
            "Qty Uses Decimals",
            "Yes: orders may hold parts of a unit, such as 2.5 metres.",
            _BOOLEAN,
            False,
            (ScopeType.PRODUCT,),
        ),
    )
}

PER_PRODUCT = tuple(setting for setting in CATALOGUE.values() if not setting.is_per_source)
PER_SOURCE = tuple(setting for setting in CATALOGUE.values() if setting.is_per_source)
