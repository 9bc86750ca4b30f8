"""Sources, links and Manage Stock: what takes cover from accepted orders says so, before it is done too."""

from typing import Any

import pytest

from tests.client import Api
from tests.orders import line, order, place
from tests.promises import count, link, open_shop, said, shown, sources, warned
from tests.schema.rule_store import GLOBAL, LONG_AGO, TENT, day, revert, set_rules

PREVIEW = """query ($input: SetScopeRulesInput!) { previewScopeRules(input: $input) {
    warnings { code message field } userErrors { code } } }"""
OFF, ON, NONE = ({"manageStock": value} for value in (False, True, None))
SWITCH = "input.changes.0.settings.manageStock"


@pytest.fixture
async def shop(api: Api) -> Api:
    """A shop with an accepted order."""
    return await open_shop(api)


async def preview(api: Api, scope: dict[str, str], settings: dict[str, Any], **rest: object) -> list[dict[str, Any]]:
    """The warnings of a preview of a change at one scope."""
    asked = {"changes": [{"scope": scope, "settings": settings}], **rest}
    found = (await api.data(PREVIEW, {"input": asked}))["previewScopeRules"]
    assert found["userErrors"] == []
    warnings: list[dict[str, Any]] = found["warnings"]
    return warnings


def holding(warnings: list[dict[str, Any]]) -> list[str]:
    """What the warnings of orders that wait say before their reasons."""
    return [said([each]) for each in warnings if each["code"] == "WOULD_HOLD_ORDERS"]


async def test_a_source_that_is_disabled_takes_its_cover(shop: Api) -> None:
    found = await sources(shop, {"code": "new"}, {"code": "a", "enabled": False})
    assert shown(found) == [("WOULD_HOLD_ORDERS", "sources.1.enabled")]
    assert found[0]["message"] == "8 units of 1 order wait now: the stock of TENT does not cover them."
    assert (await order(shop, "1"))["lines"][0]["backorderedQty"] == 8
    assert await sources(shop, {"code": "a", "enabled": False}) == []
    assert await sources(shop, {"code": "a", "enabled": True}, {"code": "new", "enabled": False}) == []
    assert await sources(shop, {"code": "a", "name": "A", "enabled": True}) == []


async def test_only_what_the_other_sources_of_a_stock_do_not_cover_waits(shop: Api) -> None:
    await sources(shop, {"code": "b"}, {"code": "minus", "enabled": False})
    await link(shop, "default", "a", "b", "minus")
    await count(shop, {"source": "b", "quantity": 5}, {"source": "minus", "quantity": -9})
    assert said(await sources(shop, {"code": "a", "enabled": False})) == "3 units of 1 order wait now"
    await sources(shop, {"code": "a", "enabled": True})
    assert said(await sources(shop, {"code": "minus", "enabled": True})) == "2 units of 1 order wait now"
    switched = [{"code": "minus", "enabled": False}, {"code": "b", "enabled": False}]
    assert await sources(shop, *switched) == []  # as a whole it gives more than it takes


async def test_a_source_that_is_unlinked_takes_its_cover_from_the_orders_of_that_stock_alone(shop: Api) -> None:
    await link(shop, "pool", "a")
    await warned(shop, "upsertSalesChannels", "salesChannels", "SalesChannelInput", {"code": "b2b", "stock": "pool"})
    await place(shop, "2", [line("TENT", 4), line("LAMP", 1)], channel="b2b")
    found = await link(shop, "pool")
    assert shown(found) == [("WOULD_HOLD_ORDERS", "stocks.0.sources")]
    assert found[0]["message"] == "5 units of 1 order wait now: the stock of LAMP, TENT does not cover them."
    assert await link(shop, "pool") == []
    await sources(shop, {"code": "b"}, {"code": "off", "enabled": False})
    await count(shop, {"source": "b", "quantity": 7}, {"source": "off", "quantity": 7})
    assert said(await link(shop, "default", "b", "off")) == "1 unit of 1 order waits now"
    assert await link(shop, "default", "off", "b") == []
    assert said(await link(shop, "default", "off")) == "7 units of 1 order wait now"
    rename = {"code": "default", "name": "Main"}
    assert await warned(shop, "upsertStocks", "stocks", "StockInput", rename) == []


@pytest.mark.parametrize("scope", [GLOBAL, TENT], ids=["global", "product"])
async def test_what_was_not_managed_begins_to_wait(shop: Api, scope: dict[str, str]) -> None:
    assert holding((await set_rules(shop, (scope, OFF)))["warnings"]) == []
    assert await count(shop, {"quantity": 2}) == []
    for settings in (ON, NONE):
        found = await preview(shop, scope, settings)
        assert holding(found) == ["6 units of 1 order would wait"]
        assert ("WOULD_HOLD_ORDERS", SWITCH) in shown(found)
    assert (await order(shop, "1"))["lines"][0]["backorderedQty"] == 0
    done = (await set_rules(shop, (scope, NONE)))["warnings"]
    assert holding(done) == ["6 units of 1 order wait now"]
    assert ("WOULD_HOLD_ORDERS", SWITCH) in shown(done)
    assert holding((await set_rules(shop, (scope, ON)))["warnings"]) == []  # managed before and after


async def test_a_rule_that_another_one_hides_makes_nothing_wait(shop: Api) -> None:
    await set_rules(shop, (GLOBAL, OFF), (TENT, OFF))
    await count(shop, {"quantity": 2})
    assert holding(await preview(shop, GLOBAL, ON)) == []
    assert holding((await set_rules(shop, (GLOBAL, NONE)))["warnings"]) == []
    assert holding(await preview(shop, TENT, NONE)) == ["6 units of 1 order would wait"]


async def test_undoing_says_so_too(shop: Api) -> None:
    off = (await set_rules(shop, (GLOBAL, OFF)))["changeSet"]["revision"]
    await count(shop, {"quantity": 2})
    found = (await revert(shop, off))["warnings"]
    assert shown(found) == [("WOULD_HOLD_ORDERS", "revision")]
    assert said(found) == "6 units of 1 order wait now"
    undone = await revert(shop, off + 1)
    assert holding(undone["warnings"]) == []


async def test_a_change_that_begins_later_says_when_they_will_wait(shop: Api) -> None:
    await set_rules(shop, (GLOBAL, OFF))
    await count(shop, {"quantity": 2})
    later = {"activeFrom": day(2)}
    assert holding(await preview(shop, TENT, ON, **later)) == ["6 units of 1 order would wait from 2100-01-02 00"]
    found = await set_rules(shop, (TENT, ON), **later)
    assert holding(found["warnings"]) == ["6 units of 1 order will wait from 2100-01-02 00"]
    window = {"activeFrom": LONG_AGO, "activeUntil": day(1)}
    found = await set_rules(shop, (TENT, ON), **window)
    assert holding(found["warnings"]) == ["6 units of 1 order wait now"]


async def test_settings_that_bind_sales_alone_make_nothing_wait(shop: Api) -> None:
    await count(shop, {"quantity": 2})
    asked = {"backorders": "NO_BACKORDERS", "outOfStockThreshold": 50, "maxSaleQty": 1}
    assert holding(await preview(shop, GLOBAL, asked)) == []
    assert holding((await set_rules(shop, (GLOBAL, asked)))["warnings"]) == []
