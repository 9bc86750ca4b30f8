"""The first steps of the README: a rule is changed in the admin app, and the shop shows what it does."""

from playwright.async_api import expect

from tests.browser.admin import sign_in
from tests.browser.conftest import Visitor


async def test_a_rule_changed_in_the_admin_app_shows_in_the_shop(visitor: Visitor) -> None:
    shop = await visitor.open("/shop/BACKPACK")
    await expect(shop.get_by_text("Out of stock")).to_be_visible()

    admin = await sign_in(visitor, "/admin/products/BACKPACK")
    inventory = admin.get_by_role("region", name="Advanced Inventory")
    backorders = inventory.get_by_role("group", name="Backorders")
    await backorders.get_by_label("Use Config Setting", exact=True).uncheck()
    await backorders.get_by_role("combobox").select_option(label="Allow Qty Below 0 and Notify Customer")
    threshold = inventory.get_by_role("group", name="Out-of-Stock Threshold")
    await threshold.get_by_label("Use Config Setting", exact=True).uncheck()
    await threshold.get_by_role("textbox").fill("-50")
    await inventory.get_by_role("button", name="Preview").click()
    await expect(inventory.get_by_role("cell", name="BACKPACK")).to_be_visible()
    await inventory.get_by_role("button", name="Save Config").click()
    await expect(admin.get_by_text("50 salable")).to_be_visible()

    await shop.reload()
    await expect(shop.get_by_text("Ships when stock arrives", exact=True)).to_be_visible()
    await expect(shop.get_by_text("Up to 50 can be bought now.")).to_be_visible()
