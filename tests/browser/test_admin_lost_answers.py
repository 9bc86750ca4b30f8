"""Orders in the admin app while the connection fails: what was sent takes effect once."""

import asyncio

from playwright.async_api import Page, Route, expect

from tests.browser.admin import sign_in
from tests.browser.conftest import Visitor
from tests.browser.orders import ORDER, act, line, place, press
from tests.browser.routes import answer_by
from tests.client import Api


async def test_what_is_shipped_without_a_connection_ships_once_when_it_is_back(visitor: Visitor, live: Api) -> None:
    await place(live, "1001", TENT=30)
    page = await sign_in(visitor, "/admin/orders/1001")
    dialog = await act(page, "Ship…")
    await line(dialog, "TENT").get_by_label("Quantity", exact=True).fill("7")
    visitor.is_disconnected = True
    await press(dialog, "Ship")
    await expect(dialog.get_by_role("alert")).to_contain_text("The service cannot be reached.")
    await expect(line(dialog, "TENT").get_by_label("Quantity", exact=True)).to_have_value("7")
    visitor.is_disconnected = False
    is_back = await lose_answers(page, "shipOrder")
    await press(dialog, "Ship")
    await expect(dialog.get_by_role("alert")).to_contain_text("The service cannot be reached.")
    is_back.set()
    await press(dialog, "Ship")
    await expect(page.get_by_text("Shipped 7 TENT from berlin.")).to_be_visible()
    found = (await live.data(ORDER, {"number": "1001"}))["order"]
    assert found["shipments"] == [{"lines": [{"quantity": 7}]}]


async def lose_answers(page: Page, call: str) -> asyncio.Event:
    """Let a call reach the service, and lose what it answers, until the event is set."""

    async def lose(route: Route) -> None:
        if call in (route.request.post_data or ""):
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.fallback()

    return await answer_by(page, "**/graphql", lose)


async def test_another_attempt_after_a_lost_answer_is_told_that_the_first_took_effect(
    visitor: Visitor, live: Api
) -> None:
    page = await sign_in(visitor, "/admin/receive")
    await page.get_by_label("Source", exact=True).select_option("berlin")
    await line(page, "Line 1").get_by_label("SKU", exact=True).fill("TENT")
    await line(page, "Line 1").get_by_label("Quantity", exact=True).fill("10")
    is_back = await lose_answers(page, "receiveStock")
    await press(page, "Receive")
    await expect(page.get_by_role("alert")).to_contain_text("The service cannot be reached.")
    is_back.set()
    await line(page, "Line 1").get_by_label("Quantity", exact=True).fill("11")
    await press(page, "Receive")
    await expect(page.get_by_text("The attempt whose answer was lost took effect")).to_be_visible()
    await expect(line(page, "Line 1").get_by_label("Quantity", exact=True)).to_have_value("11")
    tents = '{ sourceItems(filter: { sku: "TENT" }) { nodes { quantity } } }'
    assert (await live.data(tents))["sourceItems"]["nodes"] == [{"quantity": 35}]
