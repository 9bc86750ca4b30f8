"""Orders in the admin app: what waits is seen, ships, is canceled and refunded; goods arrive and free it."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from models.address import parse_address
from models.database import database
from resolvers.tokens import TokenRole, create_token
from tests.browser.accessibility import grave_findings
from tests.browser.admin import hold_back, sign_in
from tests.browser.conftest import Visitor, Visitors
from tests.browser.orders import ORDER, act, line, place, press
from tests.client import Api
from tests.server.process import Service

PAGES = ["/admin/orders", "/admin/orders/1001", "/admin/backorders", "/admin/receive"]


@pytest.fixture
async def clerk_token(service: Service, database_url: str) -> str:
    """A token of the role orders."""
    assert service.url
    async with database(parse_address(database_url)):
        return await create_token("warehouse", TokenRole.ORDERS)


async def test_an_order_waits_is_freed_by_a_receipt_ships_and_is_refunded(
    visitor: Visitor, live: Api, screenshot: Callable[[Page, str], Awaitable[None]]
) -> None:
    await place(live, "1001", TENT=30)
    page = await sign_in(visitor, "/admin/orders")
    row = page.get_by_role("row", name="1001")
    await expect(row).to_contain_text("Waits for stock")
    await row.get_by_role("link", name="1001").click()
    await expect(page.get_by_text("TENT: 5 of 30 wait for stock, position 1 in the queue")).to_be_visible()
    await screenshot(page, "admin-order")
    await page.get_by_role("link", name="the queue").click()
    await expect(page.get_by_role("row", name="1001")).to_contain_text("TENT")
    await expect(page.get_by_label("SKU", exact=True)).to_have_value("TENT")
    await press(page, "Clear the filters")
    await expect(page.get_by_role("row", name="DEMO-3")).to_contain_text("BOOTS")
    await screenshot(page, "admin-backorders")

    await page.get_by_role("link", name="1001").click()
    dialog = await act(page, "Ship…")
    await expect(line(dialog, "TENT").get_by_label("From source", exact=True)).to_have_value("berlin")
    await expect(line(dialog, "TENT").get_by_label("Quantity", exact=True)).to_have_value("25")
    await press(dialog, "Ship")
    await expect(page.get_by_role("status").filter(has_text="Shipped 25 TENT from berlin.")).to_be_visible()
    await expect(page.get_by_text("Nothing may ship before stock arrives.")).to_be_visible()

    await page.get_by_role("link", name="Receive stock").click()
    await page.get_by_label("Source", exact=True).select_option("berlin")
    await line(page, "Line 1").get_by_label("SKU", exact=True).fill("TENT")
    await line(page, "Line 1").get_by_label("Quantity", exact=True).fill("10")
    await press(page, "Receive")
    await expect(page.get_by_role("region", name="Quantities at berlin now")).to_contain_text("TENT10In stock")
    freed = page.get_by_role("region", name="Orders that may ship more now")
    await expect(freed).to_contain_text("1001TENT50")

    await freed.get_by_role("link", name="1001").click()
    await expect(page.get_by_text("wait for stock")).to_have_count(0)
    await hold_back(page, "query Order")  # who goes on at once finds the order after the last movement
    dialog = await act(page, "Ship…")
    await line(dialog, "TENT").get_by_label("Quantity", exact=True).fill("3")
    await press(dialog, "Ship")
    await expect(page.get_by_text("Shipped 3 TENT from berlin.")).to_be_visible()
    dialog = await act(page, "Cancel units…")
    await expect(line(dialog, "TENT").get_by_label("Quantity", exact=True)).to_have_value("2")
    await press(dialog, "Cancel these units")
    await expect(page.get_by_text("Canceled 2 TENT.")).to_be_visible()
    dialog = await act(page, "Refund…")
    await line(dialog, "TENT").get_by_label("Quantity", exact=True).fill("1")
    await line(dialog, "TENT").get_by_label("Back to source", exact=True).select_option("berlin")
    await press(dialog, "Refund")
    await expect(page.get_by_text("Refunded 1 TENT back to berlin.")).to_be_visible()
    await expect(page.get_by_text("Complete", exact=True)).to_be_visible()
    await expect(page.get_by_text("Partially refunded")).to_be_visible()
    await expect(page.get_by_role("row", name="TENT")).to_contain_text("TENT30000" + "28" + "2" + "1")


async def test_shipping_more_than_may_ship_is_refused_at_its_line_and_keeps_what_was_typed(
    visitor: Visitor, live: Api
) -> None:
    await place(live, "1001", LANTERN=3, TENT=30)
    page = await sign_in(visitor, "/admin/orders/1001")
    dialog = await act(page, "Ship…")
    tents, lanterns = line(dialog, "TENT"), line(dialog, "LANTERN")
    await lanterns.get_by_label("Quantity", exact=True).fill("")
    await tents.get_by_label("Quantity", exact=True).fill("26")
    await press(dialog, "Ship")
    refused = "25 of TENT may ship now; the rest waits for stock."
    await expect(tents.get_by_label("Quantity", exact=True)).to_have_accessible_description(refused)
    await expect(tents.get_by_label("Quantity", exact=True)).to_have_value("26")
    await expect(lanterns.get_by_label("Quantity", exact=True)).to_have_value("")
    await tents.get_by_label("Quantity", exact=True).fill("1.23456")
    await press(dialog, "Ship")
    await expect(tents.get_by_label("Quantity", exact=True)).to_have_accessible_description(
        "A number, at most 4 decimals."
    )
    await tents.get_by_label("Quantity", exact=True).fill("4")
    await tents.get_by_label("From source", exact=True).select_option("madrid")
    await press(dialog, "Ship")
    await expect(tents.get_by_label("Quantity", exact=True)).to_have_accessible_description(
        "Only 0 of TENT lie at madrid."
    )
    await tents.get_by_label("From source", exact=True).select_option("berlin")
    await press(dialog, "Ship")
    await expect(page.get_by_text("Shipped 4 TENT from berlin.")).to_be_visible()
    found = (await live.data(ORDER, {"number": "1001"}))["order"]
    assert [each["shippedQty"] for each in found["lines"]] == [0, 4]


async def test_a_receipt_is_typed_by_keyboard_alone(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/receive?source=porto")
    await line(page, "Line 1").get_by_label("SKU", exact=True).focus()
    for text in ("TENT", "1", "LANTERN", "2", "NOPE", "3"):
        await page.keyboard.type(text)
        await page.keyboard.press("Enter")
    await expect(line(page, "Line 4").get_by_label("SKU", exact=True)).to_be_focused()
    await press(page, "Receive")
    await expect(line(page, "Line 3").get_by_label("SKU", exact=True)).to_have_accessible_description(
        'There is no "NOPE" at source "porto".'
    )
    await page.get_by_label("Source", exact=True).select_option("berlin")
    await page.get_by_role("button", name="Remove line 3").press("Enter")
    await expect(line(page, "Line 2").get_by_label("SKU", exact=True)).to_be_focused()
    await expect(page.get_by_role("group", name="Line")).to_have_count(3)
    await press(page, "Receive")
    await expect(page.get_by_role("heading", name="Received at berlin")).to_be_focused()
    await expect(page.get_by_text("It freed nothing: no order waits for these goods here.")).to_be_visible()
    await expect(line(page, "Line 1").get_by_label("SKU", exact=True)).to_have_value("")


async def test_a_clerk_of_the_role_orders_sees_its_pages_and_receives_stock(
    visitor: Visitor, live: Api, clerk_token: str
) -> None:
    await place(live, "1001", TENT=30)
    page = await sign_in(visitor, "/admin", clerk_token)
    links = page.get_by_role("navigation", name="Pages").first.get_by_role("link")
    await expect(links).to_have_text(["Orders", "Backorders", "Receive stock"])
    await page.get_by_label("Sales channel", exact=True).fill("madrid")
    await page.get_by_label("Sales channel", exact=True).press("Enter")
    await expect(page.get_by_text("No order fits these filters.")).to_be_visible()
    await links.get_by_text("Backorders").click()
    await page.get_by_label("Stock", exact=True).fill("eu")
    await press(page, "Filter")
    await page.get_by_role("link", name="1001").click()
    dialog = await act(page, "Ship…")
    await expect(line(dialog, "TENT").get_by_label("From source", exact=True)).to_have_value("berlin")
    await press(dialog, "Ship")
    await expect(page.get_by_text("Shipped 25 TENT from berlin.")).to_be_visible()
    await links.get_by_text("Receive stock").click()
    await line(page, "Line 1").get_by_label("SKU", exact=True).fill("TENT")
    await line(page, "Line 1").get_by_label("Quantity", exact=True).fill("4")
    await page.get_by_label("Source", exact=True).fill("nowhere")
    await press(page, "Receive")
    described = page.get_by_label("Source", exact=True)
    await expect(described).to_have_accessible_description('Its code. There is no source "nowhere".')
    await described.fill("berlin")
    await press(page, "Receive")
    await expect(page.get_by_role("region", name="Orders that may ship more now")).to_contain_text("1001TENT41")
    await page.goto(visitor.url + "/admin/sources")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_role("button", name="Add a source")).to_have_count(0)


TYPES_AT_ONCE = """
new MutationObserver((_, observer) => {
  const input = document.querySelector("form.filters input[type=search]");
  if (input) {
    observer.disconnect();
    input.value = "A/1";
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}).observe(document, { childList: true, subtree: true });
"""


async def test_what_is_typed_the_moment_that_the_filters_are_there_is_kept(visitor: Visitor) -> None:
    await visitor.context.add_init_script(TYPES_AT_ONCE)
    page = await sign_in(visitor, "/admin/orders")
    await expect(page.get_by_role("row", name="DEMO-1")).to_be_visible()
    await expect(page.get_by_label("Number", exact=True)).to_have_value("A/1")
    await press(page, "Filter")
    await expect(page.get_by_text("No order fits these filters.")).to_be_visible()


async def test_the_filters_of_the_orders_are_in_the_address(visitor: Visitor, live: Api) -> None:
    await place(live, "A/1", STOVE=1)
    page = await sign_in(visitor, "/admin/orders")
    rows = page.get_by_role("region", name="Orders").get_by_role("rowheader")
    await expect(rows).to_have_text(["A/1", "DEMO-3", "DEMO-2", "DEMO-1"])
    await page.get_by_label("Shipping hold", exact=True).select_option("Orders that wait")
    await expect(rows).to_have_text(["DEMO-3", "DEMO-2"])
    await page.get_by_label("SKU", exact=True).fill("WHEEL")
    await page.get_by_label("SKU", exact=True).press("Enter")
    await expect(rows).to_have_text(["DEMO-2"])
    await page.reload()
    await expect(rows).to_have_text(["DEMO-2"])
    await expect(page.get_by_label("SKU", exact=True)).to_have_value("WHEEL")
    await page.go_back()
    await expect(rows).to_have_text(["DEMO-3", "DEMO-2"])
    await expect(page.get_by_label("SKU", exact=True)).to_have_value("")
    await press(page, "Clear the filters")
    await page.get_by_label("Placed before", exact=True).fill("2020-01-01T00:00")
    await press(page, "Filter")
    await expect(page.get_by_text("No order fits these filters.")).to_be_visible()
    await press(page, "Clear the filters")
    await page.get_by_role("link", name="A/1").click()
    await expect(page.get_by_role("heading", name="Order A/1")).to_be_visible()
    await page.goto(visitor.url + "/admin/orders/none")
    await expect(page.get_by_text("There is no order of this number.")).to_be_visible()


@pytest.mark.parametrize("is_dark", [False, True])
async def test_nothing_grave_keeps_people_from_working_with_orders(
    visitors: Visitors, live: Api, is_dark: bool
) -> None:
    await place(live, "1001", TENT=30)
    visitor = await visitors.come(width=390, is_dark=is_dark)
    page = await sign_in(visitor, "/admin/orders")
    for path in PAGES:
        await page.goto(visitor.url + path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_text("Loading…")).to_have_count(0)
        assert await grave_findings(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, path
    await page.goto(visitor.url + "/admin/orders/1001")
    dialog = await act(page, "Ship…")
    await line(dialog, "TENT").get_by_label("Quantity", exact=True).fill("many")
    await press(dialog, "Ship")
    await expect(dialog.get_by_role("alert")).to_be_visible()
    assert await grave_findings(page) == []
