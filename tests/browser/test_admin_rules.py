"""Rules in the admin app: changing, previewing and undoing them, in a merchant's own steps."""

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import Locator, Page, Route, expect

from models.database import database, parse_address
from resolvers.tokens import TokenRole, create_token
from tests.browser.accessibility import grave_findings
from tests.browser.admin import sign_in
from tests.browser.conftest import Visitor, Visitors

Screenshot = Callable[[Page, str], Awaitable[None]]

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


async def read_slowly(route: Route) -> None:
    """Hold the answers of the form back."""
    if "query ScopeForm" in (route.request.post_data or ""):
        await asyncio.sleep(0.5)
    await route.fallback()


async def go(page: Page, name: str) -> None:
    """Follow a link of the frame."""
    await page.get_by_role("navigation", name="Pages").first.get_by_role("link", name=name, exact=True).click()


async def test_a_merchant_previews_saves_and_undoes_a_change_of_the_whole_store(
    visitor: Visitor, screenshot: Screenshot
) -> None:
    page = await sign_in(visitor, "/admin/configuration")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Catalog > Inventory > Product Stock Options")
    line = setting(page, "Backorders")
    await expect(line.get_by_role("checkbox", name="Use system value")).to_be_checked()
    await expect(line.get_by_role("combobox")).to_be_disabled()
    await expect(line).to_contain_text("from shipped default")

    await choose_backorders(page, "ALLOW")
    await type_threshold(page, "-50")
    await page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="Preview")
    await expect(preview).to_contain_text("Nothing is saved yet.")
    for count in ("15", "2", "0", "+510"):
        await expect(preview.get_by_role("definition").get_by_text(count, exact=True)).to_be_visible()
    backpack = preview.get_by_role("row").filter(has_text="BACKPACK")
    await expect(backpack).to_contain_text("0 → 50")
    await expect(backpack).to_contain_text("Out of stock → Backorder")
    await expect(setting(page, "Out-of-Stock Threshold")).to_contain_text("Thresholds of different rules add up")
    await screenshot(page, "admin-configuration")

    await type_threshold(page, "-60")
    await expect(preview).to_contain_text("preview again")
    await type_threshold(page, "-50")
    await page.get_by_label("Reason (optional)", exact=True).fill("Summer")
    await save(page, 2)
    await expect(page.get_by_role("button", name="Save Config")).to_be_focused()
    await expect(line.get_by_role("checkbox")).not_to_be_checked()
    await expect(line).to_contain_text("Without it: No Backorders, from shipped default")

    await page.get_by_role("link", name="See the history").click()
    entry = page.get_by_role("article", name="Revision 2")
    await expect(entry).to_contain_text("Summer")
    await expect(entry.get_by_role("row").nth(1)).to_contain_text("Backordersno ruleAllow Qty Below 0always")
    await expect(entry.get_by_role("row").nth(2)).to_contain_text("Out-of-Stock Thresholdno rule-50always")
    await screenshot(page, "admin-history")

    await entry.get_by_role("button", name="Undo revision 2").click()
    dialog = page.get_by_role("dialog", name="Undo revision 2?")
    await dialog.get_by_label("Reason (optional)", exact=True).fill("Summer is over")
    await dialog.get_by_role("button", name="Undo revision 2").click()
    await expect(page.get_by_role("status").filter(has_text="Revision 2 is undone: revision 3")).to_be_visible()
    undoing = page.get_by_role("article", name="Revision 3")
    await expect(undoing).to_contain_text("Summer is over")
    await expect(undoing.get_by_role("row").nth(2)).to_contain_text("Out-of-Stock Threshold-50no rule")

    await go(page, "Configuration")
    await expect(line.get_by_role("checkbox")).to_be_checked()
    await expect(setting(page, "Out-of-Stock Threshold").get_by_role("textbox")).to_have_value("0")


async def test_a_source_overrides_the_store_until_it_uses_the_config_setting_again(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/configuration/madrid")
    await page.route("**/graphql", read_slowly)  # who types on before a save is read again loses nothing
    threshold = setting(page, "Out-of-Stock Threshold")
    await expect(page.get_by_role("checkbox")).to_have_count(3)  # the settings that a source may give
    await expect(threshold.get_by_role("textbox")).to_have_value("-20")
    await threshold.get_by_role("checkbox", name="Use Config Setting").check()
    await expect(threshold.get_by_role("textbox")).to_be_disabled()
    await expect(threshold.get_by_role("textbox")).to_have_value("0")
    await expect(page.get_by_role("region", name="Your changes")).to_contain_text("-20 → Use Config Setting")
    await save(page, 2)
    await type_threshold(page, "-7.5")
    await save(page, 3)

    await go(page, "History")
    await page.get_by_role("button", name="Undo revision 2").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Undo revision 2").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Revision 3, by admin, has changed")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()

    await page.get_by_label("Scope", exact=True).select_option("Global")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.get_by_role("article")).to_have_count(1)
    await page.get_by_label("Scope", exact=True).select_option("A source")
    await page.get_by_label("Source", exact=True).select_option("Madrid store (madrid)")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.get_by_role("article")).to_have_count(3)
    await expect(page.get_by_role("article").first).to_have_accessible_name("Revision 3")


async def test_what_cannot_be_a_value_is_said_at_its_field_and_not_sent(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/configuration")
    line = setting(page, "Minimum Qty Allowed in Shopping Cart")
    await line.get_by_role("checkbox").uncheck()
    quantity = line.get_by_role("textbox")
    for text, said in (
        ("0", "must be above 0"),
        ("1,5", "Enter a number"),
        ("0.00001", "Enter a number"),
        ("", "Enter"),
    ):
        await quantity.fill(text)
        await expect(quantity).to_have_attribute("aria-invalid", "true")
        await expect(line).to_contain_text(said)
        await page.get_by_role("button", name="Save Config").click()
        await expect(page.get_by_role("alert")).to_have_text("Correct what is marked first.")
    await quantity.fill("0.5")
    await expect(quantity).not_to_have_attribute("aria-invalid", "true")
    await save(page, 2)
    await expect(quantity).to_have_value("0.5")


async def test_a_lost_connection_loses_nothing_that_was_typed(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/configuration")
    await type_threshold(page, "-12.25")
    await page.get_by_label("Reason (optional)", exact=True).fill("A long story")
    visitor.is_disconnected = True
    for button in ("Preview", "Save Config"):
        await page.get_by_role("button", name=button).click()
        await expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
        await expect(setting(page, "Out-of-Stock Threshold").get_by_role("textbox")).to_have_value("-12.25")
        await expect(page.get_by_label("Reason (optional)", exact=True)).to_have_value("A long story")
    visitor.is_disconnected = False

    await go(page, "Products")  # looking something up loses nothing either
    await go(page, "Configuration")
    await expect(setting(page, "Out-of-Stock Threshold").get_by_role("textbox")).to_have_value("-12.25")
    await expect(page.get_by_label("Reason (optional)", exact=True)).to_have_value("A long story")
    await save(page, 2)
    await expect(page.get_by_role("alert")).to_be_hidden()
    await expect(page.get_by_label("Reason (optional)", exact=True)).to_have_value("")


async def test_two_admins_who_change_the_same_settings_choose_between_their_versions(
    visitors: Visitors, database_url: str
) -> None:
    async with database(parse_address(database_url)):
        token = await create_token("anna", TokenRole.ADMIN)
    mine = await sign_in(await visitors.come(), "/admin/configuration/berlin")
    theirs = await sign_in(await visitors.come(), "/admin/configuration/berlin", token)
    for page in (mine, theirs):
        await choose_backorders(page, "ALLOW")
    await type_threshold(theirs, "-30")
    await save(theirs, 2)

    await type_threshold(mine, "-50")
    notify = setting(mine, "Notify for Quantity Below")
    await notify.get_by_role("checkbox").uncheck()
    await notify.get_by_role("textbox").fill("8")
    await mine.get_by_role("button", name="Save Config").click()
    await expect(mine.get_by_role("status").filter(has_text="Not saved yet")).to_contain_text("by anna (revision 2)")
    await expect(setting(mine, "Two versions of Backorders")).to_be_hidden()  # both chose the same
    versions = setting(mine, "Two versions of Out-of-Stock Threshold")
    await expect(versions).to_contain_text("Yours: -50")
    await expect(versions).to_contain_text("Theirs: -30, by anna in revision 2")
    await expect(setting(mine, "Out-of-Stock Threshold").get_by_role("textbox")).to_have_value("-50")
    await expect(notify.get_by_role("textbox")).to_have_value("8")
    await mine.get_by_role("button", name="Save Config").click()
    await expect(mine.get_by_role("alert")).to_have_text("Choose between the two versions first.")
    assert await grave_findings(mine) == []

    await versions.get_by_role("button", name="Keep mine").click()
    await save(mine, 3)

    await type_threshold(theirs, "-31")
    await theirs.get_by_role("button", name="Save Config").click()
    versions = setting(theirs, "Two versions of Out-of-Stock Threshold")
    await expect(versions).to_contain_text("Theirs: -50, by admin in revision 3")
    await versions.get_by_role("button", name="Take theirs").click()
    await expect(setting(theirs, "Out-of-Stock Threshold").get_by_role("textbox")).to_have_value("-50")
    await expect(setting(theirs, "Notify for Quantity Below").get_by_role("textbox")).to_have_value("8")
    await expect(theirs.get_by_role("region", name="Your changes")).to_contain_text("None yet.")


async def test_a_change_for_a_time_leaves_the_plain_rule_and_stands_on_the_timeline(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/schedules")
    await expect(page.get_by_role("heading", name="Nothing is scheduled")).to_be_visible()
    await page.get_by_role("main").get_by_role("link", name="configuration").click()
    await page.get_by_role("navigation", name="Scope").get_by_role("link", name="Madrid store").click()
    await type_threshold(page, "-100")
    await page.get_by_text("Schedule", exact=True).last.click()
    await page.get_by_label("From", exact=True).fill("2090-11-27T00:00")
    await page.get_by_label("Until", exact=True).fill("2090-11-26T00:00")
    await page.get_by_role("button", name="Save Config").click()
    await expect(page.get_by_label("Until", exact=True)).to_have_accessible_description(
        "The end must be later than the start."
    )
    await page.get_by_label("Until", exact=True).fill("2090-12-01T00:00")
    await save(page, 2)
    line = setting(page, "Out-of-Stock Threshold")
    await expect(line.get_by_role("textbox")).to_have_value("-20")
    await expect(line).to_contain_text("Scheduled: -100 from 27 Nov 2090, 00:00 until 1 Dec 2090, 00:00")

    await choose_backorders(page, "NO_BACKORDERS")
    await page.get_by_text("Schedule", exact=True).last.click()
    await page.get_by_label("Until", exact=True).fill("2090-12-01T00:00")
    await save(page, 3)
    await expect(setting(page, "Backorders")).to_contain_text("holds now")
    await expect(setting(page, "Backorders").get_by_role("combobox")).to_have_value("ALLOW")  # the plain rule

    await line.get_by_role("link", name="Scheduled").click()
    picture = page.get_by_role("img", name="What is scheduled")
    await expect(picture).to_contain_text("Out-of-Stock Threshold, madrid")
    await expect(picture).to_contain_text("-100")
    row = page.get_by_role("row").filter(has_text="-100")
    await expect(row).to_contain_text("27 Nov 2090, 00:001 Dec 2090, 00:00")
    await row.get_by_role("link", name="Revision 2").click()
    await expect(page.get_by_label("Scope", exact=True)).to_have_value("SOURCE")
    await page.get_by_role("button", name="Undo revision 2").click()
    await page.get_by_role("dialog").get_by_role("button", name="Undo revision 2").click()
    await expect(page.get_by_role("article", name="Revision 4")).to_contain_text("not scheduled")
    await go(page, "Schedules")
    await expect(page.get_by_role("row")).to_have_count(2)  # the names of the columns, and what is left


async def test_nothing_grave_keeps_people_from_changing_rules_in_light_and_dark_and_on_a_phone(
    visitors: Visitors,
) -> None:
    for is_dark, width in ((False, 1280), (True, 390)):
        page = await sign_in(await visitors.come(width=width, is_dark=is_dark), "/admin/configuration/berlin")
        await choose_backorders(page, "ALLOW")
        await type_threshold(page, "-1")
        await page.get_by_text("Schedule", exact=True).last.click()
        await page.get_by_label("From", exact=True).fill("2090-11-27T00:00" if is_dark else "2090-11-28T00:00")
        await page.get_by_role("button", name="Preview").click()
        await expect(page.get_by_role("region", name="Preview", exact=True)).to_be_visible()
        await check(page)
        await save(page, 3 if is_dark else 2)
        await go(page, "Schedules")
        await expect(page.get_by_role("img", name="What is scheduled")).to_be_visible()
        await check(page)
        await go(page, "History")
        await expect(page.get_by_role("article").first).to_be_visible()
        await check(page)
        await page.get_by_role("button", name="Undo revision 2").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await check(page)


async def check(page: Page) -> None:
    """One heading says what the page is, nothing grave stands on it, and it is not wider than its window."""
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert await grave_findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
