"""What a mail to a customer needs to know of the order: its language, and what is in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from models.database import reader
from models.rows import fetch_as

_ORDERS = """
SELECT o.number, o.locale, l.sku, l.ordered, p.name FROM sales_order o
JOIN order_line l ON l.order_id = o.id LEFT JOIN product p ON p.sku = l.sku
WHERE o.number = ANY($1)
"""


@dataclass(frozen=True, slots=True)
class _Line:
    number: str
    locale: str
    sku: str
    ordered: Decimal
    name: str | None


@dataclass(frozen=True, slots=True)
class CustomerOrder:
    """The language that the customer reads ('' where it is not known); product names and ordered quantities by SKU."""

    locale: str = ""
    names: dict[str, str] = field(default_factory=dict)
    ordered: dict[str, Decimal] = field(default_factory=dict)


async def customer_orders_by_number(numbers: Iterable[str]) -> dict[str, CustomerOrder]:
    """The orders of these numbers; one statement."""
    found: dict[str, CustomerOrder] = {}
    for line in await fetch_as(reader(), _Line, _ORDERS, sorted(set(numbers))):
        order = found.setdefault(line.number, CustomerOrder(line.locale))
        order.names[line.sku] = line.name or line.sku
        order.ordered[line.sku] = line.ordered
    return found
