"""What is typed and not sent: kept over other pages and reloads, asked for where it would be lost, gone with the sign-in."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Dialog, Locator, Page, expect

from tests.browser.admin import sign_in
from tests.browser.conftest import PATIENCE_MS, Visitor
from tests.browser.orders import act, line, place, press
from tests.browser.rules import go, save, setting, type_threshold
from tests.browser.test_admin_lost_answers import lose_answers
from tests.client import ADMIN_TOKEN, Api

TENTS = '{ sourceItems(filter: { sku: "TENT", source: "berlin" }) { nodes { quantity } } }'


class Asked:
    """What the browser asks of who leaves, and what it is answered."""

    def __init__(self, page: Page) -> None:
        self.kinds: list[str] = []
        self.leaves = False
        self._more = asyncio.Event()
        page.on("dialog", self.answer)

    async def answer(self, dialog: Dialog) -> None:
        """Stay, unless told to leave."""
        self.kinds.append(dialog.type)
        await (dialog.accept() if self.leaves else dialog.dismiss())
        self._more.set()

    async def once_more(self) -> str:
        """The kind of the next question, once it is answered."""
        async with asyncio.timeout(PATIENCE_MS / 1_000):
            await self._more.wait()
        self._more.clear()
        return self.kinds[-1]


def quantity(of: Page | Locator) -> Locator:
    """The input of a quantity."""
    return of.get_by_label("Quantity", exact=True)


async def test_a_receipt_is_kept_over_other_pages_back_and_a_reload(visitor: Visitor, live: Api) -> None:
    page = await sign_in(visitor, "/admin/receive")
    await page.get_by_label("Source", exact=True).select_option("berlin")
    await line(page, "Line 1").get_by_label("SKU", exact=True).fill("TENT")
    await quantity(line(page, "Line 1")).fill("1O")

    async def expect_kept() -> None:
        await expect(page.get_by_label("Source", exact=True)).to_have_value("berlin")
        await expect(line(page, "Line 1").get_by_label("SKU", exact=True)).to_have_value("TENT")
        await expect(quantity(line(page, "Line 1"))).to_have_value("1O")

    await go(page, "Low stock")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Low stock")
    await page.go_back()
    await expect_kept()
    await go(page, "Orders")
    await go(page, "Receive stock")
    await expect_kept()
    asked = Asked(page)
    asked.leaves = True
    await page.reload()
    await expect_kept()
    assert asked.kinds == ["beforeunload"]  # closing the tab would lose it, and the browser cannot tell the two

    await press(page, "Add a line")
    await line(page, "Line 2").get_by_label("SKU", exact=True).fill("LANTERN")
    await quantity(line(page, "Line 2")).fill("2")
    await expect(quantity(line(page, "Line 1"))).to_have_value("1O")
    await quantity(line(page, "Line 1")).fill("10")
    await press(page, "Receive")
    await expect(page.get_by_role("heading", name="Received at berlin")).to_be_visible()
    await page.reload()
    await expect(quantity(line(page, "Line 1"))).to_have_value("")
    assert asked.kinds == ["beforeunload"]
    assert (await live.data(TENTS))["sourceItems"]["nodes"] == [{"quantity": 35}]


async def test_a_receipt_whose_answer_was_lost_is_received_once_though_the_page_was_loaded_anew(
    visitor: Visitor, live: Api
) -> None:
    page = await sign_in(visitor, "/admin/receive?source=berlin&sku=TENT")
    await quantity(page).fill("10")
    is_back = await lose_answers(page, "receiveStock")
    await press(page, "Receive")
    await expect(page.get_by_role("alert")).to_contain_text("The service cannot be reached.")
    is_back.set()
    await page.reload()
    await go(page, "Orders")
    await go(page, "Receive stock")
    await expect(quantity(page)).to_have_value("10")
    await press(page, "Receive")
    await expect(page.get_by_role("region", name="Quantities at berlin now")).to_contain_text("TENT35")
    assert (await live.data(TENTS))["sourceItems"]["nodes"] == [{"quantity": 35}]


async def test_a_link_adds_to_the_receipt_of_its_source_and_leaves_that_of_another_one_alone(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/receive?source=berlin&sku=TENT")
    await quantity(page).fill("10")
    await page.goto(f"{visitor.url}/admin/receive?source=berlin&sku=ROPE")
    await expect(page.get_by_label("SKU", exact=True)).to_have_count(2)
    await expect(line(page, "Line 2").get_by_label("SKU", exact=True)).to_have_value("ROPE")
    await page.goto(f"{visitor.url}/admin/receive?source=madrid&sku=BOOTS")
    await expect(page.get_by_text("This is the receipt at berlin that was not sent yet.")).to_be_visible()
    await expect(page.get_by_label("SKU", exact=True)).to_have_count(2)
    await press(page, "Clear the form")
    await expect(page.get_by_label("Source", exact=True)).to_have_value("madrid")
    await expect(page.get_by_label("SKU", exact=True)).to_have_value("BOOTS")


async def test_quantities_of_a_product_are_kept_and_still_know_what_they_were_typed_over(
    visitor: Visitor, live: Api
) -> None:
    page = await sign_in(visitor, "/admin/products/TENT")
    typed = page.get_by_label("Quantity at Berlin warehouse", exact=True)
    await typed.fill("12")
    await press(page, "Assign source")
    form = page.get_by_role("form", name="Assign source")
    await form.get_by_label("Quantity on hand", exact=True).fill("3")
    await go(page, "Orders")
    await live.change(
        "setSourceItems", "items", "[SourceItemInput!]!", [{"sku": "TENT", "source": "berlin", "quantity": 20}]
    )
    await page.go_back()
    await expect(typed).to_have_value("12")
    await expect(page.get_by_text("It was 25 when you typed; somebody has made it 20 since.")).to_be_visible()
    await page.reload()
    await expect(typed).to_have_value("12")
    await expect(form.get_by_label("Quantity on hand", exact=True)).to_have_value("3")
    await go(page, "Products")
    await page.get_by_role("link", name="ROPE", exact=True).click()
    await expect(page.get_by_label("Quantity at Berlin warehouse", exact=True)).not_to_have_value("12")


async def test_nothing_typed_outlives_signing_out(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/configuration")
    await type_threshold(page, "-50")
    await page.get_by_label("Reason (optional)", exact=True).fill("Not mine to tell")
    await press(page, "Sign out")
    await expect(page.get_by_label("Token", exact=True)).to_be_visible()
    assert "Not mine" not in await page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    await sign_in_here(page)
    await expect(setting(page, "Out-of-Stock Threshold").get_by_role("textbox")).to_have_value("0")
    await expect(page.get_by_label("Reason (optional)", exact=True)).to_have_value("")


async def sign_in_here(page: Page) -> None:
    """Sign in again, in the same tab."""
    await page.get_by_label("Token", exact=True).fill(ADMIN_TOKEN)
    await press(page, "Sign in")
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()


async def ship(page: Page) -> Locator:
    """A quantity of a shipment."""
    dialog = await act(page, "Ship…")
    await quantity(line(dialog, "TENT")).fill("7")
    return dialog


async def cancel(page: Page) -> Locator:
    """A quantity of a cancellation."""
    dialog = await act(page, "Cancel units…")
    await quantity(line(dialog, "TENT")).fill("7")
    return dialog


async def new_source(page: Page) -> Locator:
    """A code of a source."""
    dialog = await act(page, "Add a source")
    await dialog.get_by_label("Code", exact=True).fill("oslo")
    return dialog


async def stock_links(page: Page) -> Locator:
    """A source less for a stock: nothing is typed, but something is changed."""
    dialog = await act(page, "Edit stock eu")
    await dialog.get_by_role("button", name="Remove source 1").click()
    return dialog


async def recipients(page: Page) -> Locator:
    """An address."""
    dialog = await act(page, "Change the default addresses")
    await dialog.get_by_label("Address 1", exact=True).fill("ops@example.com")
    return dialog


async def endpoint(page: Page) -> Locator:
    """A box of an endpoint."""
    dialog = await act(page, "Add an endpoint")
    await dialog.get_by_label("Rules changed", exact=True).uncheck()
    return dialog


DIALOGS: dict[str, tuple[list[str], Callable[[Page], Awaitable[Locator]]]] = {
    "ship": (["Orders", "1001"], ship),
    "cancel": (["Orders", "1001"], cancel),
    "source": (["Sources and stocks"], new_source),
    "stock": (["Sources and stocks"], stock_links),
    "recipients": (["Notifications"], recipients),
    "endpoint": (["Notifications", "Webhook endpoints"], endpoint),
}


@pytest.mark.parametrize("name", DIALOGS)
async def test_nobody_loses_what_was_typed_into_a_dialog_without_being_asked(
    visitor: Visitor, live: Api, name: str
) -> None:
    await place(live, "1001", TENT=30)
    links, change = DIALOGS[name]
    page = await sign_in(visitor, "/admin/history")
    for link in links:
        await page.get_by_role("link", name=link, exact=True).click()
    asked = Asked(page)
    dialog = await change(page)
    address = page.url
    await page.keyboard.press("Escape")
    assert await asked.once_more() == "confirm"
    await page.keyboard.press("Escape")  # the second one in a row, a page cannot keep the browser from obeying
    assert await asked.once_more() == "confirm"
    await press(dialog, "Close")
    assert await asked.once_more() == "confirm"
    await page.evaluate("history.back()")
    assert await asked.once_more() == "confirm"
    await page.evaluate("setTimeout(() => location.reload())")
    assert await asked.once_more() == "beforeunload"
    await expect(dialog).to_be_visible()
    assert page.url == address

    asked.leaves = True
    await page.evaluate("history.back()")
    assert await asked.once_more() == "confirm"
    await expect(dialog).to_have_count(0)
    await expect(page).not_to_have_url(address)


async def test_a_dialog_into_which_nothing_was_typed_closes_without_a_question(visitor: Visitor, live: Api) -> None:
    await place(live, "1001", TENT=30)
    page = await sign_in(visitor, "/admin/orders/1001")
    asked = Asked(page)
    dialog = await act(page, "Ship…")
    await expect(quantity(line(dialog, "TENT"))).to_have_value("25")
    await quantity(line(dialog, "TENT")).fill("7")
    await quantity(line(dialog, "TENT")).fill("25")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    dialog = await act(page, "Ship…")
    await press(dialog, "Ship")
    await expect(page.get_by_text("Shipped 25 TENT from berlin.")).to_be_visible()
    assert asked.kinds == []


async def test_enter_in_the_form_of_the_whole_store_previews_and_saves_nothing(visitor: Visitor, live: Api) -> None:
    page = await sign_in(visitor, "/admin/configuration")
    await type_threshold(page, "-50")
    for field in (
        setting(page, "Out-of-Stock Threshold").get_by_role("textbox"),
        page.get_by_label("Reason (optional)"),
    ):
        await field.press("Enter")
        await expect(page.get_by_role("region", name="Preview", exact=True)).to_contain_text("Nothing is saved yet.")
    revision = "{ scopeSettings(scope: { type: GLOBAL }) { revision } }"
    assert (await live.data(revision))["scopeSettings"]["revision"] == 1
    await save(page, 2)
    await page.get_by_role("link", name="See the history").click()
    await page.get_by_role("button", name="Undo revision 2").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Reason (optional)", exact=True).press("Enter")
    await expect(dialog.get_by_role("button", name="Undo revision 2")).to_be_focused()
    assert (await live.data(revision))["scopeSettings"]["revision"] == 2


@pytest.mark.parametrize(
    ("path", "fits_nothing", "nothing"),
    [
        ("/admin/backorders?sku=NOPE", "Nothing that fits these filters waits for stock.", "Nothing waits for stock."),
        ("/admin/backorders?stock=none", "Nothing that fits these filters waits", "Nothing waits for stock."),
        ("/admin/orders?sku=NOPE", "No order fits these filters.", "There are no orders yet."),
        ("/admin/low-stock?sku=NOPE", "Nothing that fits these filters is low.", "Nothing is low."),
        ("/admin/products?search=NOPE", "No product fits these filters.", "There are no products yet."),
        ("/admin/notifications/deliveries?subject=NOPE", "No delivery fits these filters.", "Nothing was sent yet"),
    ],
)
async def test_a_filter_that_fits_nothing_is_not_an_empty_list(
    visitor: Visitor, path: str, fits_nothing: str, nothing: str
) -> None:
    page = await sign_in(visitor, path)
    await expect(page.get_by_role("main")).to_contain_text(fits_nothing)
    await expect(page.get_by_text(re.compile(f"^{re.escape(nothing)}"))).to_have_count(0)
