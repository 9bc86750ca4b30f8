"""A product in the admin app: why so many can be sold, where it lies, and what is changed in place."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.accessibility import grave_findings
from tests.browser.admin import sign_in
from tests.browser.conftest import Visitor, Visitors
from tests.browser.orders import place
from tests.browser.products import create_products, grid
from tests.client import Api

PATH = "/admin/products"


def channel(page: Page, name: str = "Web shop") -> Locator:
    """What one sales channel says."""
    return page.get_by_role("region", name=re.compile(f"^{name}"))


async def quantities_of_the_sum(page: Page) -> list[float]:
    """The numbers of an open sum, the salable quantity last."""
    rows = channel(page).get_by_role("list", name="The terms of the sum").get_by_role("listitem")
    texts = [await row.locator(".number").inner_text() for row in await rows.all()]
    return [float(text.replace(",", "")) for text in texts]


async def set_quantity(live: Api, sku: str, quantity: int) -> None:
    """What somebody else does meanwhile."""
    item = {"sku": sku, "source": "berlin", "quantity": quantity}
    assert (await live.change("setSourceItems", "items", "[SourceItemInput!]!", [item]))["userErrors"] == []


async def test_why_explains_the_worked_example(
    visitor: Visitor, screenshot: Callable[[Page, str], Awaitable[None]]
) -> None:
    page = await sign_in(visitor, f"{PATH}/TENT")
    shop = channel(page)
    await expect(shop).to_contain_text("75 salable")
    await shop.get_by_role("button", name="Why?").click()
    await expect(shop.get_by_role("list", name="The terms of the sum").get_by_role("listitem")).to_contain_text(
        ["On hand at Berlin warehouse", "Reserved by orders", "Orders may go 50 below zero", "Salable quantity"]
    )
    await expect(shop).to_contain_text("Out-of-Stock Threshold of -50, by the rule of product TENT.")
    *terms, salable = await quantities_of_the_sum(page)
    assert (terms, salable) == ([25, 0, 50], 75)
    await screenshot(page, "admin-product")
    await expect(channel(page, "Madrid shop")).to_contain_text("0 salable")
    await channel(page, "Madrid shop").get_by_role("button", name="Why?").click()
    await expect(channel(page, "Madrid shop")).to_contain_text("it is not linked to the stock Spain")


async def test_why_tells_what_is_hidden_cut_off_without_limit_or_not_managed(visitor: Visitor) -> None:
    page = await sign_in(visitor, f"{PATH}/BOOTS")

    async def why(sku: str) -> Locator:
        await page.goto(f"{visitor.url}{PATH}/{sku}")
        await channel(page).get_by_role("button", name="Why?").click()
        return channel(page)

    boots = await why("BOOTS")
    await expect(boots).to_contain_text("hides source madrid (-20); counts once, though 2 sources follow it.")
    await expect(boots).to_contain_text("Porto depot, closed does not count: it is disabled.")
    assert await quantities_of_the_sum(page) == [10, 5, -20, 50, 45]
    await expect(await why("SLEEPINGBAG")).to_contain_text("Cut off at 0")
    assert await quantities_of_the_sum(page) == [5, 0, -8, -3, 0]
    canoe = await why("CANOE")
    await expect(canoe).to_contain_text("Any number can be sold.")
    await expect(canoe).to_contain_text("6 are on backorder now.")
    await expect(await why("GIFTCARD")).to_contain_text("Manage Stock is No, by the rule of product GIFTCARD")


async def test_a_quantity_and_a_status_set_in_the_grid_change_what_can_be_sold(visitor: Visitor) -> None:
    page = await sign_in(visitor, f"{PATH}/TENT")
    quantity, save = (
        page.get_by_label("Quantity at Berlin warehouse", exact=True),
        page.get_by_role("button", name="Save quantities"),
    )
    await expect(save).to_be_disabled()
    await quantity.fill("12,5")
    await expect(page.get_by_text("A number with at most four decimal places.")).to_be_visible()
    await expect(save).to_be_disabled()
    await quantity.fill("12.5")
    await save.click()
    await expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    await expect(channel(page)).to_contain_text("62.5 salable")
    await page.get_by_label("Status at Berlin warehouse", exact=True).select_option("Out of stock")
    await quantity.press("Enter")
    await expect(channel(page)).to_contain_text("0 salable")
    await expect(quantity).to_have_value("12.5")


async def test_a_stale_quantity_shows_both_numbers_and_loses_nothing_that_was_typed(
    visitor: Visitor, live: Api
) -> None:
    page = await sign_in(visitor, f"{PATH}/TENT")
    quantity, save = (
        page.get_by_label("Quantity at Berlin warehouse", exact=True),
        page.get_by_role("button", name="Save quantities"),
    )
    await quantity.fill("30")
    await set_quantity(live, "TENT", 20)
    await save.click()
    await expect(page.get_by_role("alert")).to_contain_text("It was 25 when you typed; somebody has made it 20 since.")
    await expect(quantity).to_have_value("30")
    await expect(channel(page)).to_contain_text("70 salable")
    await expect(save).to_be_disabled()
    await page.get_by_role("button", name="Keep my 30").click()
    await save.click()
    await expect(channel(page)).to_contain_text("80 salable")

    await quantity.fill("31")
    await set_quantity(live, "TENT", 7)
    await save.click()
    await page.get_by_role("button", name="Take 7").click()
    await expect(quantity).to_have_value("7")
    await expect(channel(page)).to_contain_text("57 salable")


async def test_a_lost_connection_loses_nothing_that_was_typed(visitor: Visitor) -> None:
    page = await sign_in(visitor, f"{PATH}/TENT")
    quantity = page.get_by_label("Quantity at Berlin warehouse", exact=True)
    await quantity.fill("40")
    visitor.is_disconnected = True
    await page.get_by_role("button", name="Save quantities").click()
    await expect(page.get_by_role("alert")).to_contain_text("The service cannot be reached.")
    await expect(quantity).to_have_value("40")
    visitor.is_disconnected = False
    await page.get_by_role("button", name="Save quantities").click()
    await expect(channel(page)).to_contain_text("90 salable")


async def test_a_product_is_assigned_to_a_source_and_unassigned_after_a_question(visitor: Visitor) -> None:
    page = await sign_in(visitor, f"{PATH}/TOWEL")
    await expect(page.get_by_text("This product lies at no source")).to_be_visible()
    await page.get_by_role("button", name="Assign source").click()
    form = page.get_by_role("form", name="Assign source")
    await form.get_by_label("Source", exact=True).select_option("Berlin warehouse")
    await form.get_by_label("Quantity on hand", exact=True).fill("8")
    await form.get_by_role("button", name="Assign", exact=True).click()
    await expect(page.get_by_text("Assigned to Berlin warehouse.")).to_be_visible()
    await expect(channel(page)).to_contain_text("8 salable")

    await page.get_by_role("button", name="Unassign Berlin warehouse").click()
    question = page.get_by_role("dialog", name="Unassign Berlin warehouse?")
    await expect(question).to_contain_text("the 8 that are counted there are forgotten")
    await question.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_label("Quantity at Berlin warehouse", exact=True)).to_have_value("8")
    await page.get_by_role("button", name="Unassign Berlin warehouse").click()
    await question.get_by_role("button", name="Unassign").click()
    await expect(page.get_by_text("This product lies at no source")).to_be_visible()
    await expect(channel(page)).to_contain_text("0 salable")


async def test_goods_that_are_taken_from_an_order_are_said_where_they_are_taken(visitor: Visitor, live: Api) -> None:
    await place(live, "1", TENT=8)
    page = await sign_in(visitor, f"{PATH}/TENT")
    await page.get_by_label("Quantity at Berlin warehouse", exact=True).fill("2")
    await page.get_by_role("button", name="Save quantities").click()
    await expect(page.get_by_role("status").filter(has_text="Saved.")).to_contain_text("6 units of 1 order wait now")
    await page.get_by_role("button", name="Unassign Berlin warehouse").click()
    await page.get_by_role("dialog").get_by_role("button", name="Unassign").click()
    said = page.get_by_role("status").filter(has_text="Unassigned from Berlin warehouse.")
    await expect(said).to_contain_text("2 units of 1 order wait now")


async def test_each_source_shows_its_notify_quantity_and_where_it_comes_from(visitor: Visitor) -> None:
    page = await sign_in(visitor, f"{PATH}/HELMET")
    sources = page.get_by_role("region", name="Source items")
    await expect(sources.get_by_role("row", name=re.compile("Berlin"))).to_contain_text(
        "20by the rule of product HELMET at source berlin"
    )
    await expect(sources.get_by_role("row", name=re.compile("Madrid"))).to_contain_text("2by the global configuration")
    await page.get_by_role("button", name="Change the rules at Berlin warehouse").click()
    await expect(page.get_by_role("dialog", name="HELMET at Berlin warehouse")).to_be_visible()


async def test_a_rule_saved_on_the_page_changes_the_numbers_above_it(visitor: Visitor) -> None:
    page = await sign_in(visitor, f"{PATH}/TENT")
    inventory = page.get_by_role("region", name="Advanced Inventory")
    await inventory.get_by_role("group", name="Out-of-Stock Threshold").get_by_role("textbox").fill("-10")
    await page.get_by_label("Quantity at Berlin warehouse", exact=True).fill(
        "26"
    )  # not saved yet: the answer leaves it alone
    await inventory.get_by_role("button", name="Save Config").click()
    await expect(channel(page)).to_contain_text("35 salable")
    await expect(page.get_by_label("Quantity at Berlin warehouse", exact=True)).to_have_value("26")

    await page.get_by_role("button", name="Change the rules at Berlin warehouse").click()
    dialog = page.get_by_role("dialog", name="TENT at Berlin warehouse")
    line = dialog.get_by_role("group", name="Notify for Quantity Below")
    await line.get_by_role("checkbox").uncheck()
    await line.get_by_role("textbox").fill("12")
    await dialog.get_by_role("button", name="Save Config").click()
    await dialog.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("row", name=re.compile("Berlin")).filter(has_text="Unassign")).to_contain_text(
        "12by the rule of product TENT at source berlin"
    )


async def test_could_i_sell_answers_in_words(visitor: Visitor) -> None:
    page = await sign_in(visitor, f"{PATH}/TENT")
    box = page.get_by_role("region", name="Could I sell …?")
    await box.get_by_label("Quantity", exact=True).fill("30")
    await box.get_by_label("Quantity", exact=True).press("Enter")
    answer = box.get_by_role("status")
    await expect(answer).to_contain_text("Yes, 30 can be sold.")
    for said in ("5 of them would be late.", "25 can ship now; the remaining 5", "one order can hold is 75."):
        await expect(answer).to_contain_text(said)
    await box.get_by_label("Quantity", exact=True).fill("80")
    await box.get_by_role("button", name="Ask").click()
    await expect(answer).to_contain_text("No, 80 cannot be sold.")
    await box.get_by_label("Sales channel", exact=True).select_option("Madrid shop")
    await box.get_by_role("button", name="Ask").click()
    await expect(answer).to_contain_text("None can be sold.")
    await expect(answer).to_contain_text("Asked of Madrid shop.")


async def test_any_sku_has_a_page_and_an_unknown_one_says_so(visitor: Visitor, live: Api) -> None:
    page = await sign_in(visitor, f"{PATH}?search=50%25")
    sku = "A/B + 50% #1?é"
    await create_products(live, [sku])
    await page.reload()
    await grid(page).get_by_role("link", name=sku).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"{sku} {sku}")
    await expect(channel(page)).to_contain_text("0 salable")
    await page.goto(f"{visitor.url}{PATH}/tent")
    await expect(page.get_by_role("heading", level=1)).to_have_text("No such product")
    await page.get_by_role("link", name="Search the catalogue for it").click()
    await expect(grid(page).get_by_role("rowheader")).to_have_text(["TENT"])


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
async def test_nothing_grave_keeps_people_from_a_product(visitors: Visitors, is_dark: bool) -> None:
    visitor = await visitors.come(width=390, is_dark=is_dark)
    page = await sign_in(visitor, f"{PATH}/BOOTS")
    await channel(page).get_by_role("button", name="Why?").click()
    await page.get_by_role("button", name="Assign source").click()
    await page.get_by_label("Quantity at Berlin warehouse", exact=True).fill("1x")
    await expect(page.get_by_text("A number with at most four decimal places.")).to_be_visible()
    assert await grave_findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
