"""What the plain model of orders says to each call."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from tests.order_model import ZERO, Answer, Call, CallLine, Errors, Line, Model, Order, totals


def answer(model: Model, call: Call) -> Answer:
    """What a call does to the model, and what it says."""
    lines = call.lines
    errors: Errors = [("INVALID_QUANTITY", place) for place, line in enumerate(lines or ()) if line[1] <= 0]
    if errors or lines == ():
        return Answer(errors or [("EMPTY_ORDER", None)])
    if call.mutation == "placeOrder":
        return _place(model, call.number, call.channel or "default", lines or ())
    if call.mutation == "receiveStock":
        return _receive(model, call.number, lines or ())
    order = model.orders.get(call.number)
    if order is None:
        return Answer([("UNKNOWN_ORDER", None)])
    changes = {"cancelOrder": _cancel, "shipOrder": _ship, "refundOrder": _refund}
    return changes[call.mutation](model, order, lines)


def _place(model: Model, number: str, channel: str, lines: Sequence[CallLine]) -> Answer:
    if channel not in model.channels:
        return Answer([("UNKNOWN_SALES_CHANNEL", None)])
    if number in model.orders:
        return Answer([("ORDER_NUMBER_TAKEN", None)])
    stock, wanted = model.channels[channel], totals(lines)
    refused = Answer()
    for sku, quantity in wanted.items():
        codes, most = model.judge(sku, stock, quantity)
        if codes:
            refused.errors.append(("NOT_SALABLE", next(place for place, line in enumerate(lines) if line[0] == sku)))
            refused.facts.append((sku, most, codes))
    if refused.errors:
        return refused
    order = Order(number, channel, stock, {})
    noticed: dict[str, Decimal] = {}
    for sku, quantity in wanted.items():
        goods = model.goods(sku, stock)
        goes_below = goods.is_managed and goods.mode != "NO_BACKORDERS"
        late = min(max(quantity - goods.free, ZERO), quantity) if goes_below else ZERO
        order.lines[sku] = Line(sku, quantity, late, goods.is_managed)
        if late and goods.mode == "ALLOW_AND_NOTIFY":
            noticed[sku] = late
    model.orders[number] = order
    may_ship = model.may_ship()
    for line in order.lines.values():
        line.told_waiting = line.open - may_ship[line]
        line.told_late = min(noticed.get(line.sku, ZERO), line.told_waiting)
    for line in order.lines.values():
        model.book(order, line, -line.ordered)
    if any(line.late for line in order.lines.values()):
        model.told.append(("order.backordered", number))
    return Answer(facts=[*noticed.items()])


def _ship(model: Model, order: Order, lines: Sequence[CallLine] | None) -> Answer:
    assert lines
    may_ship = model.may_ship()
    errors = (
        _too_many(order, lines, "NOT_OPEN", lambda line: line.open)
        or _too_many(order, lines, "BACKORDER_ON_HOLD", lambda line: may_ship[line])
        or _source_errors(model, order, lines)
        or _shortages(model, lines)
    )
    if errors:
        return Answer(errors)
    shipment: list[CallLine] = []
    for sku, quantity, source in lines:
        line = order.lines[sku]
        line.shipped += quantity
        model.book(order, line, quantity)
        if model.is_managed(sku) and source is not None:
            model.move(source, sku, -quantity)
            line.taken += quantity
        shipment.append((sku, quantity, source if model.is_managed(sku) else None))
    order.shipments.append(tuple(shipment))
    model.told.append(("order.shipped", order.number))
    model.tell_news()
    return Answer(facts=list(shipment))


def _cancel(model: Model, order: Order, lines: Sequence[CallLine] | None) -> Answer:
    if lines is None:
        lines = [(line.sku, line.open, None) for line in order.lines.values() if line.open]
        if not lines:
            return Answer([("NOT_OPEN", None)])
    if errors := _too_many(order, lines, "NOT_OPEN", lambda line: line.open):
        return Answer(errors)
    for sku, quantity, _ in lines:
        line = order.lines[sku]
        line.canceled += quantity
        line.told_waiting, line.told_late = (max(each - quantity, ZERO) for each in (line.told_waiting, line.told_late))
        model.book(order, line, quantity)
    model.told.append(("order.canceled", order.number))
    model.tell_news()
    return Answer()


def _refund(model: Model, order: Order, lines: Sequence[CallLine] | None) -> Answer:
    assert lines
    errors = _too_many(order, lines, "NOT_SHIPPED", lambda line: line.shipped - line.refunded)
    errors = errors or _unknown_items(model, [(sku, source) for sku, _, source in lines])
    if errors:
        return Answer(errors)
    written: list[CallLine] = []
    for sku, quantity, source in lines:
        line = order.lines[sku]
        line.refunded += quantity
        back = ZERO if source is None else min(quantity, line.taken)
        line.taken -= back
        if source is not None and back:
            model.move(source, sku, back)
            written.append((sku, back, source))
        if back < quantity:
            written.append((sku, quantity - back, None))
    order.refunds.append(tuple(written))
    model.tell_news()
    return Answer(facts=list(written))


def _receive(model: Model, source: str, lines: Sequence[CallLine]) -> Answer:
    if source not in model.enabled:
        return Answer([("UNKNOWN_SOURCE", None)])
    if errors := _unknown_items(model, [(sku, source) for sku, _, _ in lines]):
        return Answer(errors)
    before = model.may_ship()
    for sku, quantity, _ in lines:
        model.move(source, sku, quantity)
    freed = model.freed_since(before)
    model.tell_news()
    is_linked = any(source in sources for sources in model.links.values())
    warnings = [("SOURCE_DISABLED", model.enabled[source]), ("UNLINKED_SOURCE", is_linked)]
    return Answer(facts=[*freed, *((code,) for code, is_right in warnings if not is_right)])


def _too_many(order: Order, lines: Sequence[CallLine], code: str, most: Callable[[Line], Decimal]) -> Errors:
    asked = totals(lines)
    errors: Errors = []
    for place, (sku, _, _) in enumerate(lines):
        if sku not in order.lines:
            errors.append(("UNKNOWN_LINE", place))
        elif asked[sku] > most(order.lines[sku]):
            errors.append((code, place))
    return errors


def _source_errors(model: Model, order: Order, lines: Sequence[CallLine]) -> Errors:
    errors: Errors = []
    for place, (sku, _, source) in enumerate(lines):
        if source is None:
            errors += [("SOURCE_REQUIRED", place)] if model.is_managed(sku) else []
        elif source not in model.enabled:
            errors.append(("UNKNOWN_SOURCE", place))
        elif not model.enabled[source] or source not in model.links[order.stock]:
            errors.append(("SOURCE_NOT_ELIGIBLE", place))
    return errors


def _shortages(model: Model, lines: Sequence[CallLine]) -> Errors:
    leaving: dict[tuple[str, str], Decimal] = {}
    for sku, quantity, source in lines:
        if source is not None and model.is_managed(sku):
            leaving[source, sku] = leaving.get((source, sku), ZERO) + quantity
    short = {key for key, quantity in leaving.items() if quantity > model.items.get(key, (ZERO,))[0]}
    return [("NOT_ENOUGH_AT_SOURCE", place) for place, (sku, _, source) in enumerate(lines) if (source, sku) in short]


def _unknown_items(model: Model, named: Sequence[tuple[str, str | None]]) -> Errors:
    errors: Errors = []
    for place, (sku, source) in enumerate(named):
        if source is not None and source not in model.enabled:
            errors.append(("UNKNOWN_SOURCE", place))
        elif source is not None and (source, sku) not in model.items:
            errors.append(("UNKNOWN_SOURCE_ITEM", place))
    return errors
