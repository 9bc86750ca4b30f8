"""Who is told, by what, and what became of it, in the admin app."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from playwright.async_api import Locator, Page, expect

from models.address import parse_address
from models.database import Client, database, transaction
from models.fields import to_microseconds
from models.sql import fetch
from tests.browser.accessibility import grave_findings
from tests.browser.admin import sign_in
from tests.browser.conftest import Visitor, Visitors
from tests.server.receiver import receiving, status

_ROWS = (
    "rows($1, event_id bigint, event text, subject text, channel text, target text, state text, attempts integer,"
    " at bigint, error text, finished bigint)"
)
_DELIVERY = f"""
INSERT INTO delivery
    (event_id, event, subject, payload, channel, target, state, attempts, due_at, claimed_until, error, created_at,
     finished_at)
SELECT r.event_id, r.event, r.subject, '{{}}', r.channel, r.target, r.state, r.attempts, r.at, 0, r.error, r.at, r.finished
FROM {_ROWS}
"""
_DISABLED_ENDPOINT = """
INSERT INTO webhook_endpoint
    (code, url, secret, previous_secret, previous_until, events, is_enabled, failures, disabled_reason, created_at)
VALUES ('till', 'https://till.example/hook', 'whsec_AAAA', '', 0, '["webhook.disabled"]', FALSE, 20, 'Too many failures.', 0)
"""


def row(page: Page, name: str) -> Locator:
    """The row of a table that this heads."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


@pytest.fixture
async def told(database_url: str, shop_token: str) -> None:
    """One delivery of each state; what is tried again waits, since its endpoint is disabled, and nothing joins it."""
    at = to_microseconds(datetime.now(UTC))
    rows = [
        ("stock.low", "HELMET", "MAIL", "stock@example.com", "DELIVERED", 1, ""),
        ("product.out_of_stock", "TENT", "WEBHOOK", "till", "DEAD", 12, "The endpoint answered 503."),
        ("rules.changed", "7", "WEBHOOK", "till", "PENDING", 2, "The endpoint is disabled."),
    ]
    records = [
        {
            "event_id": 9_000 + place,
            "event": event,
            "subject": subject,
            "channel": channel,
            "target": target,
            "state": state,
            "attempts": attempts,
            "at": at + (3_600_000_000 if state == "PENDING" else place),
            "error": error,
            "finished": None if state == "PENDING" else at,
        }
        for place, (event, subject, channel, target, state, attempts, error) in enumerate(rows)
    ]

    async def write(client: Client) -> None:
        await fetch(client, _DISABLED_ENDPOINT)
        await fetch(client, _DELIVERY, records)

    async with database(parse_address(database_url)):
        await transaction(write)


async def test_recipients_are_added_refused_at_their_field_and_removed(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/notifications")
    dialog = page.get_by_role("dialog")
    await page.get_by_role("button", name="Change the default addresses").click()
    await dialog.get_by_label("Address 1", exact=True).fill("stock@example.com")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("The default addresses are saved.")).to_be_visible()
    await expect(row(page, "Default")).to_contain_text("stock@example.com")

    await page.get_by_role("button", name="Add addresses of a source").click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_label("Source", exact=True)).to_have_accessible_description(
        "One that uses the default now; from then on it does not. Which source?"
    )
    await expect(dialog.get_by_label("Address 1", exact=True)).to_have_accessible_description("One address at least.")
    await dialog.get_by_label("Source", exact=True).select_option("berlin")
    await dialog.get_by_role("button", name="Add an address").click()
    await expect(dialog.get_by_label("Address 2", exact=True)).to_be_focused()
    await dialog.get_by_role("button", name="Add an address").click()
    await dialog.get_by_label("Address 1", exact=True).fill("berlin@example.com")
    await dialog.get_by_label("Address 3", exact=True).fill("nobody")
    visitor.is_disconnected = True
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("The service cannot be reached.")
    visitor.is_disconnected = False
    await dialog.get_by_role("button", name="Save").click()
    unlawful = "A mail address is name@domain, of at most 254 characters, without spaces or =?."
    await expect(dialog.get_by_label("Address 3", exact=True)).to_have_accessible_description(unlawful)
    await expect(dialog.get_by_label("Address 1", exact=True)).to_have_value("berlin@example.com")
    await dialog.get_by_role("button", name="Remove address 2").click()
    await expect(dialog.get_by_label("Address 2", exact=True)).to_have_accessible_description(unlawful)
    await dialog.get_by_label("Address 2", exact=True).fill("depot@example.com")
    await dialog.get_by_role("button", name="Save").click()
    await expect(row(page, "berlin")).to_contain_text("Does not use the default")
    await expect(row(page, "berlin").get_by_role("listitem")).to_have_text(["berlin@example.com", "depot@example.com"])

    await page.get_by_role("button", name="Remove the addresses of source berlin").click()
    await expect(dialog).to_contain_text("Source berlin will use the default addresses: stock@example.com.")
    await dialog.get_by_role("button", name="Remove", exact=True).click()
    await expect(page.get_by_text("Source berlin uses the default.")).to_be_visible()
    await expect(row(page, "berlin")).to_have_count(0)
    await page.get_by_role("button", name="Remove the default addresses").click()
    await dialog.get_by_role("button", name="Remove", exact=True).click()
    await expect(row(page, "Default")).to_contain_text("None: nobody is told of these by mail.")


async def test_an_endpoint_is_added_with_its_secret_and_tested(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/notifications/endpoints")
    await expect(page.get_by_text("There are none: no program is told of anything.")).to_be_visible()
    dialog = page.get_by_role("dialog")
    endpoint = page.get_by_role("region", name="Endpoint shop", exact=True)
    secret = page.get_by_role("region", name="Secret of endpoint shop")
    async with receiving() as receiver:
        await page.get_by_role("button", name="Add an endpoint").click()
        await dialog.get_by_role("button", name="Clear all").click()
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog.get_by_label("Code", exact=True)).to_have_attribute("aria-invalid", "true")
        await expect(dialog.get_by_text("Choose one at least; to tell it nothing, disable it.")).to_be_visible()
        await dialog.get_by_label("Code", exact=True).fill("shop")
        await dialog.get_by_label("URL", exact=True).fill("ftp://shop.example")
        await dialog.get_by_role("button", name="Check all").click()
        await dialog.get_by_label("Rules changed", exact=True).uncheck()
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog.get_by_label("URL", exact=True)).to_have_attribute("aria-invalid", "true")
        await expect(dialog.get_by_label("URL", exact=True)).to_have_accessible_description(
            "By https or http, at a public address. A URL begins with https:// or http://, names a host, has no user name"
            " and at most 2,000 characters of ASCII; the ASCII form of an international name begins with xn--."
        )
        await dialog.get_by_label("URL", exact=True).fill(receiver.url())
        await dialog.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Endpoint shop is saved.")).to_be_visible()
        await expect(secret).to_contain_text("Copy it now: it is not shown again.")
        first = await secret.get_by_label("Secret", exact=True).input_value()
        assert first.startswith("whsec_")
        await expect(endpoint).to_contain_text(receiver.url())
        await expect(endpoint).not_to_contain_text("Rules changed")
        await expect(endpoint).to_contain_text("Product back in stock")

        await endpoint.get_by_role("button", name="Test").click()
        await expect(endpoint.get_by_role("status")).to_have_text("The test was delivered.")
        assert any(b'"type":"webhook.test"' in request.body for request in receiver.requests)
        receiver.answer = status(503)
        await endpoint.get_by_role("button", name="Test").click()
        wrong = "The test was not delivered. The endpoint answered 503."
        await expect(endpoint.get_by_role("alert")).to_have_text(wrong)

        await secret.get_by_role("button", name="I have it: hide it").click()
        await expect(secret).to_have_count(0)


@pytest.mark.usefixtures("told")
async def test_an_endpoint_is_rotated_edited_and_removed(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/notifications/endpoints")
    dialog = page.get_by_role("dialog")
    endpoint = page.get_by_role("region", name="Endpoint till", exact=True)
    secret = page.get_by_role("region", name="Secret of endpoint till")
    await expect(endpoint).to_contain_text("Too many failures.")
    await expect(endpoint).to_contain_text("Failures since the last success20")
    await endpoint.get_by_role("button", name="New secret").click()
    await expect(dialog).to_contain_text("For 24 hours the present secret signs too")
    await dialog.get_by_role("button", name="Make a new secret").click()
    await expect(page.get_by_text("Endpoint till has a new secret.")).to_be_visible()
    made = await secret.get_by_label("Secret", exact=True).input_value()
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await secret.get_by_role("button", name="Copy").click()
    await expect(secret).to_contain_text("Copied.")
    assert await page.evaluate("navigator.clipboard.readText()") == made

    await endpoint.get_by_role("button", name="Edit").click()
    await dialog.get_by_role("switch", name="Enabled").check()
    await dialog.get_by_label("Rules changed", exact=True).check()
    await dialog.get_by_role("button", name="Save").click()
    await expect(endpoint).not_to_contain_text("Too many failures.")
    await expect(endpoint).to_contain_text("Rules changed, Endpoint given up")
    await expect(secret.get_by_label("Secret", exact=True)).to_have_value(made)
    await page.reload()
    await expect(endpoint).to_be_visible()
    await expect(secret).to_have_count(0)
    await page.get_by_role("button", name="Add an endpoint").click()
    await dialog.get_by_label("Code", exact=True).fill("till")
    await dialog.get_by_label("URL", exact=True).fill("https://till.example")
    await dialog.get_by_role("button", name="Save").click()
    taken = "1 to 64 characters; it stays as it is. There is an endpoint till already: edit that one."
    await expect(dialog.get_by_label("Code", exact=True)).to_have_accessible_description(taken)
    page.once("dialog", lambda question: question.accept())  # what was typed is left on purpose
    await dialog.get_by_role("button", name="Close").click()
    await endpoint.get_by_role("button", name="Remove").click()
    await dialog.get_by_role("button", name="Remove", exact=True).click()
    await expect(page.get_by_text("Endpoint till is removed.")).to_be_visible()
    await expect(endpoint).to_have_count(0)


@pytest.mark.usefixtures("told")
async def test_a_dead_delivery_is_dismissed_and_no_other_one_can_be(visitor: Visitor) -> None:
    page = await sign_in(visitor, "/admin/notifications/deliveries")
    states = page.get_by_role("group", name="State")
    await expect(states).to_have_text("All 3Pending 1Delivered 1Dead 1")
    await expect(page.get_by_role("button", name="Dismiss")).to_have_count(1)
    await row(page, "Product out of stock TENT").get_by_role("button", name="Dismiss").click()
    await expect(page.get_by_text("The delivery to till is dismissed.")).to_be_visible()
    await expect(states).to_have_text("All 2Pending 1Delivered 1Dead 0")


@pytest.mark.usefixtures("told")
async def test_a_dead_delivery_says_what_went_wrong_and_is_retried(
    visitor: Visitor, screenshot: Callable[[Page, str], Awaitable[None]]
) -> None:
    page = await sign_in(visitor, "/admin/notifications/deliveries")
    states = page.get_by_role("group", name="State")
    await page.get_by_label("To", exact=True).fill("till")
    await page.get_by_role("button", name="Filter", exact=True).click()
    await expect(states).to_have_text("All 2Pending 1Delivered 0Dead 1")
    await expect(row(page, "Rules changed revision 7")).to_contain_text("The endpoint is disabled.")
    await expect(row(page, "Rules changed revision 7")).to_contain_text("Next attempt")
    await screenshot(page, "admin-notifications")
    await states.get_by_role("button", name="Dead").click()
    assert page.url.endswith("?state=DEAD&target=till")
    await page.reload()
    await expect(page.get_by_role("rowheader")).to_have_count(1)
    dead = row(page, "Product out of stock TENT")
    await expect(dead).to_contain_text("to till")
    await expect(dead).to_contain_text("12 attempts")
    await expect(dead).to_contain_text("The endpoint answered 503.")
    await expect(dead.get_by_role("link", name="TENT")).to_have_attribute("href", "/admin/products/TENT")
    await dead.get_by_role("button", name="Retry").click()
    await expect(page.get_by_text("The delivery to till is due at once")).to_be_visible()
    await expect(page.get_by_text("No delivery fits these filters.")).to_be_visible()
    await expect(states).to_have_text("All 2Pending 2Delivered 0Dead 0")
    await page.get_by_role("button", name="Clear the filters").click()
    await expect(row(page, "Item low in stock HELMET")).to_contain_text("Delivered")
    await page.get_by_label("By", exact=True).select_option("WEBHOOK")
    await page.get_by_label("Event", exact=True).select_option("RULES_CHANGED")
    await expect(page.get_by_role("rowheader")).to_have_count(1)
    assert page.url.endswith("?channel=WEBHOOK&event=RULES_CHANGED")


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("is_dark", [False, True])
async def test_nothing_grave_keeps_people_from_working_with_notifications(visitors: Visitors, is_dark: bool) -> None:
    visitor = await visitors.come(width=390, is_dark=is_dark)
    page = await sign_in(visitor, "/admin/notifications")
    parts = {"Recipients": "Default", "Webhook endpoints": "Too many failures.", "Deliveries": "12 attempts"}
    for part, shown in parts.items():
        await page.get_by_role("link", name=part, exact=True).click()
        await expect(page.get_by_text(shown).first).to_be_visible()
        assert await grave_findings(page) == [], part
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, part
    await page.get_by_role("link", name="Webhook endpoints").click()
    await page.get_by_role("button", name="New secret").click()
    await page.get_by_role("button", name="Make a new secret").click()
    await expect(page.get_by_label("Secret", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Edit").click()
    await page.get_by_role("button", name="Check all").click()
    await page.get_by_role("button", name="Clear all").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Choose one at least")).to_be_visible()
    assert await grave_findings(page) == []
