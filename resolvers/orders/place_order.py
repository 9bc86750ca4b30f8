"""Placing an order: checked by the calculator and reserved in one transaction, whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from models.database import Client
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.availability.products import ProductView, views_of_skus, with_hints
from resolvers.balances import lock_balances
from resolvers.calls import Facts, once
from resolvers.errors import Refused, RequestError, refuse_if
from resolvers.keys import ORDER, PRODUCT, SALES_CHANNEL, Keys, key_of, keys_of
from resolvers.notifications.stock_events import flip_messages
from resolvers.orders.orders import Order, order_by_number
from resolvers.orders.reservations import ReservationRow, append_reservations
from resolvers.outbox import Event, Message, tell
from resolvers.sales_channels import DEFAULT_CHANNEL, Channel, channel_by_code
from rules.calculator import Availability, availability
from rules.key import quoted
from rules.quantity import from_units, show, to_units
from rules.salability import Salability, SalabilityErrorCode, cart_salability
from rules.told import Told, told_at_placement
from rules.validation import UserError, email_errors, is_code, locale_errors

MOST_LINES = 1_000

_INSERT_ORDER = """
INSERT INTO sales_order (number, sales_channel, stock, placed_at, customer_email, locale) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (number) DO NOTHING RETURNING id
"""
_LINE_ROWS = (
    "rows($1, place integer, order_id bigint, sku text, stock text, ordered bigint, late bigint, told_waiting bigint,"
    " told_late bigint, is_reserved boolean)"
)
_INSERT_LINES = f"""
INSERT INTO order_line
    (order_id, sku, stock, ordered, shipped, canceled, refunded, late_at_placement, told_waiting, told_late, is_reserved,
     is_open)
SELECT r.order_id, r.sku, r.stock, r.ordered, 0, 0, 0, r.late, r.told_waiting, r.told_late, r.is_reserved, TRUE
FROM {_LINE_ROWS} ORDER BY r.place
"""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What to order, through which channel (None: the default one), and how to reach the customer, if at all."""

    number: str
    sales_channel: str | None
    lines: Sequence[tuple[str, Decimal]]
    idempotency_key: str
    customer_email: str | None = field(default=None, repr=False)
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class BackorderNotice:
    """What ALLOW_AND_NOTIFY tells the customer about one SKU."""

    sku: str
    backordered: Decimal
    message: str


@dataclass(frozen=True, slots=True)
class Placed:
    """The order as it is now, and what its placement told the customer."""

    order: Order
    notices: list[BackorderNotice]


class Unsalable(Refused):
    """An order that cannot be sold as a whole, with every line that stands in the way and what could be had."""

    def __init__(self, errors: Sequence[UserError], lines: Sequence[Salability]) -> None:
        super().__init__(errors)
        self.lines = list(lines)


async def place_order(request: OrderRequest) -> Placed:
    """Place an order; Refused (Unsalable) with nothing written, and with its key free, where it cannot be."""
    numbers = await keys_of(ORDER, [request.number])
    request = replace(request, number=numbers.of(request.number))
    refuse_if(_unlawful(request, numbers))
    request = await _stored(request)
    wanted: dict[str, Decimal] = {}
    for sku, quantity in request.lines:
        wanted[sku] = wanted.get(sku, Decimal(0)) + quantity
    given: dict[str, Any] = {
        "number": request.number,
        "sales_channel": DEFAULT_CHANNEL if request.sales_channel is None else request.sales_channel,
        "lines": [[sku, to_units(quantity)] for sku, quantity in request.lines],
    }
    # Left out where they were not given: the digests of calls from before these fields stay what they are.
    given |= {
        name: value
        for name, value in (("customer_email", request.customer_email), ("locale", request.locale))
        if value is not None
    }

    async def place(client: Client) -> Facts:
        channel = await _channel(client, request.sales_channel)
        if await fetch(client, "SELECT id FROM sales_order WHERE number = $1", request.number):
            raise _taken(request.number)
        skus = sorted(sku for sku in wanted if is_code(sku))
        await lock_balances(client, [(sku, channel.stock) for sku in skus])
        found = await views_of_skus(client, skus, channel, datetime.now(UTC), all_items=False)
        judged = await with_hints(client, _judged(wanted, found))
        refuse = [(place, answer) for place, answer in enumerate(judged) if not answer.is_salable]
        if refuse:
            raise Unsalable([_not_salable(request, answer) for _, answer in refuse], [answer for _, answer in refuse])
        await _write(client, request, channel, judged, found)
        notices = [
            {"sku": answer.sku, "late": to_units(answer.backordered_qty), "message": answer.notice}
            for answer in judged
            if answer.notice
        ]
        return {"number": request.number, "notices": notices}

    facts = await once("placeOrder", request.idempotency_key, given, place, ("input", "idempotency_key"))
    order = await order_by_number(facts["number"])
    assert order is not None  # noqa: S101  # orders are never removed
    notices = [BackorderNotice(each["sku"], from_units(each["late"]), each["message"]) for each in facts["notices"]]
    return Placed(order, notices)


def line_errors(lines: Sequence[tuple[str, Decimal]], path: tuple[str, ...]) -> list[UserError]:
    """EMPTY_ORDER, TOO_MANY and INVALID_QUANTITY, whatever a call does with its lines."""
    if not lines:
        return [UserError("EMPTY_ORDER", "There are no lines.", path)]
    if len(lines) > MOST_LINES:
        return [UserError("TOO_MANY", f"A call has at most {MOST_LINES:,} lines.", path)]
    return [
        UserError("INVALID_QUANTITY", "A quantity must be above 0.", (*path, str(index), "quantity"))
        for index, (_, quantity) in enumerate(lines)
        if quantity <= 0
    ]


async def _stored(request: OrderRequest) -> OrderRequest:
    keys = await keys_of(PRODUCT, [sku for sku, _ in request.lines])
    return replace(
        request,
        sales_channel=await key_of(SALES_CHANNEL, request.sales_channel),
        lines=[(keys.of(sku), quantity) for sku, quantity in request.lines],
    )


def _unlawful(request: OrderRequest, numbers: Keys) -> list[UserError]:
    errors = list(numbers.errors(request.number, ("input", "number")))
    errors += email_errors(request.customer_email, ("input", "customer_email"))
    errors += locale_errors(request.locale, ("input", "locale"))
    return errors + line_errors(request.lines, ("input", "lines"))


async def _channel(client: Client, code: str | None) -> Channel:
    try:
        return await channel_by_code(code, client)
    except RequestError as error:
        raise Refused([UserError(error.code, str(error), ("input", "sales_channel"))]) from None


def _judged(wanted: dict[str, Decimal], found: dict[str, ProductView]) -> list[Salability]:
    lines = [(sku, found[sku].availability if sku in found else None, quantity) for sku, quantity in wanted.items()]
    return cart_salability(lines)


def _not_salable(request: OrderRequest, answer: Salability) -> UserError:
    place = next(index for index, (sku, _) in enumerate(request.lines) if sku == answer.sku)
    is_said = any(error.code is SalabilityErrorCode.NOT_ENOUGH_QUANTITY for error in answer.errors)
    can_be_had = answer.max_salable_qty > 0 and not is_said
    most = f" At most {show(answer.max_salable_qty)} can be bought now." if can_be_had else ""
    message = f"{' '.join(error.message for error in answer.errors)}{most}"
    return UserError("NOT_SALABLE", message, ("input", "lines", str(place)))


def _flips(channel: Channel, judged: Sequence[Salability], found: dict[str, ProductView]) -> Sequence[Message]:
    """What this placement sells out, by the calculator on the reservations after it."""
    before, after = {}, {}
    for answer in judged:
        was = found[answer.sku].availability
        if was.is_stock_managed:
            left = was.position.reservations - answer.requested_qty
            before[answer.sku, channel.stock] = was
            after[answer.sku, channel.stock] = availability(replace(was.position, reservations=left), was.config)
    return flip_messages(before, after)


def _told(answer: Salability, goods: Availability) -> Told:
    """What this placement tells of a line; one that is not reserved never waits."""
    if not goods.is_stock_managed:
        return Told()
    noticed = answer.backordered_qty if answer.notice else Decimal(0)
    return told_at_placement(answer.requested_qty, goods.position, noticed)


def _taken(number: str) -> Refused:
    return Refused(
        [UserError("ORDER_NUMBER_TAKEN", f"There is an order {quoted(number)} already.", ("input", "number"))]
    )


async def _write(
    client: Client,
    request: OrderRequest,
    channel: Channel,
    judged: Sequence[Salability],
    found: dict[str, ProductView],
) -> None:
    now, number = datetime.now(UTC), request.number
    customer = request.customer_email or "", request.locale or ""
    made = await fetch(client, _INSERT_ORDER, number, channel.code, channel.stock, to_microseconds(now), *customer)
    if not made:
        raise _taken(number)
    records = []
    for place, answer in enumerate(judged):
        goods = found[answer.sku].availability
        told = _told(answer, goods)
        records.append(
            {
                "place": place,
                "order_id": made[0]["id"],
                "sku": answer.sku,
                "stock": channel.stock,
                "ordered": to_units(answer.requested_qty),
                "late": to_units(answer.backordered_qty),
                "told_waiting": to_units(told.waiting),
                "told_late": to_units(told.late),
                "is_reserved": goods.is_stock_managed,
            }
        )
    await fetch(client, _INSERT_LINES, records)
    await append_reservations(
        client,
        [
            ReservationRow(answer.sku, channel.stock, -answer.requested_qty, number, "order_placed", now)
            for answer in judged
            if found[answer.sku].availability.is_stock_managed
        ],
    )
    await tell(client, _flips(channel, judged, found))
    late = {answer.sku: show(answer.backordered_qty) for answer in judged if answer.backordered_qty > 0}
    notices = {answer.sku: answer.notice for answer in judged if answer.notice}  # those that the customer is told
    if late:
        payload = {"order": number, "backordered": late, "notices": notices}
        await tell(client, [Message(Event.ORDER_BACKORDERED, number, payload)])
