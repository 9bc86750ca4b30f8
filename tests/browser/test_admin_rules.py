"""Rules in the admin app: changing, previewing and undoing them, in a merchant's own steps."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.browser.accessibility import grave_findings
from tests.browser.admin import hold_back, sign_in
from tests.browser.conftest import Visitor, Visitors
from tests.browser.rules import choose_backorders, go, save, setting, type_threshold
from tests.client import Api

Screenshot = Callable[[Page, str], Awaitable[None]]


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
    counts = [
        "products change15",
        "come in stock2",
        "go out of stock0",
        "lose their limit3",
        "salable quantity+510",
    ]
    await expect(preview.locator(".counts > div")).to_have_text(counts)
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


async def test_a_preview_shows_first_whose_orders_would_have_no_limit(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/products/BACKPACK")
    await type_threshold(page, "0")
    await save(page, 2)
    await go(page, "Configuration")
    await choose_backorders(page, "ALLOW")
    await type_threshold(page, "-50")
    await page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="Preview")
    await expect(preview.locator(".counts > div").filter(has_text="lose their limit")).to_have_text("lose their limit4")
    await expect(preview.get_by_role("row").nth(1)).to_contain_text("BACKPACK")
    await expect(preview.get_by_role("row").nth(1)).to_contain_text("no limit")
    await expect(setting(page, "Backorders")).to_contain_text("4 products: BACKPACK, ")


async def test_a_source_overrides_the_store_until_it_uses_the_config_setting_again(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/configuration/madrid")
    await hold_back(page, "query ScopeForm")  # who types on before a save is read again loses nothing
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


async def test_a_large_change_set_is_turned_page_by_page(live: Api, visitor: Visitor) -> None:
    skus = [f"MANY-{number:03}" for number in range(300)]
    await live.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": sku} for sku in skus])
    changes = [{"scope": {"type": "PRODUCT", "sku": sku}, "settings": {"minSaleQty": 2}} for sku in skus]
    made = await live.change("setScopeRules", "input", "SetScopeRulesInput!", {"changes": changes})
    assert made["userErrors"] == []

    page = await sign_in(visitor, "/admin/history")
    entry = page.get_by_role("article").first
    await expect(entry.get_by_role("row")).to_have_count(1 + 10)
    await entry.get_by_role("button", name="Show all 300").click()
    await expect(entry.get_by_role("row")).to_have_count(1 + 250)
    await entry.get_by_role("button", name="Next").click()
    await expect(entry.get_by_role("row")).to_have_count(1 + 50)
    await expect(entry).to_contain_text("Page 2, 300 in all")


async def check(page: Page) -> None:
    """One heading says what the page is, nothing grave stands on it, and it is not wider than its window."""
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert await grave_findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
