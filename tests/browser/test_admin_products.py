"""The catalogue in the admin app: a page at a time, found by filters that live in the address."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests.browser.accessibility import grave_findings
from tests.browser.admin import sign_in
from tests.browser.conftest import Visitor, Visitors
from tests.browser.products import create_products, grid
from tests.client import Api

PATH = "/admin/products"


async def expect_skus(page: Page, *skus: str) -> None:
    """These products and no others, in this order."""
    await expect(grid(page).get_by_role("rowheader")).to_have_text(list(skus))


async def test_the_grid_says_where_a_product_lies_and_what_every_channel_can_sell(
    visitor: Visitor, screenshot: Callable[[Page, str], Awaitable[None]]
) -> None:
    page = await sign_in(visitor, PATH)
    boots = grid(page).get_by_role("row", name=re.compile("^BOOTS"))
    for said in ("Berlin warehouse 10", "Madrid store 5", "Porto depot, closed 7 Disabled", "Backorder"):
        await expect(boots).to_contain_text(said)
    await expect(boots.get_by_role("cell")).to_have_text(
        ["Hiking boots", re.compile("Berlin"), "45", "Backorder", "55"]
    )
    await expect(grid(page).get_by_role("row", name=re.compile("^SUNGLASSES"))).to_contain_text("14 Out of stock")
    await expect(grid(page).get_by_role("row", name=re.compile("^GIFTCARD"))).to_contain_text("not managed")
    await expect(grid(page).get_by_role("row", name=re.compile("^CANOE"))).to_contain_text("any number (-6)")
    await expect(page.get_by_role("button", name="In stock 18")).to_be_visible()
    await screenshot(page, "admin-products")
    await page.get_by_label("Sales channel", exact=True).select_option("Madrid shop")
    await expect(boots.get_by_role("cell")).to_have_text(["Hiking boots", re.compile("Berlin"), "55", "In stock", "45"])


async def test_the_catalogue_is_paged_and_a_link_leads_to_the_same_page(visitor: Visitor, live: Api) -> None:
    page = await sign_in(visitor, PATH)
    await create_products(live, [f"Z-{number:02}" for number in range(60)])
    await page.reload()
    rows = grid(page).get_by_role("rowheader")
    await expect(rows).to_have_count(50)
    await expect(page.get_by_text("Page 1, 92 in all")).to_be_visible()
    await page.get_by_role("button", name="Next").dblclick()  # the second one asks for no third page
    await expect(rows).to_have_count(42)
    await expect(page.get_by_text("Page 2, 92 in all")).to_be_visible()
    await expect(page.get_by_role("button", name="Next")).to_be_disabled()
    await page.reload()
    await expect(rows).to_have_count(42)
    await grid(page).get_by_role("link", name="Z-59").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Z-59 Z-59")
    await page.get_by_role("link", name="← Products").click()
    await expect(rows).to_have_count(42)
    await page.get_by_role("button", name="Previous").click()
    await expect(rows.first).to_have_text("BACKPACK")


async def test_searching_and_filtering_find_products_and_the_address_brings_the_filters_back(visitor: Visitor) -> None:
    page = await sign_in(visitor, PATH)
    await page.get_by_label("Search", exact=True).fill("tOuRiNg")
    await expect_skus(page, "BIKE", "SKIS")
    await page.get_by_label("Stock status", exact=True).select_option("In stock")
    await expect_skus(page, "SKIS")
    assert page.url.endswith("?search=tOuRiNg&status=IN_STOCK")

    await page.reload()
    await expect_skus(page, "SKIS")
    await expect(page.get_by_label("Search", exact=True)).to_have_value("tOuRiNg")
    await expect(page.get_by_label("Stock status", exact=True)).to_have_value("IN_STOCK")
    await page.get_by_role("link", name="SKIS").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Touring skis")
    await page.go_back()
    await expect_skus(page, "SKIS")
    await page.go_back()  # before the status was chosen
    await expect_skus(page, "BIKE", "SKIS")
    await expect(page.get_by_label("Stock status", exact=True)).to_have_value("")

    await page.get_by_role("button", name="Clear filters").click()
    await expect(page.get_by_text("32 in all")).to_be_visible()
    await expect(page.get_by_label("Search", exact=True)).to_have_value("")
    await page.get_by_label("Source", exact=True).select_option("Porto depot, closed")
    await expect_skus(page, "BOOTS", "SCARF")
    await page.get_by_label("Source", exact=True).select_option("Any")
    await page.get_by_label("Assigned", exact=True).select_option("Not to it")
    await expect_skus(page, "PUMP", "TOWEL")
    await page.get_by_label("Search", exact=True).fill("no such thing")
    await expect(grid(page)).to_contain_text("No product fits these filters.")


async def test_the_picture_counts_the_catalogue_and_its_legend_filters(visitor: Visitor) -> None:
    page = await sign_in(visitor, PATH)
    late = page.get_by_role("button", name="Backorder 3")
    await late.click()
    await expect_skus(page, "BOOTS", "CANOE", "WHEEL")
    await expect(late).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_label("Availability", exact=True)).to_have_value("BACK_ORDER")
    for state in ("In stock 18", "Few left 4", "Out of stock 7"):  # of the catalogue, not of what is filtered
        await expect(page.get_by_role("button", name=state)).to_be_visible()
    await late.click()
    await expect(page.get_by_text("32 in all")).to_be_visible()
    await page.get_by_label("Sales channel", exact=True).select_option("Madrid shop")
    await expect(page.get_by_role("button", name=re.compile("^Backorder"))).not_to_have_text("Backorder 3")


async def test_a_short_page_of_a_large_catalogue_is_no_empty_one_and_it_is_counted_only_on_request(
    visitor: Visitor,
    live: Api,
) -> None:
    page = await sign_in(visitor, PATH)
    await create_products(live, [f"A-{number:05}" for number in range(10_000)])
    await page.goto(f"{visitor.url}{PATH}?availability=BACK_ORDER")
    await expect(grid(page)).to_contain_text("None so far.")
    await expect(page.get_by_text("Looked at 5,000 products and found none")).to_be_visible()
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_text("Page 2")).to_be_visible()
    await page.get_by_role("button", name="Go on").click()  # as soon as it can be pressed again
    await expect_skus(page, "BOOTS", "CANOE", "WHEEL")
    await expect(page.get_by_role("button", name="Go on")).to_have_count(0)

    await expect(page.get_by_role("button", name=re.compile("^Out of stock"))).to_have_count(0)
    await page.get_by_role("button", name="Count 10,032 products").click()
    await expect(page.get_by_role("button", name="Out of stock 10,007")).to_be_visible(timeout=60_000)


async def test_a_lost_connection_keeps_the_page_and_the_filters(visitor: Visitor) -> None:
    page = await sign_in(visitor, PATH)
    await expect(grid(page).get_by_role("row", name=re.compile("^BOOTS.* 55$"))).to_be_visible()  # all has come
    await expect(page.get_by_role("button", name="In stock 18")).to_be_visible()
    visitor.is_disconnected = True
    await page.get_by_label("Search", exact=True).fill("rope")
    await expect(page.get_by_role("alert")).to_contain_text("The service cannot be reached")
    await expect(grid(page).get_by_role("link", name="TENT")).to_be_visible()
    visitor.is_disconnected = False
    await page.get_by_role("button", name="Try again").click()
    await expect_skus(page, "ROPE")
    await expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
async def test_nothing_grave_keeps_people_from_the_catalogue(visitors: Visitors, is_dark: bool) -> None:
    visitor = await visitors.come(width=390, is_dark=is_dark)
    page = await sign_in(visitor, f"{PATH}?availability=OUT_OF_STOCK")
    await expect(page.get_by_role("button", name="Out of stock 7")).to_be_visible()
    await expect(grid(page).get_by_role("link", name="SCARF")).to_be_visible()
    assert await grave_findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
