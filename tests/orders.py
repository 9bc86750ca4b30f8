"""Orders over HTTP, for tests: dull defaults, every call with a key of its own."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from tests.client import Api

_keys = count(1)

ORDER = """
fragment Whole on Order {
  number salesChannel stock status paymentStatus shippingHold placedAt
  lines {
    sku orderedQty openQty backorderedQtyAtPlacement backorderedQty shippableQty shippedQty canceledQty refundedQty
  }
  shipments { id lines { sku quantity source } }
  refunds { id lines { sku quantity returnedToSource } }
}
"""
PLACE = """mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
  order { ...Whole } notices { sku backorderedQty message }
  unsalable { sku maxSalableQty errors { code } } userErrors { code message field }
} }"""
CANCEL = """mutation ($number: String!, $lines: [OrderLineInput!], $key: String!) {
  answer: cancelOrder(number: $number, lines: $lines, idempotencyKey: $key) {
    order { ...Whole } userErrors { code message field }
  } }"""
SHIP = """mutation ($number: String!, $lines: [ShipmentLineInput!]!, $key: String!) {
  answer: shipOrder(number: $number, lines: $lines, idempotencyKey: $key) {
    order { ...Whole } shipment { id lines { sku quantity source } } userErrors { code message field }
  } }"""
REFUND = """mutation ($number: String!, $lines: [RefundLineInput!]!, $key: String!) {
  answer: refundOrder(number: $number, lines: $lines, idempotencyKey: $key) {
    order { ...Whole } refund { id lines { sku quantity returnedToSource } } userErrors { code message field }
  } }"""
RECEIVE = """mutation ($source: String!, $lines: [ReceiptLineInput!]!, $key: String!) {
  answer: receiveStock(source: $source, lines: $lines, idempotencyKey: $key) {
    sourceItems { sku quantity } released { orderNumber sku stock releasedQty waitingQty }
    warnings { code field } userErrors { code message field }
  } }"""

Line = dict[str, Any]
Payload = dict[str, Any]


def line(sku: str, quantity: Decimal | int, **more: str) -> Line:
    """One line of a call."""
    return {"sku": sku, "quantity": quantity, **more}


def new_key() -> str:
    """A key that no call has used."""
    return f"key-{next(_keys)}"


async def place(
    api: Api, number: str, lines: Sequence[Line], key: str | None = None, channel: str | None = None
) -> Payload:
    """The payload of placeOrder."""
    asked = {"number": number, "lines": list(lines), "idempotencyKey": key or new_key()}
    if channel is not None:
        asked["salesChannel"] = channel
    payload: Payload = (await api.data(ORDER + PLACE, {"input": asked}))["placeOrder"]
    return payload


async def cancel(api: Api, number: str, lines: Sequence[Line] | None = None, key: str | None = None) -> Payload:
    """The payload of cancelOrder."""
    return await _call(api, ORDER + CANCEL, {"number": number, "lines": lines, "key": key or new_key()})


async def ship(api: Api, number: str, lines: Sequence[Line], key: str | None = None) -> Payload:
    """The payload of shipOrder."""
    return await _call(api, ORDER + SHIP, {"number": number, "lines": lines, "key": key or new_key()})


async def refund(api: Api, number: str, lines: Sequence[Line], key: str | None = None) -> Payload:
    """The payload of refundOrder."""
    return await _call(api, ORDER + REFUND, {"number": number, "lines": lines, "key": key or new_key()})


async def receive(api: Api, source: str, lines: Sequence[Line], key: str | None = None) -> Payload:
    """The payload of receiveStock."""
    return await _call(api, RECEIVE, {"source": source, "lines": lines, "key": key or new_key()})


async def order(api: Api, number: str) -> Payload:
    """The order as it is now."""
    found: Payload = (await api.data(ORDER + f'{{ order(number: "{number}") {{ ...Whole }} }}'))["order"]
    return found


async def _call(api: Api, query: str, variables: dict[str, Any]) -> Payload:
    payload: Payload = (await api.data(query, variables))["answer"]
    return payload
