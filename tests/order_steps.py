"""Random steps for the plain model of orders, most of them near the edge between what is allowed and what is not."""

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.catalogue.stock_upserts import ChannelRow, LinkRow, StockRow, upsert_sales_channels, upsert_stocks
from resolvers.orders.line_survey import line_surveyor
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from tests.catalogues import CHANNELS, SKUS, SOURCES
from tests.order_model import Call, CallLine, Line, Model, Order, Value
from tests.worlds import rule

STOCKS = ("default", "other")
MODES = ("NO_BACKORDERS", "ALLOW", "ALLOW_AND_NOTIFY")
UNTIDY = (Decimal(0), Decimal(-1), Decimal("2.5"), Decimal("0.0001"), Decimal(10_001))


@dataclass(frozen=True)
class Items:
    """Writes of source items: source, SKU, quantity, status; None leaves a column as it is."""

    rows: tuple[tuple[str, str, Decimal | None, bool | None], ...]


@dataclass(frozen=True)
class Rule:
    """A value of a setting at a place, or None to remove it."""

    setting: str
    source: str | None
    sku: str | None
    value: Value | None


@dataclass(frozen=True)
class Enabled:
    """A source, and whether it is enabled."""

    source: str
    enabled: bool


@dataclass(frozen=True)
class Moved:
    """A sales channel, and the stock that it sells from now."""

    channel: str
    stock: str


@dataclass(frozen=True)
class Linked:
    """A stock, and the sources that it draws on, in this order."""

    stock: str
    sources: tuple[str, ...]


Change = Items | Rule | Enabled | Moved | Linked
Step = Change | Call

CALLS = ("placeOrder",) * 6 + ("shipOrder",) * 6 + ("cancelOrder",) * 3 + ("refundOrder",) * 3 + ("receiveStock",) * 3
CHANGES = ("items",) * 3 + ("rule",) * 3 + ("manage", "manage", "manage", "enabled", "moved", "linked")


def beginning(by: Random) -> list[Change]:
    """A store to begin with; mostly one that takes backorders."""
    places = [(source, sku) for source in SOURCES for sku in SKUS if by.random() < 0.8]
    return [
        Items(tuple((source, sku, Decimal(by.randint(0, 6)), True) for source, sku in places)),
        Rule("qty_uses_decimals", None, "C", value=True),
        Rule("min_sale_qty", None, "C", Decimal("0.5")),
        Rule("backorders", None, None, by.choice((*MODES, "ALLOW_AND_NOTIFY"))),
        Rule("out_of_stock_threshold", None, None, Decimal(by.choice((-40, -20, -40, 0, 2)))),
        Rule("manage_stock", None, by.choice(SKUS), by.choice((None, None, False))),
        *(a_change(by, "rule") for _ in range(2)),
    ]


def a_step(by: Random, model: Model) -> Step:
    """One step that means something in this store."""
    kind = by.choice(CALLS + CHANGES)
    return a_call(by, model, kind) if kind in CALLS else a_change(by, kind)


def a_change(by: Random, kind: str) -> Change:
    """A change of the store that is no call about orders."""
    if kind == "items":
        keys = dict.fromkeys((by.choice(SOURCES), by.choice(SKUS)) for _ in range(by.randint(1, 3)))
        return Items(
            tuple(
                (source, sku, by.choice((None, Decimal(by.randint(-4, 15)))), by.choice((None, True, False, True)))
                for source, sku in keys
            )
        )
    if kind == "rule":
        setting, sku = by.choice(("backorders", "out_of_stock_threshold")), by.choice((None, None, *SKUS))
        value: Value = by.choice(MODES) if setting == "backorders" else Decimal(by.randint(-15, 3))
        return Rule(setting, by.choice((None, None, *SOURCES)), sku, by.choice((None, value, value)))
    if kind == "manage":
        return Rule("manage_stock", None, by.choice((None, *SKUS, *SKUS)), by.choice((False, None, True)))
    if kind == "enabled":
        return Enabled(by.choice(SOURCES), by.random() < 0.7)
    if kind == "moved":
        return Moved(by.choice(CHANNELS), by.choice(STOCKS))
    return Linked(by.choice(STOCKS), tuple(by.sample(SOURCES, by.randint(1, 3))))


def a_call(by: Random, model: Model, mutation: str) -> Call:
    """A call of a mutation, lawful more often than not; where nothing can be done to an order, something is ordered."""
    orders = [*model.orders.values()]
    alive = [each for each in orders if any(_most(model, mutation, line) for line in each.lines.values())]
    if mutation == "placeOrder" or (mutation != "receiveStock" and not alive and not rarely(by)):
        number = "1" if rarely(by) else f"{len(model.orders) + 1}"
        skus = by.choices((*SKUS, *SKUS, *SKUS, "a") if rarely(by) else SKUS, k=by.randint(1, 3))
        lines = [(sku, by.choice(UNTIDY) if rarely(by) else Decimal(by.randint(1, 9)), None) for sku in skus]
        channel = "nowhere" if rarely(by) else by.choice((None, None, *CHANNELS))
        return Call("placeOrder", number, tuple(lines), channel)
    if mutation == "receiveStock":
        source = "nowhere" if rarely(by) else by.choice(SOURCES)
        here = [sku for at, sku in model.items if at == source and not rarely(by)] or SKUS
        received = tuple((sku, Decimal(by.randint(1, 8)), None) for sku in by.choices(here, k=by.randint(1, 3)))
        return Call(mutation, source, received)
    if not orders or by.random() < 0.02:
        return Call(mutation, "unknown", (("A", Decimal(1), None),))
    order = by.choice(orders if rarely(by) or not alive else alive)
    if mutation == "cancelOrder" and by.random() < 0.3:
        return Call(mutation, order.number, None)
    known = [*order.lines.values()]
    asked = [_line(by, model, mutation, order, line) for line in by.sample(known, by.randint(1, len(known)))]
    if rarely(by):
        asked.append((by.choice(SKUS), by.choice((*UNTIDY, Decimal(1))), by.choice((None, *SOURCES, "nowhere"))))
    return Call(mutation, order.number, tuple(asked))


def _line(by: Random, model: Model, mutation: str, order: Order, line: Line) -> CallLine:
    most = _most(model, mutation, line)
    source = None if mutation == "cancelOrder" else by.choice((None, *SOURCES, *SOURCES))
    if mutation == "shipOrder":
        offered = [
            each
            for each in model.links[order.stock]
            if model.enabled[each] and model.items.get((each, line.sku), (0,))[0] > 0
        ]
        if offered and by.random() < 0.8:
            source = by.choice(offered)
            most = most if by.random() < 0.2 else min(most, model.items[source, line.sku][0])
    edges = (most, most, most, most, Decimal(1), most - 1, most + 1, line.open)
    return line.sku, by.choice([each for each in edges if each > 0]), source


def _most(model: Model, mutation: str, line: Line) -> Decimal:
    if mutation == "refundOrder":
        return line.shipped - line.refunded
    return model.may_ship()[line] if mutation == "shipOrder" else line.open


def rarely(by: Random) -> bool:
    """Seldom enough to get far, often enough to matter."""
    return by.random() < 0.06


def other_input(call: Call) -> Call:
    """A call that differs by one quantity."""
    (sku, quantity, source), *rest = call.lines or (("A", Decimal(1), None),)
    return replace(call, lines=((sku, quantity + 1, source), *rest))


def same_input(call: Call) -> Call:
    """The same call, its quantities written with four places."""
    lines = call.lines and tuple(
        (sku, quantity.quantize(Decimal("0.0001")), source) for sku, quantity, source in call.lines
    )
    return replace(call, lines=lines)


def change_model(model: Model, change: Change) -> None:
    """Make a change in the model."""
    match change:
        case Items(rows):
            for source, sku, quantity, is_in_stock in rows:
                before = model.items.get((source, sku), (Decimal(0), True))
                model.items[source, sku] = (
                    before[0] if quantity is None else quantity,
                    before[1] if is_in_stock is None else is_in_stock,
                )
        case Rule(setting, source, sku, None):
            model.rules.pop((setting, source, sku), None)
        case Rule(setting, source, sku, value) if value is not None:
            model.rules[setting, source, sku] = value
        case Enabled(source, enabled):
            model.enabled[source] = enabled
        case Moved(channel, stock):
            model.channels[channel] = stock
        case Linked(stock, sources):
            model.links[stock] = list(sources)
    model.tell_news()


async def make_change(change: Change) -> None:
    """Make a change in the store, and look through the lines for what it was no movement of."""
    await _change(change)
    await line_surveyor().run(patience=0)


async def _change(change: Change) -> None:
    match change:
        case Items(rows):
            await set_source_items([SourceItemRow(*row) for row in rows])
        case Rule(setting, source, sku, value):
            typed = BackorderMode(value) if isinstance(value, str) else value
            await rule(scope_of(source, sku), {SettingKey(setting): typed})
        case Enabled(source, enabled):
            await upsert_sources([SourceRow(source, None, enabled)])
        case Moved(channel, stock):
            await upsert_sales_channels([ChannelRow(channel, None, stock)])
        case Linked(stock, sources):
            links = [LinkRow(source, place) for place, source in enumerate(sources)]
            await upsert_stocks([StockRow(stock, None, links)])
