"""What the tests of the admin app share."""

import asyncio

from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Visitor
from tests.client import ADMIN_TOKEN


async def sign_in(visitor: Visitor, path: str, token: str = ADMIN_TOKEN) -> Page:
    """A page of the admin app, as the holder of this token."""
    page = await visitor.open(path)
    await page.get_by_label("Token", exact=True).fill(token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


async def hold_back(page: Page, operation: str, seconds: float = 0.5) -> None:
    """From now on, let every answer to this operation of the page come so much later."""

    async def hold(route: Route) -> None:
        if f"{operation}(" in (asked := route.request.post_data or "") or f"{operation} {{" in asked:
            await asyncio.sleep(seconds)
        await route.fallback()

    await page.route("**/graphql", hold)
