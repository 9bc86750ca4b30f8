"""The demo's shop in a browser: what shoppers see and do, from the list to an order that is placed once."""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Page, Route, expect

from tests.browser.accessibility import grave_findings
from tests.browser.conftest import Visitor, Visitors
from tests.browser.shop import LATE, NUMBER, cart_link, line, put, sell, web_orders
from tests.client import Api


async def test_the_worked_example_is_sold_from_in_stock_to_out_of_stock(
    visitor: Visitor, live: Api, screenshot: Callable[[Page, str], Awaitable[None]]
) -> None:
    page = await visitor.open("/shop")
    await screenshot(page, "shop")
    await page.get_by_label("Search", exact=True).fill("tent")
    await page.get_by_role("link", name="Two-person tent").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Two-person tent")
    await expect(page).to_have_title("Two-person tent · Camp shop")
    await expect(page.get_by_text("In stock", exact=True)).to_be_visible()
    await expect(page.get_by_text("Up to 75 can be bought now.")).to_be_visible()

    quantity = page.get_by_label("Quantity", exact=True)
    add = page.get_by_role("button", name="Add to the cart")
    await quantity.fill("76")
    await expect(page.get_by_text("You asked for 76, but only 75 can be bought now.")).to_be_visible()
    await expect(add).to_be_disabled()
    await page.get_by_role("button", name="Take 75").click()
    await expect(quantity).to_have_value("75")
    await expect(add).to_be_enabled()
    await quantity.fill("30")
    await expect(page.get_by_text(LATE)).to_be_visible()
    await screenshot(page, "shop-product")

    await quantity.press("Enter")
    await page.get_by_role("link", name="To the cart").click()
    await expect(line(page, "Two-person tent")).to_contain_text(LATE)
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    await expect(page.get_by_role("status")).to_have_text(NUMBER)
    await expect(line(page, "30 \N{MULTIPLICATION SIGN} Two-person tent")).to_contain_text(LATE)
    [order] = await web_orders(live)
    assert order["lines"] == [{"sku": "TENT", "orderedQty": 30}]
    await expect(page.get_by_text(order["number"])).to_be_visible()
    await expect(cart_link(page)).to_have_text("Cart")  # the next cart is empty

    await page.goto(f"{visitor.url}/shop/TENT")
    await expect(page.get_by_text("Ships when stock arrives", exact=True)).to_be_visible()
    await expect(page.get_by_text("Up to 45 can be bought now.")).to_be_visible()
    await sell(live, "PHONE-1", "TENT", 40)
    await page.reload()
    await expect(page.get_by_text("Only 5 left", exact=True)).to_be_visible()
    await page.get_by_label("Quantity", exact=True).fill("6")
    await expect(page.get_by_text("You asked for 6, but only 5 can be bought now.")).to_be_visible()
    await sell(live, "PHONE-2", "TENT", 5)
    await page.reload()
    await expect(page.get_by_text("Out of stock", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Add to the cart")).to_have_count(0)


async def test_every_state_has_its_page(visitor: Visitor) -> None:
    page = await visitor.open("/shop")
    for sku, labels in {
        "HELMET": ["In stock"],
        "GIFTCARD": ["In stock"],  # not managed
        "STOVE": ["Only 3 left"],
        "HAT": ["Only 4 left"],
        "BOOTS": ["Ships when stock arrives"],
        "CANOE": ["Ships when stock arrives"],  # without limit
        "BACKPACK": ["Out of stock"],
        "SUNGLASSES": ["Out of stock"],  # its item is set so
        "TOWEL": ["Out of stock"],  # lies nowhere
        "BIKE": ["Out of stock"],  # its backorders are used up
    }.items():
        await page.goto(f"{visitor.url}/shop/{sku}")
        await expect(page.locator(".label")).to_have_text(labels)
    await page.goto(f"{visitor.url}/shop/NO-SUCH")
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no product NO-SUCH")
    await page.goto(f"{visitor.url}/shop/a/b/c")
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")


async def test_what_is_typed_is_judged_as_the_service_says(visitor: Visitor) -> None:
    page = await visitor.open("/shop")
    for sku, quantity, said in [
        ("CARABINER", "25", "You can buy this product only in multiples of 10."),
        ("ROPE", "0.25", "The fewest you may purchase is 0.5."),
        ("CORD", "1", "You can buy this product only in multiples of 1.5."),
        ("TENT", "1.5", "You can buy only whole units, not 1.5."),
        ("KNIFE", "5", "The most you may purchase is 4."),
        ("TENT", "two", "Type a number, such as 2 or 2.5."),
        ("TENT", "1.23456", "Type a number, such as 2 or 2.5."),
    ]:
        await page.goto(f"{visitor.url}/shop/{sku}")
        await page.get_by_label("Quantity", exact=True).fill(quantity)
        await expect(page.get_by_text(said)).to_be_visible()
        await expect(page.get_by_role("button", name="Add to the cart")).to_be_disabled()
    await page.goto(f"{visitor.url}/shop/CORD")
    await page.get_by_label("Quantity", exact=True).fill("6")
    await page.get_by_role("button", name="Take 3").click()  # 5 lie there, and 3 is the last whole multiple of 1.5
    await expect(page.get_by_role("button", name="Add to the cart")).to_be_enabled()


async def test_the_list_goes_on_and_is_searched(visitor: Visitor) -> None:
    page = await visitor.open("/shop")
    products = page.get_by_role("main").get_by_role("listitem")
    await expect(products).to_have_count(12)
    await page.get_by_role("button", name="Show more").click()
    await expect(products).to_have_count(24)
    await expect(products.nth(12).get_by_role("link")).to_be_focused()
    await page.get_by_role("button", name="Show more").click()
    await expect(products.filter(has_text="Spare wheel")).to_be_visible()
    await expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    await expect(products.filter(has_text="Travel towel")).to_have_count(0)  # it is not sold here
    await page.get_by_label("Search", exact=True).fill("BOO")
    await expect(products).to_have_text([re.compile("Hiking boots")])
    await page.get_by_role("link", name="Hiking boots").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Hiking boots")
    await page.go_back()
    await expect(page.get_by_label("Search", exact=True)).to_have_value("BOO")
    await expect(products).to_have_count(1)
    await page.get_by_label("Search", exact=True).fill("nothing of the kind")
    await expect(page.get_by_text("Nothing is called “nothing of the kind”.")).to_be_visible()


async def test_without_a_connection_the_pages_say_so_and_go_on_afterwards(visitor: Visitor) -> None:
    page = await visitor.open("/shop/TENT")
    await page.get_by_label("Quantity", exact=True).fill("30")
    await expect(page.get_by_text(LATE)).to_be_visible()
    visitor.is_disconnected = True
    await page.get_by_label("Quantity", exact=True).fill("20")
    await expect(page.get_by_role("alert")).to_contain_text("The shop cannot be reached.")
    await expect(page.get_by_label("Quantity", exact=True)).to_have_value("20")
    visitor.is_disconnected = False
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("alert")).to_have_count(0)
    await expect(page.get_by_label("Quantity", exact=True)).to_have_value("20")
    await page.get_by_role("link", name="All products").click()
    tent = page.get_by_role("link", name="Two-person tent")
    await page.get_by_label("Search", exact=True).fill("tent")
    await expect(page.get_by_role("main").get_by_role("link")).to_have_count(1)
    visitor.is_disconnected = True
    await tent.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("TENT")
    visitor.is_disconnected = False
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Two-person tent")


async def test_the_browser_never_holds_the_token(visitor: Visitor, shop_token: str) -> None:
    page = await visitor.context.new_page()
    sent: list[str] = []
    received: list[bytes] = []

    async def overhear(route: Route) -> None:
        sent.append(f"{route.request.url} {await route.request.all_headers()} {route.request.post_data}")
        response = await route.fetch()
        received.append(str(response.headers).encode() + await response.body())
        await route.fulfill(response=response)

    await page.route("**/*", overhear)
    await page.goto(f"{visitor.url}/shop")
    await put(page, "TENT", "30")
    await cart_link(page).click()
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    kept = await page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])")
    assert "shop.placed" in kept
    assert any("/shop/order" in request for request in sent)
    assert any(b"WEB-" in answer for answer in received)
    assert [text for text in (kept, *sent) if shop_token in text or "bearer" in text.lower()] == []
    assert [answer for answer in received if shop_token.encode() in answer] == []


async def test_it_fits_a_phone_and_keeps_nobody_out(visitors: Visitors) -> None:
    for is_dark, width in ((False, 390), (True, 1280)):
        visitor = await visitors.come(width=width, is_dark=is_dark)
        page = await visitor.open("/shop")
        await put(page, "KNIFE", "4")
        await put(page, "TENT", "30")
        for path in ("", "/TENT", "/BACKPACK", "/my/cart", "/my/order"):
            await page.goto(f"{visitor.url}/shop{path}")
            if path == "/my/cart":
                await page.get_by_label("Quantity of Pocket knife", exact=True).fill("9")
                await expect(page.get_by_role("button", name="Take 4")).to_be_visible()
            else:
                await expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert await grave_findings(page) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth") == width, path
