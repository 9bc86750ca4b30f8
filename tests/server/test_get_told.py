"""The walk of the page "Get told", against the demo as people start it: what is shipped, ordered and received is mailed."""

import asyncio
import html
import re
import uuid
from pathlib import Path
from typing import Any

import httpx

from tests.server.process import PATIENCE_SECONDS, serving

SHIP = """mutation ($number: String!) { shipOrder(
    number: $number, lines: [{ sku: "TENT", quantity: 16, source: "berlin" }], idempotencyKey: "ship") {
        userErrors { message } } }"""
ORDER = """mutation { placeOrder(input: {
    number: "2001", lines: [{ sku: "TENT", quantity: 12 }], idempotencyKey: "checkout-2001",
    customerEmail: "ann@example.com", locale: "en" }) { userErrors { message } } }"""
RECEIVE = """mutation { receiveStock(
    source: "berlin", lines: [{ sku: "TENT", quantity: 3 }], idempotencyKey: "receipt") { userErrors { message } } }"""


async def _mail(demo: httpx.AsyncClient, to: str, about: str) -> str:
    """The text of the mail to somebody whose subject is about something, once it is there."""
    row = re.compile(rf'<td>{re.escape(to)}<td><a href="(/mails/\d+)">[^<]*{re.escape(about)}')
    listed = ""
    for _ in range(10 * PATIENCE_SECONDS):
        listed = (await demo.get("/mails")).text
        if found := row.search(listed):
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError(f"no mail to {to} about {about}: {listed}")
    return html.unescape((await demo.get(found[1])).text)


async def test_what_happens_in_the_demo_is_mailed_as_the_page_says(tmp_path: Path) -> None:
    with serving("--demo", cwd=tmp_path) as service:
        token = re.search(r"admin's token: (\S+)", service.output())
        assert token
        headers = {"Authorization": f"Bearer {token[1]}"}
        async with httpx.AsyncClient(base_url=service.url, timeout=PATIENCE_SECONDS) as demo:

            async def ask(query: str, **variables: object) -> None:
                body = {"query": query, "variables": variables}
                answer: dict[str, Any] = (await demo.post("/graphql", json=body, headers=headers)).json()
                (payload,) = answer["data"].values()
                assert payload["userErrors"] == []

            await _mail(demo, "demo@localhost", "changes in stock")  # of the demo's own orders
            cart = {"key": str(uuid.uuid4()), "lines": [{"sku": "TENT", "quantity": 16}]}
            number = (await demo.post("/shop/order", json=cart)).json()["order"]["number"]
            await ask(SHIP, number=number)
            low = await _mail(demo, "demo@localhost", "TENT is low at berlin: 9 left")
            assert "9 on hand; told at 10 or less, by the rule of product TENT" in low

            await ask(ORDER)
            late = await _mail(demo, "ann@example.com", "2001")
            assert re.search(r"\b9\b.*\b3\b", late, re.DOTALL)
            await ask(RECEIVE)
            freed = await _mail(demo, "ann@example.com", "can ship")
            assert "3" in freed
        assert "Traceback" not in service.output()
