"""What programs are sent of each event is what docs/get-told.md shows, with quantities as exact numbers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from resolvers.notifications.deliveries import Channel
from resolvers.outbox import UNTOLD, Event
from server.delivery.loop import Way, deliver_once
from server.delivery.webhook import TEST, webhooks
from server.demo import load_demo
from server.settings import Settings
from tests.client import Api
from tests.docs import blocks
from tests.server.process import ROOT
from tests.server.receiver import Receiver, receiving, status
from tests.server.webhooks import a_delivery, endpoint, send, sender
from tests.telling import settle

PAGE = ROOT / "docs" / "get-told.md"
SHIP = """mutation { shipOrder(
    number: "1001", lines: [{ sku: "TENT", quantity: 16, source: "berlin" }], idempotencyKey: "ship-1001") {
        userErrors { message } } }"""
PLACE = """mutation ($number: String!, $quantity: Quantity!) { placeOrder(input: {
    number: $number, lines: [{ sku: "TENT", quantity: $quantity }], idempotencyKey: $number }) {
        userErrors { message } } }"""
CANCEL = """mutation { cancelOrder(
    number: "2001", lines: [{ sku: "TENT", quantity: 1 }], idempotencyKey: "cancel-2001") {
        userErrors { message } } }"""
RECEIVE = """mutation { receiveStock(
    source: "berlin", lines: [{ sku: "TENT", quantity: 2 }], idempotencyKey: "delivery-77") {
        userErrors { message } } }"""
COUNT = """mutation { setSourceItems(
    items: [{ source: "berlin", sku: "TENT", quantity: 10 }]) {
        userErrors { message } } }"""
RULES = """mutation ($mode: BackorderMode) { setScopeRules(input: { changes: [
    { scope: { type: PRODUCT, sku: "BACKPACK" }, settings: { backorders: $mode, outOfStockThreshold: -20 } }] }) {
        userErrors { message } } }"""


def shown() -> dict[str, dict[str, Any]]:
    """The messages that the page shows, by their type."""
    found = [json.loads(text, parse_float=Decimal) for text in blocks(PAGE, "json")]
    return {each["type"]: each for each in found if {"id", "type"} <= each.keys()}


def received(receiver: Receiver) -> Iterator[dict[str, Any]]:
    """The messages that came, with exact numbers."""
    for request in receiver.requests:
        yield json.loads(request.body, parse_float=Decimal)


def quantities_as_text(value: Any) -> list[str]:
    """Texts that are written like numbers, wherever they stand in a message."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [each for part in inner for each in quantities_as_text(part)]
    return [value] if isinstance(value, str) and value.lstrip("-").replace(".", "").isdigit() else []


async def _ask(api: Api, query: str, **variables: Any) -> None:
    (payload,) = (await api.data(query, variables)).values()
    assert payload["userErrors"] == []


async def test_each_event_is_sent_as_the_page_shows_it(api: Api) -> None:
    ways = {Channel.WEBHOOK: Way(sender())}
    await load_demo()
    await settle()
    async with receiving() as receiver, receiving(status(410)) as gone:
        await endpoint(receiver.url())
        await endpoint(gone.url(), "shop", events=(Event.ORDER_SHIPPED,))
        await _ask(api, PLACE, number="1001", quantity=16)
        await _ask(api, SHIP)
        await _ask(api, PLACE, number="2001", quantity=12)
        await deliver_once(ways)
        await _ask(api, CANCEL)
        await _ask(api, RECEIVE)
        await _ask(api, RULES, mode="ALLOW")
        await deliver_once(ways)
        await _ask(api, RULES, mode=None)
        await _ask(api, COUNT)
        await deliver_once(ways)
        assert (await webhooks(Settings.model_validate({"webhook_private": True})).test("erp")).delivered

        sent: dict[str, dict[str, Any]] = {}
        for message in received(receiver):
            assert message.keys() == {"id", "type", "timestamp", "data"}
            assert quantities_as_text({name: each for name, each in message["data"].items() if name != "order"}) == []
            sent.setdefault(message["type"], message)
    page = shown()
    assert {*page} == {*sent} == {TEST, *(each.value for each in Event if each not in UNTOLD)}
    for type_, message in page.items():
        assert message["data"] == sent[type_]["data"], type_
        assert message.keys() == sent[type_].keys()


async def test_text_that_looks_like_a_quantity_stays_text_and_a_quantity_that_is_none_stays_too(
    receiver: Receiver,
) -> None:
    await endpoint(receiver.url())
    payload = {
        "order": "1001",
        "backordered": {"123": "2.5000", "waiting": "99999999999.9999"},
        "notices": {"waiting": "5", "salable": "7"},
        "salesChannels": ["1"],
        "salable": None,
        "quantity": "many",
        "threshold": 3,
        "settings": [
            {"setting": "manage_stock", "value": "false", "from": "global"},
            {"setting": "out_of_stock_threshold", "value": "-50", "from": "product 5"},
            {"setting": "of_a_newer_version", "value": "7", "from": "global"},
        ],
    }
    await send(replace(a_delivery(), payload=payload))
    body = receiver.requests[0].body
    assert b'"backordered":{"123":2.5,"waiting":99999999999.9999}' in body
    (message,) = received(receiver)
    assert message["data"] == payload | {
        "backordered": {"123": Decimal("2.5"), "waiting": Decimal("99999999999.9999")},
        "settings": [
            {"setting": "manage_stock", "value": False, "from": "global"},
            {"setting": "out_of_stock_threshold", "value": -50, "from": "product 5"},
            {"setting": "of_a_newer_version", "value": "7", "from": "global"},
        ],
    }
