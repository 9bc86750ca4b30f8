"""What the calls that place and change orders have written, row by row."""

from typing import Any

from models.database import reader
from models.sql import fetch

TABLES = (
    "sales_order",
    "order_line",
    "shipment",
    "shipment_line",
    "refund",
    "refund_line",
    "reservation",
    "balance",
    "source_item",
    "call",
    "outbox",
)


async def written() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that such a call may write, in the open database."""
    return {table: await fetch(reader(), f"SELECT * FROM {table} ORDER BY id") for table in TABLES}
