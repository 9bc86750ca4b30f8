"""Signing in to the admin app: once for all tabs of a browser, until somebody signs out or the token is no more."""

from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from models.address import parse_address
from models.database import database
from resolvers.tokens import TokenRole, create_token, revoke_token
from tests.browser.accessibility import grave_findings
from tests.browser.admin import sign_in
from tests.browser.conftest import Visitor
from tests.browser.routes import answer_by
from tests.browser.rules import setting, type_threshold
from tests.client import ADMIN_TOKEN
from tests.server.process import Service, serving

RAW = ["totalCount", "stockStatus", "UNAUTHENTICATED", "FORBIDDEN", "TOO_MANY", "INTERNAL"]
NOT_BY_ITSELF = (
    "const later = setTimeout; setTimeout = (call, ms, ...more) => ms >= 1000 ? 0 : later(call, ms, ...more);"
)
"""The page tries again by itself after a second or more: here nobody does but who presses the button."""
HELD = "JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])"


async def expect_signed_in(page: Page) -> None:
    """Whoever holds the tab is signed in, without having been asked."""
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    await expect(page.get_by_label("Token", exact=True)).to_have_count(0)


async def expect_no_raw_words(page: Page) -> None:
    """Nothing on the page is for programs."""
    text = await page.get_by_role("main").inner_text()
    assert [word for word in RAW if word in text] == []


async def test_a_reload_while_the_service_stops_keeps_the_session_till_it_is_back(
    visitor: Visitor, service: Service, database_url: str, tmp_path: Path
) -> None:
    page = await sign_in(visitor, "/admin/backorders")
    await expect(page.get_by_role("row", name="DEMO-3")).to_be_visible()
    await page.wait_for_load_state("networkidle")

    async def stop(route: Route) -> None:
        if service.process.poll() is None:
            service.stop()
        await route.continue_()

    await page.route("**/graphql", stop)
    await page.reload()
    await expect(page.get_by_role("alert")).to_contain_text("The service cannot be reached.")
    await expect(page.get_by_role("alert")).to_contain_text("You are still signed in")
    await expect(page.get_by_label("Token", exact=True)).to_have_count(0)
    with serving(cwd=tmp_path, url=service.url, database_url=database_url, admin_token=ADMIN_TOKEN):
        await expect_signed_in(page)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Backorders")
        await expect(page.get_by_role("row", name="DEMO-3")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, "<html>Down for maintenance"),
        (429, ""),
        (200, '{"data": null, "errors": [{"message": "Wrong.", "extensions": {"code": "INTERNAL_ERROR"}}]}'),
    ],
)
async def test_no_answer_but_that_the_token_is_not_valid_signs_out(visitor: Visitor, status: int, body: str) -> None:
    page = await sign_in(visitor, "/admin/backorders")

    async def refuse(route: Route) -> None:
        await route.fulfill(status=status, body=body, content_type="application/json" if status == 200 else "text/html")

    await page.add_init_script(NOT_BY_ITSELF)
    is_back = await answer_by(page, "**/graphql", refuse)
    await page.reload()
    await expect(page.get_by_role("alert")).to_contain_text("You are still signed in")
    await expect_no_raw_words(page)
    assert await grave_findings(page) == []
    is_back.set()
    await page.get_by_role("button", name="Try again").click()
    await expect_signed_in(page)


async def test_one_sign_in_is_for_all_tabs_and_so_is_signing_out(visitor: Visitor) -> None:
    waiting = await visitor.open("/admin/history")
    await expect(waiting.get_by_label("Token", exact=True)).to_be_visible()
    first = await sign_in(visitor, "/admin/configuration")
    await expect_signed_in(waiting)
    await type_threshold(first, "-50")
    second = await visitor.open("/admin/receive?source=berlin&sku=TENT")
    await expect_signed_in(second)
    await second.get_by_label("Quantity", exact=True).fill("7")
    graphiql = await visitor.open("/graphiql")
    await expect(graphiql.get_by_label("Token", exact=True)).to_have_value(ADMIN_TOKEN)
    asleep = await visitor.open("/admin/orders")
    await expect_signed_in(asleep)
    await asleep.goto(visitor.url + "/shop")
    assert ADMIN_TOKEN not in await first.evaluate("JSON.stringify({...localStorage}) + document.cookie")
    assert await visitor.context.cookies() == []

    await second.get_by_role("button", name="Sign out").click()
    for page in (first, second, waiting):
        await expect(page.get_by_label("Token", exact=True)).to_be_visible()
        kept = await page.evaluate(HELD)
        assert ADMIN_TOKEN not in kept
        assert "drafts" not in kept
    await expect(graphiql.get_by_label("Token", exact=True)).to_have_value("")
    await asleep.goto(visitor.url + "/admin/orders")
    await expect(asleep.get_by_label("Token", exact=True)).to_be_visible()
    assert ADMIN_TOKEN not in await asleep.evaluate(HELD)

    await first.get_by_label("Token", exact=True).fill(ADMIN_TOKEN)
    await first.get_by_role("button", name="Sign in").click()
    await expect(setting(first, "Out-of-Stock Threshold").get_by_role("textbox")).to_have_value("0")
    await expect_signed_in(second)
    await expect(second.get_by_label("Quantity", exact=True)).to_have_value("")


async def test_a_token_that_was_revoked_is_said_in_words_and_another_one_is_asked_for(
    visitor: Visitor, database_url: str
) -> None:
    async with database(parse_address(database_url)):
        token = await create_token("anna", TokenRole.ADMIN)
    page = await sign_in(visitor, "/admin/configuration", token)
    await type_threshold(page, "-50")
    async with database(parse_address(database_url)):
        assert await revoke_token("anna")
    await page.get_by_role("link", name="Products", exact=True).click()
    again = page.get_by_role("button", name="Sign in again")
    await expect(again).to_be_visible()  # one of it, however much was refused
    await expect(page.get_by_role("alert").first).to_contain_text("You are no longer signed in")
    await expect_no_raw_words(page)
    assert await grave_findings(page) == []
    await page.get_by_role("link", name="Configuration").click()
    await expect(setting(page, "Out-of-Stock Threshold").get_by_role("textbox")).to_have_count(0)
    await again.click()
    form = page.get_by_role("dialog", name="Sign in again")
    await form.get_by_label("Token", exact=True).fill(token)
    await form.get_by_role("button", name="Sign in").click()
    await expect(form.get_by_role("alert")).to_have_text("This token is not valid; check it.")
    assert await grave_findings(page) == []
    await form.get_by_label("Token", exact=True).fill(ADMIN_TOKEN)
    await form.get_by_role("button", name="Sign in").click()
    await expect(form).to_have_count(0)
    await expect(again).to_have_count(0)
    # It is somebody else who goes on: what anna typed is not theirs.
    await expect(setting(page, "Out-of-Stock Threshold").get_by_role("textbox")).to_have_value("0")
    assert "-50" not in await page.evaluate(HELD)


async def test_whoever_signs_in_again_goes_on_where_they_were(
    visitor: Visitor, service: Service, database_url: str, tmp_path: Path
) -> None:
    page = await sign_in(visitor, "/admin/sources")
    await page.get_by_role("button", name="Add a source").click()
    dialog = page.get_by_role("dialog", name="A new source")
    await dialog.get_by_label("Code", exact=True).fill("oslo")
    service.stop()
    other = "another-token-of-the-admin-0123456789"
    with serving(cwd=tmp_path, url=service.url, database_url=database_url, admin_token=other):
        await dialog.get_by_role("button", name="Save").click()
        await dialog.get_by_role("button", name="Sign in again").click()
        form = page.get_by_role("dialog", name="Sign in again")
        await form.get_by_label("Token", exact=True).fill(other)
        await form.get_by_role("button", name="Sign in").click()
        await expect(form).to_have_count(0)
        await expect(dialog.get_by_label("Code", exact=True)).to_have_value("oslo")
        await dialog.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Source oslo is saved.")).to_be_visible()


async def test_a_reload_with_a_token_that_is_no_more_asks_for_another_one(visitor: Visitor, database_url: str) -> None:
    async with database(parse_address(database_url)):
        token = await create_token("anna", TokenRole.ORDERS)
    page = await sign_in(visitor, "/admin/orders", token)
    async with database(parse_address(database_url)):
        assert await revoke_token("anna")
    await page.reload()
    await expect(page.get_by_label("Token", exact=True)).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_text(
        "You are no longer signed in: your token was revoked or has expired."
    )
    assert token not in await page.evaluate(HELD)


async def test_a_clerk_on_a_page_for_admins_is_told_in_words(visitor: Visitor, database_url: str) -> None:
    async with database(parse_address(database_url)):
        token = await create_token("clerk", TokenRole.ORDERS)
    page = await sign_in(visitor, "/admin/products?availability=OUT_OF_STOCK", token)
    await expect(page.get_by_role("alert").filter(has_text="Your token does not allow this.").first).to_be_visible()
    await expect(page.get_by_text("Loading…")).to_have_count(0)
    await expect_no_raw_words(page)
