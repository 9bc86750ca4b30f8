"""What merchants do with rules in the admin app, for tests."""

from playwright.async_api import Locator, Page, expect

MODES = {"NO_BACKORDERS": "No Backorders", "ALLOW": "Allow Qty Below 0"}


def setting(page: Page, label: str) -> Locator:
    """The line of one setting."""
    return page.get_by_role("group", name=label, exact=True)


async def choose_backorders(page: Page, mode: str) -> None:
    """Give this scope a rule for backorders."""
    line = setting(page, "Backorders")
    await line.get_by_role("checkbox").uncheck()
    await line.get_by_role("combobox").select_option(MODES[mode])


async def type_threshold(page: Page, text: str) -> None:
    """Give this scope a rule for the threshold."""
    line = setting(page, "Out-of-Stock Threshold")
    await line.get_by_role("checkbox").uncheck()
    await line.get_by_role("textbox").fill(text)


async def save(page: Page, revision: int) -> None:
    """Save what is typed, which makes this revision."""
    await page.get_by_role("button", name="Save Config").click()
    await expect(page.get_by_role("status").filter(has_text=f"Saved as revision {revision}.")).to_be_visible()


async def go(page: Page, name: str) -> None:
    """Follow a link of the frame."""
    await page.get_by_role("navigation", name="Pages").first.get_by_role("link", name=name, exact=True).click()
