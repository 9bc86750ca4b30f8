"""Pages whose code cannot be loaded say so under their address, where no other page stands, and come by themselves."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.admin import sign_in
from tests.browser.conftest import Visitor
from tests.browser.routes import answer_by

MISSING = "This page could not be loaded"


async def withhold(page: Page, files: str, status: int | None) -> asyncio.Event:
    """These files of the service cannot be loaded, until the event is set: the network is gone, or it has no such file."""

    async def answer(route: Route) -> None:
        if status is None:
            await route.abort("internetdisconnected")
        else:
            await route.fulfill(status=status, body="")

    return await answer_by(page, files, answer)


@pytest.mark.parametrize("status", [None, 404], ids=["no network", "a new version"])
@pytest.mark.parametrize("files", ["**/assets/receive-*.js", "**/assets/orders-*.css"], ids=["script", "style"])
async def test_a_page_that_cannot_be_loaded_says_so_and_comes_by_itself(
    visitor: Visitor, files: str, status: int | None
) -> None:
    page = await sign_in(visitor, "/admin/products")
    await expect(page.get_by_role("link", name="TENT", exact=True)).to_be_visible()
    is_back = await withhold(page, files, status)
    await page.get_by_role("link", name="Receive stock").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(MISSING)
    await expect(page.get_by_role("heading", name="Products", exact=True)).to_have_count(0)
    assert page.url == f"{visitor.url}/admin/receive"
    await expect(page).to_have_title("Receive stock · salable")
    is_back.set()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Receive stock")
    assert page.url == f"{visitor.url}/admin/receive"
    await expect(page.get_by_role("button", name="Receive", exact=True)).to_be_visible()


async def test_while_the_service_is_gone_the_page_stays_and_tries_when_it_is_told_to(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/configuration")
    line = page.get_by_role("group", name="Out-of-Stock Threshold", exact=True)
    await line.get_by_role("checkbox").uncheck()
    await line.get_by_role("textbox").fill("-12")
    visitor.is_disconnected = True
    await page.get_by_role("link", name="Low stock").click()
    await expect(page.get_by_role("alert")).to_contain_text(MISSING)
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("status")).to_contain_text("The service cannot be reached.")
    visitor.is_disconnected = False
    await expect(page.get_by_role("heading", level=1)).to_have_text("Low stock")
    await page.get_by_role("link", name="Configuration", exact=True).click()
    await expect(line.get_by_role("textbox")).to_have_value("-12")  # though the page was loaded anew


@pytest.mark.parametrize(
    ("path", "there"), [("/admin/orders", "Sign in"), ("/shop", "Show more"), ("/graphiql", "Execute query")]
)
async def test_a_page_that_cannot_start_says_so_and_comes_by_itself(visitor: Visitor, path: str, there: str) -> None:
    page = await visitor.open("/shop/TENT")
    is_back = await withhold(page, "**/assets/main-*.js", 404)
    await page.goto(visitor.url + path)
    await expect(page.get_by_role("heading", level=1)).to_have_text(MISSING)
    is_back.set()
    await expect(page.get_by_role("button", name=there)).to_be_visible()
    await expect(page.get_by_text("If it takes long")).to_have_count(0)
    assert page.url == visitor.url + path


async def test_a_part_of_graphiql_that_cannot_be_loaded_is_said_and_comes_by_itself(visitor: Visitor) -> None:
    page = await visitor.open("/shop/TENT")
    is_back = await withhold(page, "**/assets/codemirror-*.js", None)
    await page.goto(visitor.url + "/graphiql")
    await expect(page.get_by_role("alert")).to_contain_text(MISSING)
    is_back.set()
    await expect(page.locator(".graphiql-query-editor .CodeMirror")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)
    visitor.complaints.clear()  # GraphiQL says itself that its editors could not be loaded


async def test_an_address_of_no_page_shows_none(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/nothing/here")
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    await page.get_by_role("link", name="To the first page").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Products")
