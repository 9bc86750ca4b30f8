"""GraphiQL, from the service alone: it knows the schema, runs every sample and keeps to the policy of the page."""

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.accessibility import grave_findings
from tests.browser.conftest import Visitor, Visitors
from tests.client import ADMIN_TOKEN, Api
from tests.server.process import PATIENCE_SECONDS, ROOT, serving

SAMPLES = sorted(path.stem for path in (ROOT / "playground" / "queries").glob("*.graphql"))
LIVE = "live"
"""The sample that is a subscription."""

RESPONSE = 'document.querySelector(".result-window .CodeMirror").CodeMirror.getValue()'


async def load(page: Page) -> None:
    """Wait for the editors, which are loaded apart."""
    for window in (".graphiql-query-editor", ".result-window"):
        await expect(page.locator(f"{window} .CodeMirror")).to_be_visible()


async def run(page: Page) -> dict[str, Any]:
    """Press the button and read the answer."""
    await load(page)
    async with page.expect_response(
        lambda response: "IntrospectionQuery" not in (response.request.post_data or "")
    ) as asked:
        await page.get_by_role("button", name="Execute query").click()
    status = (await asked.value).status
    assert status == 200
    await expect(page.locator(".result-window .CodeMirror-code")).to_contain_text(re.compile('"(data|errors)"'))
    answer: dict[str, Any] = json.loads(await page.evaluate(RESPONSE))
    return answer


async def clear(page: Page) -> None:
    """Take the last answer away, so that the next one cannot be mistaken for it."""
    await load(page)
    await page.evaluate('document.querySelector(".result-window .CodeMirror").CodeMirror.setValue("")')


async def test_graphiql_opens_with_a_query_that_runs_and_with_the_docs(
    visitor: Visitor, screenshot: Callable[[Page, str], Awaitable[None]]
) -> None:
    page = await visitor.open("/graphiql")
    answer = await run(page)
    assert answer["data"]["product"]["salableQty"] == 75
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(page.get_by_role("link", name="PlaceOrderInput")).to_be_attached()
    await screenshot(page, "graphiql")


async def test_a_browser_that_opens_the_endpoint_is_sent_to_graphiql_with_its_query(visitor: Visitor) -> None:
    page = await visitor.open("/graphql?query=" + quote('{ product(sku: "BOTTLE") { salableQty } }'))
    assert "/graphiql?query=" in page.url
    assert (await run(page))["data"] == {"product": {"salableQty": 75}}


async def test_every_sample_is_in_the_menu_and_runs(visitor: Visitor) -> None:
    page = await visitor.open("/graphiql")
    await page.get_by_label("Token", exact=True).fill(ADMIN_TOKEN)
    samples = page.get_by_role("combobox", name="Sample").locator("option:not([value=''])")
    names = [await each.get_attribute("value") or "" for each in await samples.all()]
    assert names == SAMPLES
    for name in [name for name in names if name != LIVE]:
        await page.get_by_role("combobox", name="Sample").select_option(name)
        await clear(page)
        answer = await run(page)
        assert "errors" not in answer, name
        assert answer["data"], name


async def test_it_follows_a_subscription_as_whoever_holds_the_token(visitor: Visitor) -> None:
    page = await visitor.open("/graphiql")
    await page.get_by_role("combobox", name="Sample").select_option(LIVE)
    await load(page)
    await page.get_by_role("button", name="Execute query").click()
    result = page.locator(".result-window .CodeMirror-code")
    await expect(result).to_contain_text('"salableQty": 75')
    order = {"number": "1", "lines": [{"sku": "TENT", "quantity": 30}], "idempotencyKey": "1"}
    async with httpx.AsyncClient(base_url=visitor.url, timeout=PATIENCE_SECONDS) as http:
        query = "mutation ($order: PlaceOrderInput!) { placeOrder(input: $order) { userErrors { message } } }"
        payload = (await Api(http).data(query, {"order": order}))["placeOrder"]
    assert payload["userErrors"] == []
    await expect(result).to_contain_text('"salableQty": 45')
    await page.get_by_role("button", name="Stop query").click()

    page = await visitor.open(
        "/graphiql?query=" + quote('subscription { stockChanged(skus: ["TENT"]) { salableQtyTerms { quantity } } }')
    )
    await load(page)
    await page.get_by_label("Token", exact=True).fill(ADMIN_TOKEN)
    await page.get_by_role("button", name="Execute query").click()
    await expect(page.locator(".result-window .CodeMirror-code")).to_contain_text('"quantity": -30')


async def test_the_header_box_and_completion_work(visitor: Visitor) -> None:
    page = await visitor.open("/graphiql?query=" + quote("{ stocks { totalCount } }"))
    assert (await run(page))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    await page.get_by_role("button", name="Headers").click()
    await page.locator(".graphiql-editor-tool .CodeMirror:visible").click()
    await page.keyboard.insert_text(json.dumps({"Authorization": f"Bearer {ADMIN_TOKEN}"}))
    await clear(page)
    assert (await run(page))["data"]["stocks"]["totalCount"] > 0
    await page.locator(".graphiql-query-editor .CodeMirror").click()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("{ prod")
    await expect(page.locator(".CodeMirror-hints")).to_contain_text("productsBySku")


async def test_history_keeps_what_ran_and_never_the_token(visitor: Visitor) -> None:
    page = await visitor.open("/graphiql")
    await page.get_by_label("Token", exact=True).fill(ADMIN_TOKEN)
    await run(page)
    await page.get_by_role("button", name="Show History").click()
    await expect(page.locator(".graphiql-history-item")).to_have_count(1)
    assert ADMIN_TOKEN not in await page.evaluate("JSON.stringify(localStorage)")


@pytest.mark.parametrize("is_dark", [False, True])
async def test_nothing_grave_keeps_people_from_using_it(visitors: Visitors, *, is_dark: bool) -> None:
    page = await (await visitors.come(is_dark=is_dark)).open("/graphiql")
    await run(page)
    # A tab of GraphiQL holds the button that closes it: how its makers built it, and it works by keyboard.
    assert await grave_findings(page, without=".graphiql-tab") == []


async def test_graphiql_can_be_switched_off(database_url: str, tmp_path: Path, chromium: Any) -> None:
    with serving(cwd=tmp_path, database_url=database_url, graphiql="false") as service:
        page = await chromium.new_page()
        gone = await page.goto(f"{service.url}/graphiql")
        assert gone.status == 404
        answer = await page.goto(f"{service.url}/graphql?query=%7B__typename%7D")
        assert answer.status == 200
        await page.close()
