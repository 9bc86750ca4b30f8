"""The ledger: rows are only ever appended, and the balance moves in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from models.database import Client
from models.fields import to_microseconds
from models.sql import fetch
from rules.quantity import to_units

_MOVE = """
INSERT INTO balance (sku, stock, quantity)
SELECT r.sku, r.stock, SUM(r.quantity) FROM rows($1, sku text, stock text, quantity bigint)
WHERE TRUE GROUP BY r.sku, r.stock ORDER BY r.sku, r.stock
ON CONFLICT (sku, stock) DO UPDATE SET quantity = balance.quantity + excluded.quantity
"""
_APPEND = """
INSERT INTO reservation (sku, stock, quantity, order_number, event, created_at)
SELECT r.sku, r.stock, r.quantity, r.order_number, r.event, r.created_at
FROM rows($1, sku text, stock text, quantity bigint, order_number text, event text, created_at bigint)
"""


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """One row to append: negative where units are promised, positive where the promise is over."""

    sku: str
    stock: str
    quantity: Decimal
    order_number: str
    event: str
    created_at: datetime


async def append_reservations(client: Client, rows: Sequence[ReservationRow]) -> None:
    """Append rows to the ledger and move the balances, by SKU: no two writers wait for each other in a circle."""
    records = [
        {
            "sku": row.sku,
            "stock": row.stock,
            "quantity": to_units(row.quantity),
            "order_number": row.order_number,
            "event": row.event,
            "created_at": to_microseconds(row.created_at),
        }
        for row in rows
    ]
    if records:
        await fetch(client, _MOVE, records)
        await fetch(client, _APPEND, records)
