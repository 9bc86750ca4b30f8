"""What the tests of the admin app share."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Visitor
from tests.client import ADMIN_TOKEN


async def sign_in(visitor: Visitor, path: str, token: str = ADMIN_TOKEN) -> Page:
    """A page of the admin app, as the holder of this token."""
    page = await visitor.open(path)
    await page.get_by_label("Token", exact=True).fill(token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page
