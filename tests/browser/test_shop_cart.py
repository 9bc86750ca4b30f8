"""The cart of the demo's shop in a browser: judged as a whole, and an order that is placed once."""

from playwright.async_api import Route, expect

from tests.browser.conftest import Visitor
from tests.browser.routes import answer_by
from tests.browser.shop import LATE, cart_link, line, put, sell, web_orders
from tests.client import Api


async def test_a_cart_is_judged_as_a_whole_and_survives_a_reload(visitor: Visitor, live: Api) -> None:
    page = await visitor.open("/shop/my/cart")
    await expect(page.get_by_text("It is empty.")).to_be_visible()
    for sku, quantity in (("TENT", "30"), ("CARABINER", "20"), ("ROPE", "2.5")):
        await put(page, sku, quantity)
    await cart_link(page).click()
    order = page.get_by_role("button", name="Place the order")
    await expect(line(page, "Two-person tent")).to_contain_text(LATE)
    await expect(order).to_be_enabled()

    await page.get_by_label("Quantity of Carabiner, in tens", exact=True).fill("25")
    await expect(line(page, "Carabiner")).to_contain_text("You can buy this product only in multiples of 10.")
    await expect(order).to_be_disabled()
    await page.get_by_role("button", name="Remove Carabiner").click()
    await expect(order).to_be_enabled()
    await page.get_by_label("Quantity of Climbing rope, by the metre", exact=True).fill("2,5")
    await expect(line(page, "Climbing rope")).to_contain_text("The cart holds 2.5 until then.")
    await order.click()  # what is typed could not be read: nothing is sent, and the field is shown
    await expect(page.get_by_label("Quantity of Climbing rope, by the metre", exact=True)).to_be_focused()
    assert await web_orders(live) == []
    await page.get_by_label("Quantity of Climbing rope, by the metre", exact=True).fill("2.5")
    await page.get_by_label("Quantity of Two-person tent", exact=True).fill("80")
    await page.get_by_role("button", name="Take 75").click()
    await expect(page.get_by_label("Quantity of Two-person tent", exact=True)).to_have_value("75")
    await expect(line(page, "Two-person tent")).to_contain_text("25 can ship now; the remaining 50")

    await page.reload()
    await expect(cart_link(page)).to_have_text("Cart 2")
    await expect(page.get_by_label("Quantity of Two-person tent", exact=True)).to_have_value("75")
    await expect(page.get_by_label("Quantity of Climbing rope, by the metre", exact=True)).to_have_value("2.5")

    # Somebody was faster: the order is refused whole, and the cart says what is left.
    await expect(order).to_be_enabled()
    await sell(live, "PHONE-1", "TENT", 30)
    await order.click()
    refusal = page.get_by_role("alert")
    await expect(refusal).to_contain_text("Nothing was ordered")
    await expect(refusal.get_by_role("listitem")).to_have_text(
        ["Two-person tent: You asked for 75, but only 45 can be bought now."]
    )
    assert await web_orders(live) == []
    await page.get_by_role("button", name="Take 45").click()
    await order.click()
    await expect(line(page, "45 \N{MULTIPLICATION SIGN} Two-person tent")).to_contain_text("All 45 are on backorder")
    assert [order["lines"] for order in await web_orders(live)] == [
        [{"sku": "TENT", "orderedQty": 45}, {"sku": "ROPE", "orderedQty": 2.5}]
    ]


async def test_an_order_whose_answer_is_lost_is_placed_once(visitor: Visitor, live: Api) -> None:
    page = await visitor.open("/shop")
    await put(page, "STOVE", "3")
    await cart_link(page).click()

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    is_back = await answer_by(page, "**/shop/order", lose)
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.get_by_role("alert")).to_contain_text("It may have been placed.")
    [placed] = await web_orders(live)
    # All three are sold, to this very cart: it says nothing of that, and it cannot be changed before it is answered.
    await expect(page.get_by_label("Quantity of Gas stove", exact=True)).to_be_disabled()
    await page.reload()
    await expect(page.get_by_role("alert")).to_contain_text("It may have been placed.")
    await page.get_by_role("button", name="Ask again").click()
    await expect(page.get_by_role("button", name="Ask again")).to_be_enabled()
    is_back.set()
    await page.get_by_role("button", name="Ask again").click()
    await expect(page.get_by_text(f"Your order {placed['number']} is placed.")).to_be_visible()
    assert await web_orders(live) == [placed]
    await page.reload()
    await expect(page.get_by_text(f"Your order {placed['number']} is placed.")).to_be_visible()


async def test_an_order_that_never_left_is_placed_by_asking_again(visitor: Visitor, live: Api) -> None:
    page = await visitor.open("/shop")
    await put(page, "STOVE", "1")
    await cart_link(page).click()
    await expect(page.get_by_role("button", name="Place the order")).to_be_enabled()
    visitor.is_disconnected = True
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.get_by_role("alert")).to_contain_text("no answer came")
    assert await web_orders(live) == []
    visitor.is_disconnected = False
    await page.get_by_role("button", name="Ask again").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert [order["lines"] for order in await web_orders(live)] == [[{"sku": "STOVE", "orderedQty": 1}]]


async def test_a_copied_tab_cannot_order_another_cart_under_the_same_key(visitor: Visitor, live: Api) -> None:
    page = await visitor.open("/shop")
    await put(page, "STOVE", "1")
    kept = await page.evaluate("sessionStorage.getItem('shop.cart')")
    await cart_link(page).click()
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    await page.evaluate("(kept) => sessionStorage.setItem('shop.cart', kept)", kept)
    await page.goto(f"{visitor.url}/shop/my/cart")
    await page.get_by_label("Quantity of Gas stove", exact=True).fill("2")
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.get_by_role("alert")).to_contain_text("This cart has been ordered before, with other lines.")
    assert len(await web_orders(live)) == 1
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert len(await web_orders(live)) == 2
