"""The server side of the shop's checkout: an example of where the token of the role `orders` belongs.

The browser sends a cart and a key of its own making; this route adds the token and places the order over the public API. The
token never reaches the browser. A real shop would take the payment here, too.
"""

import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any, NoReturn

import httpx
import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""A UUID, made by the browser once for each cart: a retry after a lost answer places no second order."""

LARGEST_CART = 512 * 1024
"""Bytes: the 1,000 lines that an order may have, with the longest SKUs."""

BAD_CART = "A cart is JSON: a key, which is a UUID, and lines of a sku and a quantity."
BAD_LINE = "Something in this cart cannot be ordered: a quantity has at most four decimals."
TOO_LARGE = "This cart is too large."
NOT_TAKEN = "The order could not be placed; try again."

_log = logging.getLogger("salable.checkout")

_PLACE = """
mutation ($order: PlaceOrderInput!) {
  placeOrder(input: $order) {
    order { number lines { sku orderedQty } }
    notices { sku backorderedQty message }
    unsalable { sku requestedQty maxSalableQty errors { code message } }
    userErrors { code message field }
  }
}
"""


def checkout(api: httpx.AsyncClient, token: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint that places orders with this token; `api` asks the service's /graphql."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def place(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _answer({"message": TOO_LARGE}, 413)
        call = _call(request, body)
        if call is None:
            return _answer({"message": BAD_CART}, 400)
        try:
            answer = (await api.post("/graphql", content=call, headers=headers)).json()
        except (httpx.HTTPError, ValueError) as error:
            _log.warning("the order service did not answer: %s", type(error).__name__)
            return _answer({"message": NOT_TAKEN}, 502)
        if data := answer.get("data"):
            return _answer(data["placeOrder"])
        codes = {error.get("extensions", {}).get("code") for error in answer.get("errors", ())}
        if codes == {"BAD_USER_INPUT"}:  # a quantity of five decimals, say: asked again, it is refused again
            return _answer({"message": BAD_LINE}, 400)
        _log.warning("the order service refused to be asked: %s", codes)
        return _answer({"message": NOT_TAKEN}, 502)

    return place


def number_of(key: str) -> str:
    """The number of the order that a cart with this key becomes, so that a retry has the number of the first call.

    Short enough to be read out on the telephone. Should another order have it already, this one is refused
    (ORDER_NUMBER_TAKEN), and the page sends it again under a new key.
    """
    return f"WEB-{key[:13].upper()}"


async def _body(request: Request) -> bytes | None:
    """What was sent, or None for more than a cart is; nothing beyond is read."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_CART:
                return None
    except ClientDisconnect:
        return b""  # half a cart is none, and nobody is there to be told
    return bytes(body)


def _call(request: Request, body: bytes) -> bytes | None:
    """The request that places the order; None for what is no cart.

    A form of another site cannot send JSON: it is refused by its type. Of a line, only what is known goes on.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return None
    try:
        cart = json.loads(body, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
        key, lines = cart["key"], [(line["sku"], line["quantity"]) for line in cart["lines"]]
        return _place(key, lines) if KEY.fullmatch(key) and all(map(_is_line, lines)) else None
    except (ValueError, ArithmeticError, RecursionError, LookupError, TypeError):
        return None


def _place(key: str, lines: Sequence[tuple[str, Decimal]]) -> bytes:
    order = {
        "number": number_of(key),
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
        "idempotencyKey": key,
    }
    return orjson.dumps({"query": _PLACE, "variables": {"order": order}}, default=_digits)


def _is_line(line: tuple[object, object]) -> bool:
    sku, quantity = line
    return isinstance(sku, str) and isinstance(quantity, Decimal)


def _digits(quantity: Decimal) -> orjson.Fragment:
    """The digits as they were sent: the service says whether they are a quantity, and never gets a rounded one."""
    return orjson.Fragment(str(quantity))


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _answer(body: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, "application/json")
