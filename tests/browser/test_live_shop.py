"""The shop as things happen: pages change by themselves, in place, and go on where the connection is lost."""

import re

from playwright.async_api import Locator, Page, WebSocket, WebSocketRoute, expect

from tests.browser.accessibility import grave_findings
from tests.browser.conftest import Visitors
from tests.browser.shop import LATE, cart_link, line, put, sell
from tests.client import ADMIN_TOKEN, Api


def labels(page: Page) -> Locator:
    """What the page says of its product at a glance."""
    return page.locator(".label")


async def unmoved(page: Page, locator: Locator) -> None:
    """Mark an element, so that a page that was loaded or built again would be told from one that has changed in place."""
    await locator.evaluate("(element) => { element.dataset.mark = 'here' }")
    await page.evaluate("document.body.dataset.mark = 'here'")


async def is_unmoved(page: Page, locator: Locator) -> bool:
    """Whether it is the same page with the same element."""
    marks = [await locator.evaluate("(e) => e.dataset.mark"), await page.evaluate("document.body.dataset.mark")]
    return marks == ["here", "here"]


async def test_one_orders_and_the_page_of_another_changes_by_itself(visitors: Visitors) -> None:
    buyer, other = await visitors.come(), await visitors.come()
    page = await other.open("/shop/TENT")
    quantity = page.get_by_label("Quantity", exact=True)
    await quantity.fill("30")
    await expect(page.get_by_text(LATE)).to_be_visible()
    await unmoved(page, quantity)
    await expect(page.locator("[aria-live=polite]")).to_have_text("In stock")

    shopping = await buyer.open("/shop")
    await put(shopping, "TENT", "71")
    await cart_link(shopping).click()
    await shopping.get_by_role("button", name="Place the order").click()
    await expect(shopping.get_by_role("heading", level=1)).to_have_text("Thank you")

    await expect(labels(page)).to_have_text(["Only 4 left", "Ships when stock arrives"])
    await expect(page.get_by_text("You asked for 30, but only 4 can be bought now.")).to_be_visible()
    await expect(quantity).to_have_value("30")
    await expect(quantity).to_be_focused()
    assert await is_unmoved(page, quantity)
    assert await grave_findings(page) == []


async def test_the_last_one_is_sold_under_the_hands_of_who_types(visitors: Visitors, live: Api) -> None:
    page = await (await visitors.come()).open("/shop/STOVE")
    await page.get_by_label("Quantity", exact=True).fill("2")
    await expect(page.get_by_role("button", name="Add to the cart")).to_be_enabled()
    await sell(live, "PHONE-1", "STOVE", 3)
    await expect(labels(page)).to_have_text(["Out of stock"])
    await expect(page.get_by_role("button", name="Add to the cart")).to_be_disabled()
    await expect(page.get_by_label("Quantity", exact=True)).to_be_focused()
    await expect(page.get_by_label("Quantity", exact=True)).to_have_value("2")


async def test_the_list_changes_in_place_on_all_of_its_pages(visitors: Visitors, live: Api) -> None:
    page = await (await visitors.come()).open("/shop")
    products = page.get_by_role("main").get_by_role("listitem")
    await expect(products).to_have_count(12)
    first, tent = products.nth(0), line(page, "Two-person tent")
    await page.get_by_role("button", name="Show more").click()
    await expect(products).to_have_count(24)
    await page.get_by_role("button", name="Show more").click()
    await expect(tent).to_contain_text("In stock")
    await unmoved(page, tent)
    await sell(live, "PHONE-1", "TENT", 71)
    await expect(tent).to_contain_text("Only 4 left")
    assert await is_unmoved(page, tent)
    name = await first.get_by_role("link").inner_text()
    sku = (await first.get_by_role("link").get_attribute("href") or "").rpartition("/")[2]
    rules = {"changes": [{"scope": {"type": "PRODUCT", "sku": sku}, "settings": {"outOfStockThreshold": 100_000}}]}
    await live.change("setScopeRules", "input", "SetScopeRulesInput!", rules)
    await expect(line(page, name)).to_contain_text("Out of stock")


async def test_a_lost_connection_is_made_again_and_meanwhile_the_page_asks(
    visitors: Visitors,
    live: Api,
) -> None:
    visitor = await visitors.come()
    sockets: list[WebSocketRoute] = []
    is_cut = False

    async def through(socket: WebSocketRoute) -> None:
        if is_cut:
            await socket.close()
            return
        socket.connect_to_server()
        sockets.append(socket)

    await visitor.context.route_web_socket(re.compile("/graphql$"), through)
    page = await visitor.open("/shop/STOVE")
    await expect(labels(page)).to_have_text(["Only 3 left"])
    await sell(live, "PHONE-1", "STOVE", 1)
    await expect(labels(page)).to_have_text(["Only 2 left"])
    is_cut = True
    await sockets[0].close(code=1001)
    await page.get_by_label("Quantity", exact=True).fill("3")
    await expect(page.get_by_text("You asked for 3, but only 2 can be bought now.")).to_be_visible()
    is_cut = False
    await sell(live, "PHONE-2", "STOVE", 1)
    await expect(labels(page)).to_have_text(["Only 1 left"])
    assert len(sockets) == 2, "it has connected again"


async def test_the_pages_share_one_connection_which_carries_no_token(visitors: Visitors, live: Api) -> None:
    visitor = await visitors.come()
    page = await visitor.context.new_page()
    sent: list[str | bytes] = []
    opened: list[str] = []

    def hear(frame: str | bytes) -> None:
        sent.append(frame)

    def overhear(socket: WebSocket) -> None:
        opened.append(socket.url)
        socket.on("framesent", hear)

    page.on("websocket", overhear)
    await page.goto(f"{visitor.url}/shop?search=stove")
    await page.get_by_role("link", name="Gas stove").click()
    await expect(labels(page)).to_have_text(["Only 3 left"])
    await page.get_by_label("Quantity", exact=True).fill("2")
    await sell(live, "PHONE-1", "STOVE", 1)
    await expect(labels(page)).to_have_text(["Only 2 left"])
    assert opened == [visitor.url.replace("http", "ws") + "/graphql"]
    assert any("ProductChanges" in str(frame) for frame in sent)
    assert not [frame for frame in sent if "bearer" in str(frame).lower()]
    assert not [frame for frame in sent if ADMIN_TOKEN in str(frame)]
