"""A plain model of orders: dicts and lists, told from the law alone, to hold the real store against."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

from rules.quantity import show

ZERO = Decimal(0)
Value = bool | str | Decimal
DEFAULTS: dict[str, Value] = {
    "manage_stock": True,
    "backorders": "NO_BACKORDERS",
    "out_of_stock_threshold": ZERO,
    "min_sale_qty": Decimal(1),
    "qty_uses_decimals": False,
}
STRENGTH = ("NO_BACKORDERS", "ALLOW", "ALLOW_AND_NOTIFY")

CallLine = tuple[str, Decimal, str | None]
Errors = list[tuple[str, int | None]]
Row = tuple[object, ...]
Freed = tuple[str, str, str, Decimal, Decimal]
"""A line that is covered further: order, SKU, stock, how much more, and what still waits."""


@dataclass(frozen=True)
class Call:
    """One call that is idempotent: the order's number (receiveStock: the source), and the lines (None: all that is open)."""

    mutation: str
    number: str
    lines: tuple[CallLine, ...] | None
    channel: str | None = None


@dataclass
class Answer:
    """What a call said: its errors, each with the line that it is about, and the facts of what it did."""

    errors: Errors = field(default_factory=list)
    facts: list[Row] = field(default_factory=list)


@dataclass(eq=False)
class Line:
    """One SKU of an order."""

    sku: str
    ordered: Decimal
    late: Decimal
    is_reserved: bool
    shipped: Decimal = ZERO
    canceled: Decimal = ZERO
    refunded: Decimal = ZERO
    taken: Decimal = ZERO
    """What shipments took off items, and refunds have not put back."""
    told_waiting: Decimal = ZERO
    """What waits, as it was told last."""
    told_late: Decimal = ZERO
    """What the customer was told is late, and has not heard of since."""

    @property
    def open(self) -> Decimal:
        """What is neither shipped nor canceled."""
        return self.ordered - self.shipped - self.canceled


@dataclass(eq=False)
class Order:
    """One order; movements hold the lines of its shipments and its refunds."""

    number: str
    channel: str
    stock: str
    lines: dict[str, Line]
    shipments: list[tuple[CallLine, ...]] = field(default_factory=list)
    refunds: list[tuple[CallLine, ...]] = field(default_factory=list)


@dataclass
class Goods:
    """What of a product counts in a stock."""

    is_assigned: bool
    is_managed: bool
    counts: bool
    free: Decimal
    threshold: Decimal
    is_unlimited: bool
    mode: str


@dataclass
class Model:
    """The whole store."""

    skus: Sequence[str]
    channels: dict[str, str]
    links: dict[str, list[str]]
    enabled: dict[str, bool]
    items: dict[tuple[str, str], tuple[Decimal, bool]] = field(default_factory=dict)
    rules: dict[tuple[str, str | None, str | None], Value] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    ledger: list[tuple[str, str, str, Decimal]] = field(default_factory=list)
    told: list[Row] = field(default_factory=list)

    def value(self, setting: str, sku: str, source: str | None = None) -> tuple[Value, object]:
        """The value in force, and the place of the rule that gave it."""
        places = ((source, sku), (None, sku), (source, None), (None, None))
        for place in places:
            if (setting, *place) in self.rules:
                return self.rules[setting, *place], place
        return DEFAULTS[setting], "default"

    def is_managed(self, sku: str) -> bool:
        """Whether the stock of a product is managed now."""
        return self.value("manage_stock", sku)[0] is True

    def goods(self, sku: str, stock: str) -> Goods:
        """Q + R, EFF and the mode of a product in a stock."""
        linked = [source for source in self.links[stock] if (source, sku) in self.items]
        counting = [source for source in linked if self.enabled[source] and self.items[source, sku][1]]
        modes = {source: str(self.value("backorders", sku, source)[0]) for source in counting}
        groups: dict[object, tuple[Decimal, bool]] = {}
        is_unlimited = False
        for source in counting:
            threshold, rule = self.value("out_of_stock_threshold", sku, source)
            assert isinstance(threshold, Decimal)
            allows = modes[source] != "NO_BACKORDERS"
            is_unlimited |= allows and threshold >= 0
            groups[rule] = threshold, allows or groups.get(rule, (ZERO, False))[1]
        eff = sum((min(each, ZERO) if allows else max(each, ZERO) for each, allows in groups.values()), ZERO)
        on_hand = sum((self.items[source, sku][0] for source in counting), ZERO)
        reserved = sum((row[3] for row in self.ledger if row[1:3] == (sku, stock)), ZERO)
        mode = max(modes.values(), key=STRENGTH.index, default="NO_BACKORDERS")
        is_managed = self.is_managed(sku)
        return Goods(bool(linked), is_managed, bool(counting), on_hand + reserved, eff, is_unlimited, mode)

    def salable_qty(self, sku: str, channel: str) -> Decimal | None:
        """What a shopper is told."""
        goods = self.goods(sku, self.channels[channel])
        if not goods.is_managed:
            return None
        if not goods.counts:
            return ZERO
        return goods.free if goods.is_unlimited else max(goods.free - goods.threshold, ZERO)

    def judge(self, sku: str, stock: str, quantity: Decimal) -> tuple[list[str], Decimal]:
        """Which checks a quantity fails, and the most that could be bought."""
        if sku not in self.skus:
            return ["UNKNOWN_PRODUCT"], ZERO
        goods = self.goods(sku, stock)
        if not goods.is_assigned:
            return ["NOT_ASSIGNED_TO_STOCK"], ZERO
        least = self.value("min_sale_qty", sku)[0]
        assert isinstance(least, Decimal)
        has_decimals = self.value("qty_uses_decimals", sku)[0] is True
        most = Decimal(10_000)
        errors = ["BELOW_MIN_SALE_QTY"] if quantity < least else []
        errors += ["ABOVE_MAX_SALE_QTY"] if quantity > most else []
        errors += ["DECIMALS_NOT_ALLOWED"] if quantity % 1 and not has_decimals else []
        if goods.is_managed and not goods.counts:
            return [*errors, "NO_SOURCE_IN_STOCK"], ZERO
        if goods.is_managed and not goods.is_unlimited:
            left = goods.free - goods.threshold
            most = min(most, left)
            errors += ["NOT_ENOUGH_QUANTITY"] if quantity > left else []
        if not has_decimals:
            most = most.to_integral_value(ROUND_FLOOR)
        return errors, most if most >= least else ZERO

    def queue(self) -> Iterator[tuple[Order, Line, Decimal, int]]:
        """Every line that is in a queue, oldest first: what the supply covers, its place among those that wait."""
        left: dict[tuple[str, str], Decimal] = {}
        places: dict[tuple[str, str], int] = {}
        for order in self.orders.values():
            for line in order.lines.values():
                key = line.sku, order.stock
                if not (line.open and line.is_reserved and self.is_managed(line.sku)):
                    continue
                if key not in left:
                    sources = [source for source in self.links[order.stock] if self.enabled[source]]
                    supply = sum((self.items.get((source, line.sku), (ZERO,))[0] for source in sources), ZERO)
                    left[key] = max(supply, ZERO)
                covered = min(left[key], line.open)
                left[key] -= covered
                places[key] = places.get(key, 0) + (line.open > covered)
                yield order, line, covered, places[key]

    def may_ship(self) -> dict[Line, Decimal]:
        """What may ship of every line now."""
        lines = {line: line.open for order in self.orders.values() for line in order.lines.values()}
        return lines | {line: covered for _, line, covered, _ in self.queue()}

    def freed_since(self, before: dict[Line, Decimal]) -> list[Freed]:
        """The lines that are covered further than before, oldest first."""
        return [
            (order.number, line.sku, order.stock, covered - before[line], line.open - covered)
            for order, line, covered, _ in self.queue()
            if covered > before[line]
        ]

    def tell_news(self) -> None:
        """Tell of the lines of which another number waits than was told last."""
        may_ship = self.may_ship()
        for order in self.orders.values():
            for line in order.lines.values():
                waits = line.open - may_ship[line]
                told = min(line.told_waiting, line.open)
                hears = max(min(line.told_late, line.open) - waits, ZERO)
                about = order.number, line.sku
                if waits > told:
                    self.told.append(("order.waiting", *about, show(waits - told), show(waits)))
                if waits < told:
                    self.told.append(("backorder.freed", *about, show(told - waits), show(waits), show(hears)))
                line.told_waiting, line.told_late = waits, min(line.told_late, waits)

    def book(self, order: Order, line: Line, quantity: Decimal) -> None:
        """Append to the ledger what a line reserves (negative) or gives back."""
        if line.is_reserved:
            self.ledger.append((order.number, line.sku, order.stock, quantity))

    def move(self, source: str, sku: str, quantity: Decimal) -> None:
        """Raise or lower an item; its status stays."""
        on_hand, is_in_stock = self.items[source, sku]
        self.items[source, sku] = on_hand + quantity, is_in_stock


def order_row(order: Order, may_ship: dict[Line, Decimal]) -> Row:
    """An order as it is shown."""
    lines = list(order.lines.values())
    paid_back = sum((line.canceled + line.refunded for line in lines), ZERO)
    ordered = sum((line.ordered for line in lines), ZERO)
    finished = "COMPLETE" if any(line.shipped for line in lines) else "CANCELED"
    status = "PROCESSING" if any(line.open for line in lines) else finished
    payment = "REFUNDED" if paid_back == ordered else "PARTIALLY_REFUNDED" if paid_back else "CAPTURED"
    rows = [
        (
            *(each.sku, each.ordered, each.open, each.shipped, each.canceled, each.refunded, each.late),
            *(each.open - may_ship[each], may_ship[each]),
        )
        for each in lines
    ]
    hold = any(each.open > may_ship[each] for each in lines)
    return (order.number, order.channel, order.stock, status, payment, hold, rows, order.shipments, order.refunds)


def totals(lines: Sequence[CallLine]) -> dict[str, Decimal]:
    """The quantity of each SKU, at its first place."""
    found: dict[str, Decimal] = {}
    for sku, quantity, _ in lines:
        found[sku] = found.get(sku, ZERO) + quantity
    return found
