"""The catalogue in the admin app, for tests."""

from collections.abc import Iterable

from playwright.async_api import Locator, Page

from tests.client import Api


async def create_products(live: Api, skus: Iterable[str]) -> None:
    """Products that lie nowhere."""
    rows = [{"sku": sku} for sku in skus]
    for start in range(0, len(rows), 5000):
        made = await live.change("upsertProducts", "products", "[ProductInput!]!", rows[start : start + 5000])
        assert made["userErrors"] == []


def grid(page: Page) -> Locator:
    """The table of the catalogue."""
    return page.get_by_role("region", name="The catalogue", exact=True)
