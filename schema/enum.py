"""The enums that the API shares with the layers below, with a description for each value."""

from collections.abc import Collection, Mapping
from enum import Enum

import strawberry

from resolvers.notifications.deliveries import Channel, DeliveryState
from resolvers.outbox import Event
from rules.calculator import AvailabilityKind, BackorderLimitKind, StockStatus, TermKind
from rules.change import RuleChangeKind
from rules.order import OrderStatus, PaymentStatus
from rules.salability import SalabilityErrorCode
from rules.scope import ScopeType
from rules.setting import CATALOGUE, BackorderMode, SettingKey, SettingValueType
from schema.context import Role


def _share(
    shared: type[Enum],
    description: str,
    values: Mapping[str, str],
    name: str | None = None,
    *,
    left_out: Collection[str] = (),
) -> None:
    strawberry.enum(shared, name=name, description=description)
    definition = shared.__strawberry_definition__  # type: ignore[attr-defined]  # strawberry.enum sets it
    definition.values = [value for value in definition.values if value.name not in left_out]
    for value in definition.values:
        value.description = values[value.name]


_share(
    BackorderMode,
    "Whether orders may go on below zero.",
    {
        "NO_BACKORDERS": "Orders stop when the stock is used up.",
        "ALLOW": "Orders go on below zero.",
        "ALLOW_AND_NOTIFY": "Orders go on below zero, and the customer is told which part of the order is late.",
    },
)
_share(
    StockStatus,
    "Whether goods can be sold: of a product, or of one source item.",
    {"IN_STOCK": "Goods can be sold.", "OUT_OF_STOCK": "Nothing can be sold."},
)
_share(
    AvailabilityKind,
    "What a product page can say; the names follow schema.org/ItemAvailability.",
    {
        "IN_STOCK": "At least one unit can ship now.",
        "LIMITED_AVAILABILITY": "Can ship now, but few are left (see onlyXLeftInStock).",
        "BACK_ORDER": "Can be ordered, ships when stock arrives.",
        "OUT_OF_STOCK": "Cannot be ordered.",
    },
    name="Availability",
)
_share(
    ScopeType,
    "The kinds of scope at which a value can come from.",
    {
        "DEFAULT": "The value that ships with the program; nobody has set a rule.",
        "GLOBAL": "The whole store.",
        "SOURCE": "One source.",
        "PRODUCT": "One product.",
        "PRODUCT_SOURCE": "One product at one source: the finest scope.",
    },
)
_share(
    SettingKey,
    "The settings that rules give values to.",
    {key.name: f"{setting.label}: {setting.help}" for key, setting in CATALOGUE.items()},
)
_share(
    SettingValueType,
    "What the values of a setting are.",
    {
        "BOOLEAN": "true or false.",
        "QUANTITY": "A quantity.",
        "BACKORDER_MODE": "The name of a BackorderMode.",
    },
)
_share(
    BackorderLimitKind,
    "Whether orders may go below zero.",
    {
        "NONE": "Orders stop at zero, or before it.",
        "LIMITED": "Orders go below zero, down to a limit.",
        "UNLIMITED": "Orders go below zero without limit.",
    },
)
_share(
    TermKind,
    "The kinds of term that the salable quantity is the sum of.",
    {
        "SOURCE_QUANTITY": "The quantity on hand at one source that counts.",
        "RESERVATIONS": "What orders have reserved: 0 or below.",
        "OUT_OF_STOCK_THRESHOLD": "What one threshold rule adds (backorders) or keeps from being sold.",
    },
    name="SalableTermKind",
)
_share(
    SalabilityErrorCode,
    "Why a quantity cannot be bought.",
    {
        "UNKNOWN_PRODUCT": "There is no product of this SKU.",
        "NOT_ASSIGNED_TO_STOCK": "The product lies at no source of the sales channel's stock.",
        "NO_SOURCE_IN_STOCK": "No source that counts has the product in stock.",
        "NOT_ENOUGH_QUANTITY": "More than the salable quantity was asked for.",
        "BELOW_MIN_SALE_QTY": "Less than the minimum for one order was asked for.",
        "ABOVE_MAX_SALE_QTY": "More than the maximum for one order was asked for.",
        "NOT_A_QTY_INCREMENT": "The quantity is no multiple of the step in which the product sells.",
        "DECIMALS_NOT_ALLOWED": "The product sells only in whole units.",
    },
)
_share(
    OrderStatus,
    "Where an order is.",
    {
        "PROCESSING": "Units are open, late or not.",
        "COMPLETE": "Nothing is open, and something was shipped.",
        "CANCELED": "Nothing is open, and nothing was shipped.",
    },
)
_share(
    PaymentStatus,
    "What has been paid back; canceled and refunded units count.",
    {
        "CAPTURED": "Nothing.",
        "PARTIALLY_REFUNDED": "Some of what was ordered.",
        "REFUNDED": "All that was ordered.",
    },
)
_share(
    RuleChangeKind,
    "What became of a row of the rule store.",
    {
        "CREATED": "There was no such row before.",
        "CHANGED": "The row holds another value.",
        "REMOVED": "There is no such row any more.",
    },
)
_share(
    Role,
    "What a caller may see and do; each may do what those before it may.",
    {
        "SHOPPER": "What everybody may see.",
        "ORDERS": "Orders, shipments, receipts and the ledger too.",
        "ADMIN": "Everything.",
    },
    name="ViewerRole",
)
_share(
    Event,
    "What can be told.",
    {
        "LOW_STOCK": "stock.low: an item fell to its notify quantity, or below it.",
        "OUT_OF_STOCK": "product.out_of_stock: a product can no longer be sold.",
        "BACK_IN_STOCK": "product.back_in_stock: a product can be sold again.",
        "ORDER_BACKORDERED": "order.backordered: an order was placed of which units are late.",
        "ORDER_WAITING": "order.waiting: units of an order were covered and wait now.",
        "BACKORDER_FREED": "backorder.freed: units that waited are covered now.",
        "ORDER_SHIPPED": "order.shipped: units of an order have left.",
        "ORDER_CANCELED": "order.canceled: units of an order were canceled.",
        "RULES_CHANGED": "rules.changed: the rule store has a new revision.",
        "WEBHOOK_DISABLED": "webhook.disabled: an endpoint was given up; nothing is sent to it until it is enabled.",
    },
    name="NotificationEvent",
    left_out={"RECOVERED", "NOTED"},  # delivered to nobody
)
_share(
    Channel,
    "By what a delivery goes.",
    {
        "MAIL": "Mail to a recipient of notifications.",
        "CUSTOMER": "Mail to the customer of an order.",
        "WEBHOOK": "HTTP to an endpoint.",
    },
    name="DeliveryChannel",
)
_share(
    DeliveryState,
    "Where a delivery is.",
    {
        "PENDING": "It is due, or waits for its next attempt.",
        "DELIVERED": "It has arrived.",
        "DEAD": "It was given up; retryDelivery brings it back.",
    },
)
