"""Sources, stocks and sales channels in the admin app, and what runs low."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.accessibility import grave_findings
from tests.browser.admin import hold_back, sign_in
from tests.browser.conftest import Visitor, Visitors


def low_items(page: Page) -> Locator:
    """The rows of the low items."""
    return page.get_by_role("region", name="Items at or below their notify quantity").get_by_role("row")


async def test_low_stock_says_which_rule_calls_it_low(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/low-stock")
    helmet = low_items(page).filter(has=page.get_by_role("rowheader", name="HELMET"))
    await expect(helmet).to_contain_text("HELMETberlin1820product HELMET at source berlin")
    gloves = low_items(page).filter(has=page.get_by_role("rowheader", name="GLOVES"))
    await expect(gloves).to_contain_text("GLOVESmadrid22global configuration")
    await page.get_by_label("Source", exact=True).select_option("madrid")
    await expect(page.get_by_role("rowheader")).to_have_text(["GLOVES", "SNOWSHOES"])
    await page.get_by_label("SKU", exact=True).fill("SNOWSHOES")
    await page.get_by_role("button", name="Filter", exact=True).click()
    await expect(page.get_by_role("rowheader")).to_have_text(["SNOWSHOES"])
    assert page.url.endswith("?source=madrid&sku=SNOWSHOES")
    await page.get_by_role("link", name="Receive SNOWSHOES at madrid").click()
    await expect(page.get_by_label("Source", exact=True)).to_have_value("madrid")
    await expect(page.get_by_label("SKU", exact=True)).to_have_value("SNOWSHOES")


async def test_a_source_is_added_linked_and_warned_of_where_two_stocks_share_it(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin")
    await hold_back(page, "query Places")  # what there is already is known before something is added
    await page.get_by_role("link", name="Sources and stocks").click()
    await page.get_by_role("button", name="Add a source").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Code", exact=True).fill("berlin")
    await dialog.get_by_role("button", name="Save").click()
    taken = "1 to 64 characters; it stays as it is. There is a source berlin already: edit that one."
    await expect(dialog.get_by_label("Code", exact=True)).to_have_accessible_description(taken)
    await dialog.get_by_label("Code", exact=True).fill("lyon")
    await dialog.get_by_label("Name", exact=True).fill("Lyon depot")
    visitor.is_disconnected = True
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("The service cannot be reached.")
    visitor.is_disconnected = False
    await expect(dialog.get_by_label("Name", exact=True)).to_have_value("Lyon depot")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Source lyon is saved.")).to_be_visible()
    lyon = page.get_by_role("row").filter(has_text="Lyon depot")
    await expect(lyon).to_contain_text("lyonLyon depotEnabled")
    await expect(page.get_by_role("link", name="Rules of source lyon")).to_have_attribute(
        "href", "/admin/configuration/lyon"
    )

    await page.get_by_role("button", name="Edit stock es").click()
    await dialog.get_by_role("button", name="Link a source").click()
    link = dialog.get_by_role("group", name="Source 2")
    await expect(link.get_by_label("Source", exact=True)).to_be_focused()
    await dialog.get_by_role("button", name="Save").click()
    await expect(link.get_by_label("Source", exact=True)).to_have_accessible_description("Which source?")
    await link.get_by_label("Source", exact=True).select_option("madrid")
    await dialog.get_by_role("button", name="Save").click()
    twice = "This source stands twice in one stock."
    await expect(link.get_by_label("Source", exact=True)).to_have_accessible_description(twice)
    await link.get_by_label("Source", exact=True).select_option("lyon")
    await link.get_by_label("Priority", exact=True).fill("7")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Stock es is saved.")).to_be_visible()
    shared = page.get_by_role("status").filter(has_text="feeds the stocks")
    await expect(shared).to_have_count(1)  # madrid feeds two already; lyon one
    await expect(shared).to_contain_text("Source madrid feeds the stocks es, eu")
    stocks = page.get_by_role("table", name="Stocks", exact=True)
    await expect(stocks.get_by_role("row").filter(has_text="Spain")).to_contain_text("lyon priority 7")

    await page.get_by_role("button", name="Edit stock es").click()
    await dialog.get_by_role("button", name="Remove source 1").click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(shared).to_have_count(0)
    await expect(stocks.get_by_role("row").filter(has_text="Spain")).not_to_contain_text("priority 1")


async def test_a_source_is_disabled_and_a_sales_channel_sells_from_another_stock(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/sources")
    await page.get_by_role("button", name="Edit source madrid").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("switch", name="Enabled").uncheck()
    await dialog.get_by_label("Name", exact=True).fill("")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_label("Name", exact=True).fill("Madrid store, moving")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Source madrid is saved.")).to_be_visible()
    madrid = page.get_by_role("row").filter(has_text="Madrid store, moving")
    await expect(madrid).to_contain_text("Disabled")

    await page.get_by_role("button", name="Edit sales channel madrid").click()
    await expect(dialog.get_by_label("Sells from stock", exact=True)).to_have_value("es")
    await dialog.get_by_label("Sells from stock", exact=True).select_option("eu")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("row").filter(has_text="Madrid shop")).to_contain_text("Europe (eu)")
    await page.get_by_role("button", name="Add a sales channel").click()
    await dialog.get_by_label("Code", exact=True).fill("lisbon")
    await dialog.get_by_role("button", name="Save").click()
    needed = "It sells from exactly one stock."
    await expect(dialog.get_by_label("Sells from stock", exact=True)).to_have_accessible_description(needed)
    await dialog.get_by_label("Sells from stock", exact=True).select_option("eu")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Sales channel lisbon is saved.")).to_be_visible()


@pytest.mark.parametrize("is_dark", [False, True])
async def test_nothing_grave_keeps_people_from_working_with_sources(visitors: Visitors, is_dark: bool) -> None:
    visitor = await visitors.come(width=390, is_dark=is_dark)
    page = await sign_in(visitor, "/admin/low-stock")
    for path in ("/admin/low-stock", "/admin/sources"):
        await page.goto(visitor.url + path)
        await expect(page.get_by_role("rowheader").first).to_be_visible()
        assert await grave_findings(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, path
    await page.get_by_role("button", name="Edit stock eu").click()
    await expect(page.get_by_role("group", name="Source 3")).to_be_visible()
    assert await grave_findings(page) == []
