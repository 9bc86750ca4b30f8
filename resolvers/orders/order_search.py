"""Which index an order list is read along: the narrowest one that a filter gives, and what is judged row by row beside it.

Every list is read newest first: by id, but for a window of time, which is read by placement and then by id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.database import Client
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.errors import RequestError
from resolvers.pages import MOST_COUNTED, Total
from rules.order import OrderStatus
from rules.validation import is_code

MOST_JUDGED = 1_000
"""Orders that a count may judge one by one."""
FROM_THE_START = 2**62

_COLUMNS = "o.id, o.number, o.sales_channel, o.stock, o.placed_at"
_OPEN = "EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.is_open = TRUE)"
_SHIPPED = "EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.shipped > 0)"
_OF_SKU = "EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.sku = {})"
_OF_STATUS = {
    OrderStatus.PROCESSING: _OPEN,
    OrderStatus.COMPLETE: f"NOT {_OPEN} AND {_SHIPPED}",
    OrderStatus.CANCELED: f"NOT {_OPEN} AND NOT {_SHIPPED}",
}
# Where lines are sought by is_open it is spelled as in the condition of the index: SQLite compares letter by letter.
_OF_LINES = "SELECT DISTINCT l.order_id AS id FROM order_line l WHERE {} AND l.order_id < {} ORDER BY l.order_id DESC"
_OF_ORDERS = "SELECT c.id FROM sales_order c WHERE {} AND c.id < {} ORDER BY c.id DESC"
_OF_WINDOW = "SELECT c.id FROM sales_order c WHERE {} ORDER BY c.placed_at DESC, c.id DESC"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders; None leaves a criterion out."""

    number: str | None = None
    sku: str | None = None
    sales_channel: str | None = None
    status: OrderStatus | None = None
    shipping_hold: bool | None = None
    placed_from: datetime | None = None
    placed_until: datetime | None = None

    @property
    def is_lawful(self) -> bool:
        """Whether there can be such orders at all."""
        return all(is_code(code) for code in (self.number, self.sku, self.sales_channel) if code is not None)

    @property
    def has_window(self) -> bool:
        """Whether it asks for a time of placement."""
        return self.placed_from is not None or self.placed_until is not None

    @property
    def by_placement(self) -> bool:
        """Whether the list is read along the time of placement: no narrower index is there."""
        return self.has_window and self.number is None and self.sku is None


@dataclass(frozen=True, slots=True)
class Looked:
    """Orders that were looked at along an index: all of their ids in order, and the rows of those that pass."""

    ids: Sequence[int]
    passed: Sequence[dict[str, Any]]


class OrderSearch:
    """The statements of one filter, for a list behind an order (by id)."""

    def __init__(self, asked: OrderFilter, behind: int, placed_behind: int | None) -> None:
        self._parameters: list[Any] = []
        self._order = "o.placed_at DESC, o.id DESC" if asked.by_placement else "o.id DESC"
        self._along, self._beside = self._read(asked, behind, placed_behind)

    @classmethod
    async def behind(cls, client: Client, asked: OrderFilter, order_id: int) -> "OrderSearch":
        """The search behind an order, and its time of placement where the list goes by that; BAD_CURSOR if it is gone."""
        if not asked.by_placement or order_id == FROM_THE_START:
            return cls(asked, order_id, None)
        rows = await fetch(client, "SELECT placed_at FROM sales_order WHERE id = $1", order_id)
        if not rows:
            raise RequestError("BAD_CURSOR", "The order of this cursor is not there; begin at the first page.")
        return cls(asked, order_id, rows[0]["placed_at"])

    @property
    def judges(self) -> bool:
        """Whether rows along the index are judged one by one."""
        return bool(self._beside)

    async def look(self, client: Client, most: int) -> Looked:
        """The next orders along the index, at most so many; one statement."""
        passes = " AND ".join(self._beside) or "TRUE"
        sql = f"""
            SELECT {_COLUMNS}, CASE WHEN {passes} THEN 1 ELSE 0 END AS passes
            FROM ({self._along} LIMIT {most:d}) d JOIN sales_order o ON o.id = d.id ORDER BY {self._order}
        """
        rows = await fetch(client, sql, *self._parameters)
        return Looked([row["id"] for row in rows], [row for row in rows if row["passes"]])

    async def count(self, client: Client) -> Total:
        """How many orders pass, of a bounded number that is looked at; one statement."""
        if not self.judges:
            sql = f"SELECT COUNT(*) AS n FROM ({self._along} LIMIT {MOST_COUNTED + 1:d}) d"
            return Total.of((await fetch(client, sql, *self._parameters))[0]["n"], MOST_COUNTED)
        sql = f"""
            SELECT COUNT(*) AS looked_at, COALESCE(SUM(CASE WHEN {" AND ".join(self._beside)} THEN 1 ELSE 0 END), 0) AS n
            FROM ({self._along} LIMIT {MOST_JUDGED:d}) d JOIN sales_order o ON o.id = d.id
        """
        row = (await fetch(client, sql, *self._parameters))[0]
        return Total(int(row["n"]), row["looked_at"] < MOST_JUDGED)

    def _read(self, asked: OrderFilter, behind: int, placed_behind: int | None) -> tuple[str, list[str]]:
        """The statement that goes along an index, and the conditions on `sales_order o` that it leaves."""
        given = self._given
        beside = {
            "sku": asked.sku is not None,
            "window": asked.has_window,
            "status": asked.status is not None,
            "channel": asked.sales_channel is not None,
        }
        if asked.number is not None:
            along = _OF_ORDERS.format(f"c.number = {given(asked.number)}", given(behind))
        elif beside["sku"]:
            beside["sku"] = False
            along = _OF_LINES.format(f"l.sku = {given(asked.sku)}", given(behind))
        elif beside["window"]:
            beside["window"] = False
            along = _OF_WINDOW.format(" AND ".join(self._window("c", asked, behind, placed_behind)))
        elif asked.status is OrderStatus.PROCESSING or asked.shipping_hold:
            beside["status"] = asked.status not in (None, OrderStatus.PROCESSING)
            along = _OF_LINES.format("l.is_open = true", given(behind))
        elif asked.status is OrderStatus.CANCELED:  # judged: another line of the order may have been shipped
            along = _OF_LINES.format("l.is_open = false AND l.shipped = 0", given(behind))
        elif beside["channel"]:
            beside["channel"] = False
            along = _OF_ORDERS.format(f"c.sales_channel = {given(asked.sales_channel)}", given(behind))
        else:
            along = _OF_ORDERS.format("TRUE", given(behind))
        return along, [self._judging(name, asked) for name, is_left in beside.items() if is_left]

    def _judging(self, name: str, asked: OrderFilter) -> str:
        if name == "sku":
            return _OF_SKU.format(self._given(asked.sku))
        if name == "window":
            return " AND ".join(self._window("o", asked))
        if asked.status is not None and name == "status":
            return _OF_STATUS[asked.status]
        return f"o.sales_channel = {self._given(asked.sales_channel)}"

    def _window(
        self, table: str, asked: OrderFilter, behind: int = FROM_THE_START, placed_behind: int | None = None
    ) -> list[str]:
        bounds = ((">=", asked.placed_from), ("<", asked.placed_until))
        conditions = [
            f"{table}.placed_at {sign} {self._given(to_microseconds(instant))}"
            for sign, instant in bounds
            if instant is not None
        ]
        if placed_behind is not None:
            key = f"{self._given(placed_behind)}, {self._given(behind)}"
            conditions.append(f"({table}.placed_at, {table}.id) < ({key})")
        return conditions

    def _given(self, value: Any) -> str:
        self._parameters.append(value)
        return f"${len(self._parameters)}"
