"""What clerks do with orders in the admin app, for tests."""

from playwright.async_api import Locator, Page, expect

from tests.client import Api

PLACE = "mutation ($order: PlaceOrderInput!) { placeOrder(input: $order) { userErrors { code } } }"
ORDER = """
query ($number: String!) { order(number: $number) { status lines { shippedQty } shipments { lines { quantity } } } }
"""


async def place(live: Api, number: str, **quantities: int) -> None:
    """Place an order of these SKUs."""
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]
    order = {"number": number, "lines": lines, "idempotencyKey": number}
    assert (await live.data(PLACE, {"order": order}))["placeOrder"]["userErrors"] == []


def line(of: Page | Locator, name: str) -> Locator:
    """One line of a form."""
    return of.get_by_role("group", name=name, exact=True)


async def act(page: Page, opened_by: str) -> Locator:
    """Open one of the dialogs of an order."""
    await page.get_by_role("button", name=opened_by, exact=True).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    return dialog


async def press(of: Page | Locator, name: str) -> None:
    """Press a button."""
    await of.get_by_role("button", name=name, exact=True).click()
