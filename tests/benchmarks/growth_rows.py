"""A shop that has grown, written by the database itself: orders, one long queue, a ledger, a large change set."""

from dataclasses import dataclass

from models.database import Client, transaction
from models.fields import BEGINNING, END, to_microseconds
from models.sql import fetch

HOT = "HOT"
"""The SKU that everybody waits for."""
PRICED = "SKU-7"
"""One product of the catalogue."""
LARGE_SET = 30
"""The revision of the change set that has most of the changes."""
CHANGE_SETS = 60
RARE = 60
"""Orders of one sales channel, in a shop of any size."""
SCHEDULED = 20
"""Rules with a start of their own, among those of all products."""
SCALE = 10_000
ROWS_OF_ORDER = 10
"""Rows of the ledger for an order; they add up to minus what is open of it."""
BEGAN = 1_700_000_000_000_000
MINUTE = 60_000_000

_SERIES = {
    "postgres": "(SELECT generate_series(1, {n:d}) AS n) AS {name}",
    "sqlite": (
        "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {n:d}) SELECT n FROM c) AS {name}"
    ),
}


@dataclass(frozen=True, slots=True)
class Size:
    """How many orders, and one in how many is open: it waits for the hot SKU. Of the others, one in fifty was canceled.

    in_blocks: a third is open instead, between others that are over, and a sixth before these was canceled: what looks
    for one of them from either end without an index passes over a part of the shop.
    """

    orders: int
    open_every: int = 20
    in_blocks: bool = False

    @property
    def waiting(self) -> int:
        """Open lines of the hot SKU."""
        return self.orders // (3 if self.in_blocks else self.open_every)

    @property
    def is_open(self) -> str:
        """SQL: whether order s.n is."""
        return self._of_block(2, 4) if self.in_blocks else f"s.n % {self.open_every} = 0"

    @property
    def is_canceled(self) -> str:
        """SQL: whether order s.n is."""
        return self._of_block(1, 2) if self.in_blocks else "s.n % 50 = 1"

    def _of_block(self, first: int, last: int) -> str:
        return f"(s.n > {self.orders * first // 6} AND s.n <= {self.orders * last // 6})"

    @property
    def products(self) -> int:
        """Products of the catalogue beside the hot one."""
        return self.orders // 10

    @property
    def changes(self) -> int:
        """Rows of the large change set."""
        return self.orders // 5


async def grow(size: Size) -> None:
    """Fill a migrated, empty database; it is analyzed then."""
    await transaction(lambda client: _fill(client, size))


async def _fill(client: Client, size: Size) -> None:
    for sql in _statements(size, client.capabilities.dialect):
        await fetch(client, sql)


def _statements(size: Size, dialect: str) -> list[str]:
    def series(number: int, name: str = "s") -> str:
        return _SERIES[dialect].format(n=number, name=name)

    orders, products = series(size.orders), series(size.products)
    is_open, is_canceled = size.is_open, size.is_canceled
    sku = f"CASE WHEN {is_open} THEN '{HOT}' ELSE 'SKU-' || (s.n % {size.products}) END"
    units = 2 * SCALE
    placed = f"{BEGAN} + s.n * CAST({MINUTE} AS BIGINT)"
    line = (
        f"{units}, CASE WHEN {is_open} OR {is_canceled} THEN 0 ELSE {units} END,"
        f" CASE WHEN {is_canceled} THEN {units} ELSE 0 END, 0"
    )
    channel = f"CASE WHEN s.n % {size.orders // RARE} = 0 THEN 'rare' ELSE 'default' END"
    return [
        "INSERT INTO stock (code, name) VALUES ('other', 'other')",
        "INSERT INTO source (code, name, search, enabled) VALUES ('north', 'north', 'north', TRUE)",
        "INSERT INTO stock_source (stock_id, source_id, priority) VALUES ('default', 'north', 1)",
        f"INSERT INTO product (sku, name, search) VALUES ('{HOT}', '{HOT}', 'hot')",
        (
            "INSERT INTO product (sku, name, search)"
            f" SELECT 'SKU-' || (s.n - 1), 'SKU-' || (s.n - 1), 'sku-' || (s.n - 1) FROM {products}"
        ),
        (
            "INSERT INTO source_item (source_id, product_id, quantity, in_stock)"
            f" SELECT 'north', sku, CASE WHEN sku = '{HOT}' THEN {10 * SCALE} ELSE {50 * SCALE} END, TRUE FROM product"
        ),
        (
            "INSERT INTO sales_order (number, sales_channel, stock, placed_at)"
            f" SELECT 'order-' || s.n, {channel}, 'default', {placed} FROM {orders} ORDER BY s.n"
        ),
        (
            "INSERT INTO order_line (order_id, sku, stock, ordered, shipped, canceled, refunded, late_at_placement,"
            f" is_reserved, is_open) SELECT s.n, {sku}, 'default', {line}, 0, TRUE, {is_open} FROM {orders} ORDER BY s.n"
        ),
        "INSERT INTO shipment (order_id, created_at) SELECT order_id, 0 FROM order_line WHERE shipped > 0",
        (
            "INSERT INTO shipment_line (shipment_id, sku, quantity, source)"
            " SELECT m.id, l.sku, l.shipped, 'north' FROM shipment m JOIN order_line l ON l.order_id = m.order_id"
        ),
        (
            "INSERT INTO reservation (sku, stock, quantity, order_number, event, created_at)"
            f" SELECT {sku}, 'default', CASE WHEN p.n > 1 THEN {SCALE}"
            f" WHEN {is_open} THEN -{(ROWS_OF_ORDER - 1) * SCALE + units} ELSE -{(ROWS_OF_ORDER - 1) * SCALE} END,"
            f" 'order-' || s.n, 'grown', {placed} FROM {orders} CROSS JOIN {series(ROWS_OF_ORDER, 'p')}"
        ),
        "INSERT INTO balance (sku, stock, quantity) SELECT sku, stock, SUM(quantity) FROM reservation GROUP BY sku, stock",
        (
            "INSERT INTO change_set (revision, created_at, actor, reason, change_count)"
            f" SELECT s.n, {placed}, 'bench', NULL, CASE WHEN s.n = {LARGE_SET} THEN {size.changes} ELSE 1 END"
            f" FROM {series(CHANGE_SETS)}"
        ),
        (
            "INSERT INTO rule_change"
            " (change_set_id, scope_type, source, sku, setting, before, after, active_from, active_until)"
            f" SELECT {LARGE_SET}, 'PRODUCT', '', 'SKU-' || (s.n % {size.products}), 'max_sale_qty', NULL, '5', 0, 1"
            f" FROM {series(size.changes)}"
        ),
        (
            "INSERT INTO rule_change"
            " (change_set_id, scope_type, source, sku, setting, before, after, active_from, active_until)"
            f" SELECT s.n, 'GLOBAL', '', '', 'max_sale_qty', NULL, '5', 0, 1 FROM {series(CHANGE_SETS)}"
            f" WHERE s.n <> {LARGE_SET}"
        ),
        (
            "INSERT INTO scope_rule (scope_type, source, sku, setting, active_from, active_until, value, revision)"
            f" SELECT 'PRODUCT', '', 'SKU-' || s.n, 'max_sale_qty', CASE WHEN s.n % {size.products // SCHEDULED} = 0"
            f" THEN {to_microseconds(END) - MINUTE} ELSE {to_microseconds(BEGINNING)} END, {to_microseconds(END)}, '500', 1"
            f" FROM {products}"
        ),
        f"UPDATE revision SET value = {CHANGE_SETS}",
        "ANALYZE",
    ]
