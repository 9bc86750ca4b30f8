"""A read beside a running shipper sees a shipment whole or not at all."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

from models.database import Client, transaction
from models.sql import fetch
from resolvers.availability.products import ProductView, products_by_sku
from resolvers.orders.reservations import ReservationRow, append_reservations
from tests.worlds import stock_up

SKUS = ("BOOT", "TENT")
READS = 600
SHIPMENTS = 50


async def _reserve(quantity: int, sku: str) -> None:
    async def write(client: Client) -> None:
        await append_reservations(client, [_row(sku, quantity)])

    await transaction(write)


async def _ship_one(sku: str) -> None:
    """One unit leaves: the item falls by 1 and the reservation is given back, in one transaction."""

    async def write(client: Client) -> None:
        await fetch(client, "UPDATE source_item SET quantity = quantity - 10000 WHERE product_id = $1", sku)
        await asyncio.sleep(0)
        await append_reservations(client, [_row(sku, 1)])

    await transaction(write)


def _row(sku: str, quantity: int) -> ReservationRow:
    return ReservationRow(sku, "default", Decimal(quantity), "1001", "test", datetime.now(UTC))


async def test_salable_quantity_never_moves_while_reserved_units_ship(db: None) -> None:
    await stock_up({sku: {"default": 100_000} for sku in SKUS})
    for sku in SKUS:
        await _reserve(-60_000, sku)
    shipped = 0
    is_over = asyncio.Event()

    async def ship() -> None:
        nonlocal shipped
        while not is_over.is_set():
            await _ship_one(SKUS[shipped % 2])
            shipped += 1

    shipper = asyncio.create_task(ship())
    answers: list[ProductView | None] = []
    while len(answers) < READS or shipped < SHIPMENTS:
        answers += await products_by_sku(SKUS, None, all_items=False)
    is_over.set()
    await shipper

    assert {found.availability.salable_qty for found in answers if found} == {Decimal(40_000)}
    assert len({found.availability.on_hand for found in answers if found}) > SHIPMENTS / 4
