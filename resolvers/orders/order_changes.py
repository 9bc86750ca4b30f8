"""What becomes of an order: cancel, ship, refund. Each is one transaction, whole or not at all."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from models.database import Client
from resolvers.calls import Facts, once
from resolvers.covered_lines import freeing
from resolvers.errors import Refused, refuse_if
from resolvers.notifications.stock_events import movement
from resolvers.orders.item_moves import items_of, lower_items, raise_items, source_errors
from resolvers.orders.line_news import news_of_lines
from resolvers.orders.order_lock import (
    LineChange,
    all_open,
    give_back,
    hold_errors,
    lock_order,
    open_of,
    quantity_errors,
    record_refund,
    record_shipment,
    refundable_of,
    stored_call,
    totals_of,
    write_canceled,
    write_refunded,
    write_shipped,
)
from resolvers.orders.order_returns import parts_put_back, split_lines
from resolvers.orders.orders import Movement, Order, order_by_number
from resolvers.orders.place_order import line_errors
from resolvers.outbox import Event, Message, tell
from resolvers.queue import managed_skus, queues_of
from rules.quantity import show, to_units
from rules.validation import UserError


@dataclass(frozen=True, slots=True)
class Changed:
    """The order as it is now, and the shipment or refund of this call."""

    order: Order
    movement: Movement | None = None


async def cancel_order(number: str, lines: Sequence[LineChange] | None, key: str) -> Changed:
    """Cancel open units, all of them without lines; frees younger lines."""

    async def cancel(client: Client) -> Facts:
        locked = await lock_order(client, number)
        asked = all_open(locked) if lines is None else lines
        if not asked:
            raise Refused([UserError("NOT_OPEN", "Nothing of this order is open.", ("number",))])
        totals = totals_of(asked)
        refuse_if(quantity_errors(locked, asked, totals, "NOT_OPEN", open_of))
        async with movement(client, totals):
            await write_canceled(client, locked, totals)
            freed = await give_back(client, locked, totals, "order_canceled", frees=True)
        canceled = {sku: show(quantity) for sku, quantity in totals.items()}
        news = await news_of_lines(client, freed)
        await tell(client, [Message(Event.ORDER_CANCELED, number, {"order": number, "canceled": canceled}), *news])
        return {"number": number}

    refuse_if([] if lines is None else line_errors([(line.sku, line.quantity) for line in lines], ("lines",)))
    number, stored = await stored_call(number, lines or ())
    lines = None if lines is None else stored
    return await _changed("cancelOrder", number, lines, key, cancel)


async def ship_order(number: str, lines: Sequence[LineChange], key: str) -> Changed:
    """Ship what is covered, from sources that are enabled and linked to the order's stock, never below 0 there."""
    refuse_if(line_errors([(line.sku, line.quantity) for line in lines], ("lines",)))
    number, lines = await stored_call(number, lines)

    async def ship(client: Client) -> Facts:
        # A source may feed other stocks too: what leaves it flips products there, and nobody sells there meanwhile.
        queues = await queues_of(client, items_of(lines))
        locked = await lock_order(client, number, queues)
        totals = totals_of(lines)
        refuse_if(quantity_errors(locked, lines, totals, "NOT_OPEN", open_of))
        refuse_if(hold_errors(locked, lines, totals))
        managed = await managed_skus(client, totals)
        refuse_if(await source_errors(client, locked.row["stock"], lines, managed))
        leaving = [line for line in lines if line.sku in managed]
        # Units that were covered in their own queue leave it with their goods: whoever is behind them has as much as before.
        own = {(sku, locked.row["stock"]) for sku in totals if locked.lines[sku]["is_reserved"]}
        async with movement(client, totals), freeing(client, queues - own) as cover:
            refuse_if(await lower_items(client, leaving, lines))
            await write_shipped(client, locked, totals)
            await give_back(client, locked, totals, "order_shipped", frees=False)
        shipped = {sku: show(quantity) for sku, quantity in totals.items()}
        news = await news_of_lines(client, cover.covered)
        await tell(client, [Message(Event.ORDER_SHIPPED, number, {"order": number, "shipped": shipped}), *news])
        return {"number": number, "movement": await record_shipment(client, locked, lines, managed)}

    return await _changed("shipOrder", number, lines, key, ship)


async def refund_order(number: str, lines: Sequence[LineChange], key: str) -> Changed:
    """Refund shipped units, back to a source or nowhere.

    Units that shipments took off items raise the item at the source, and free what waits; all others raise none.
    """
    refuse_if(line_errors([(line.sku, line.quantity) for line in lines], ("lines",)))
    number, lines = await stored_call(number, lines)

    async def refund(client: Client) -> Facts:
        locked = await lock_order(client, number, await queues_of(client, items_of(lines)))
        totals = totals_of(lines)
        refuse_if(quantity_errors(locked, lines, totals, "NOT_SHIPPED", refundable_of))
        parts = await parts_put_back(client, locked, lines)
        back = [
            (("lines", str(index)), replace(line, quantity=part))
            for index, (line, part) in enumerate(zip(lines, parts, strict=True))
            if line.source is not None
        ]
        async with movement(client, {line.sku for _, line in back}):
            cover = await raise_items(client, back, "return_to_source")
        await write_refunded(client, locked, totals)
        await tell(client, await news_of_lines(client, cover.covered))
        written = split_lines(lines, parts)
        return {"number": number, "movement": await record_refund(client, locked, written)}

    return await _changed("refundOrder", number, lines, key, refund)


async def _changed(
    mutation: str, number: str, lines: Sequence[LineChange] | None, key: str, body: Callable[[Client], Awaitable[Facts]]
) -> Changed:
    given = {
        "number": number,
        "lines": None if lines is None else [[line.sku, to_units(line.quantity), line.source] for line in lines],
    }
    facts = await once(mutation, key, given, body, ("idempotency_key",))
    order = await order_by_number(facts["number"])
    assert order is not None  # noqa: S101  # orders are never removed
    movements = {"shipOrder": order.shipments, "refundOrder": order.refunds}.get(mutation, ())
    return Changed(order, next((each for each in movements if each.id == facts.get("movement")), None))
