"""What shoppers do in the demo's shop, for tests."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.client import Api

LATE = "25 can ship now; the remaining 5 are on backorder and ship when stock arrives."


NUMBER = re.compile(r"Your order WEB-[0-9A-F]{8}-[0-9A-F]{4} is placed\.")


async def sell(live: Api, number: str, sku: str, quantity: float) -> None:
    """Somebody else buys."""
    order = {"number": number, "lines": [{"sku": sku, "quantity": quantity}], "idempotencyKey": number}
    query = "mutation ($order: PlaceOrderInput!) { placeOrder(input: $order) { userErrors { message } } }"
    assert (await live.data(query, {"order": order}))["placeOrder"]["userErrors"] == []


async def web_orders(live: Api) -> list[dict[str, Any]]:
    """The orders that came through the shop."""
    found = await live.data("{ orders { nodes { number lines { sku orderedQty } } } }")
    return [node for node in found["orders"]["nodes"] if node["number"].startswith("WEB-")]


async def put(page: Page, sku: str, quantity: str) -> None:
    """Put so many of a product into the cart, from its page."""
    await page.goto(page.url.partition("/shop")[0] + f"/shop/{sku}")
    await page.get_by_label("Quantity", exact=True).fill(quantity)
    await page.get_by_role("button", name="Add to the cart").click()
    await expect(page.get_by_text(f"{quantity} in your cart.")).to_be_visible()


def cart_link(page: Page) -> Locator:
    """The way to the cart, with the number of its lines."""
    return page.get_by_role("banner").get_by_role("link", name="Cart")


def line(page: Page, name: str) -> Locator:
    """The line of the cart, or of the order, of this product."""
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=name)
