"""Rules in the admin app where something comes between: a lost connection, another admin."""

from playwright.async_api import expect

from models.address import parse_address
from models.database import database
from resolvers.tokens import TokenRole, create_token
from tests.browser.accessibility import grave_findings
from tests.browser.admin import sign_in
from tests.browser.conftest import Visitor, Visitors
from tests.browser.rules import choose_backorders, go, save, setting, type_threshold


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
