"""Products that a change of rules makes unlimited: warned of by every way to change a rule, counted and listed first."""

from typing import Any

import pytest

from tests.client import Api
from tests.schema.rule_store import (
    EAST,
    GLOBAL,
    LAMP,
    LONG_AGO,
    TENT,
    TENT_EAST,
    Change,
    day,
    revert,
    set_rules,
    stock_up,
)

CODE = "BACKORDERS_BECOME_UNLIMITED"
LIMITED = (GLOBAL, {"backorders": "ALLOW", "outOfStockThreshold": -50})
PREVIEW = """query ($input: SetScopeRulesInput!) { previewScopeRules(input: $input) {
    affectedCount becomeUnlimitedCount salableQtyDelta
    impacts { sku salesChannel after { salableQty backorderLimit { kind } } }
    warnings { code message field } userErrors { code } } }"""


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT lies at east and west, LAMP at east; both sources feed the default stock."""
    return await stock_up(api)


async def preview(api: Api, *changes: Change, **rest: object) -> dict[str, Any]:
    """The preview of a change that would go well."""
    asked = [{"scope": scope, "settings": settings} for scope, settings in changes]
    found: dict[str, Any] = (await api.data(PREVIEW, {"input": {"changes": asked, **rest}}))["previewScopeRules"]
    assert found["userErrors"] == []
    return found


def unlimited(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """The path and the sentence of each warning about unlimited products."""
    return [
        (".".join(each["field"]).removeprefix("input.changes."), each["message"])
        for each in payload["warnings"]
        if each["code"] == CODE
    ]


async def warned(api: Api, *changes: Change, **rest: object) -> list[tuple[str, str]]:
    """The warnings about a change, which its preview gives word by word."""
    before = unlimited(await preview(api, *changes, **rest))
    after = unlimited(await set_rules(api, *changes, **rest))
    assert before == after
    return after


async def test_a_global_limit_makes_products_with_a_threshold_of_their_own_unlimited(store: Api) -> None:
    await set_rules(store, (TENT, {"outOfStockThreshold": 0}), (LAMP, {"outOfStockThreshold": 3}))

    ((path, message),) = await warned(store, LIMITED)

    assert path == "0.settings.backorders"
    assert "2 products: LAMP, TENT" in message
    assert "without limit" in message


@pytest.mark.parametrize("finer", [EAST, TENT, TENT_EAST])
async def test_a_threshold_of_0_at_any_scope_counts(store: Api, finer: dict[str, str]) -> None:
    await set_rules(store, (finer, {"outOfStockThreshold": 0}))
    ((_, message),) = await warned(store, LIMITED)
    assert ("LAMP" in message, "TENT" in message) == (finer is EAST, True)


async def test_a_product_is_told_once_however_it_becomes_unlimited(store: Api) -> None:
    assert await warned(store, LIMITED) == []
    changes = [(TENT, {"minSaleQty": 2}), (TENT, {"outOfStockThreshold": 0}), (TENT_EAST, {"outOfStockThreshold": 0})]
    ((path, message),) = await warned(store, *changes[1:], changes[0])
    assert (path, "1 product: TENT" in message) == ("1.settings.outOfStockThreshold", True)
    assert await warned(store, (EAST, {"backorders": "ALLOW_AND_NOTIFY"})) == []  # LAMP is limited still
    ((path, message),) = await warned(store, (LAMP, {"outOfStockThreshold": 1}))
    assert (path, "1 product: LAMP" in message) == ("0.settings.outOfStockThreshold", True)
    assert await warned(store, (LAMP, {"outOfStockThreshold": 2})) == []  # it was unlimited already


async def test_what_cannot_be_sold_or_is_limited_elsewhere_is_not_called_unlimited(store: Api) -> None:
    items = [{"source": "east", "sku": sku, "status": "OUT_OF_STOCK"} for sku in ("TENT", "LAMP")]
    await store.change("setSourceItems", "items", "[SourceItemInput!]!", items)
    await set_rules(store, ({"type": "SOURCE", "source": "west"}, {"outOfStockThreshold": -5}))
    assert await warned(store, (GLOBAL, {"backorders": "ALLOW"})) == []


async def test_removing_a_limit_is_warned_of_for_every_product_it_limited(store: Api) -> None:
    await set_rules(store, LIMITED)
    await set_rules(store, (LAMP, {"outOfStockThreshold": -1}))
    ((path, message),) = await warned(store, (GLOBAL, {"outOfStockThreshold": None}))
    assert (path, "1 product: TENT" in message) == ("0.settings.outOfStockThreshold", True)


async def test_ten_skus_are_named_and_all_are_counted(store: Api) -> None:
    skus = [f"SKU-{number:04}" for number in range(1_203)]
    await store.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": sku} for sku in skus])
    rows = [{"source": "west", "sku": sku, "quantity": 1} for sku in skus]
    await store.change("setSourceItems", "items", "[SourceItemInput!]!", rows)
    ((_, message),) = await warned(store, (GLOBAL, {"backorders": "ALLOW"}))
    assert f"1,205 products: LAMP, {', '.join(skus[:9])} and 1,195 more" in message


async def test_a_scheduled_change_is_judged_at_its_start(store: Api) -> None:
    await set_rules(store, (TENT, {"outOfStockThreshold": -5}), activeFrom=day(1), activeUntil=day(15))
    on: Change = (TENT, {"backorders": "ALLOW"})
    assert await warned(store, on, activeFrom=day(10), activeUntil=day(12)) == []
    assert len(await warned(store, on, activeFrom=day(20), activeUntil=day(22))) == 1
    assert len(await warned(store, on, activeFrom=LONG_AGO, activeUntil="2099-01-01T00:00:00Z")) == 1


async def test_undoing_a_limit_is_warned_of(store: Api) -> None:
    revision = (await set_rules(store, (GLOBAL, {"outOfStockThreshold": -50})))["changeSet"]["revision"]
    await set_rules(store, (GLOBAL, {"backorders": "ALLOW"}))
    ((path, message),) = unlimited(await revert(store, revision))
    assert (path, "2 products: LAMP, TENT" in message) == ("revision", True)


async def test_a_preview_counts_them_per_sales_channel_and_lists_them_first(store: Api) -> None:
    await store.change(
        "upsertSalesChannels", "salesChannels", "[SalesChannelInput!]!", [{"code": "b2b", "stock": "default"}]
    )
    await set_rules(store, (LAMP, {"outOfStockThreshold": 0, "manageStock": False}))
    found = await preview(store, (GLOBAL, {**LIMITED[1], "manageStock": True}), (LAMP, {"manageStock": None}))
    assert (found["affectedCount"], found["becomeUnlimitedCount"], found["salableQtyDelta"]) == (4, 2, 100)
    assert [(each["sku"], each["after"]["backorderLimit"]["kind"]) for each in found["impacts"]] == [
        ("LAMP", "UNLIMITED"),
        ("LAMP", "UNLIMITED"),
        ("TENT", "LIMITED"),
        ("TENT", "LIMITED"),
    ]
    ((_, message),) = unlimited(found)
    assert "1 product: LAMP" in message


async def test_unlimited_products_stand_before_those_that_are_no_longer_managed(store: Api) -> None:
    await set_rules(store, LIMITED)
    found = await preview(store, (LAMP, {"manageStock": False}), (TENT, {"outOfStockThreshold": 0}))
    assert [each["sku"] for each in found["impacts"]] == ["TENT", "LAMP"]
    assert found["becomeUnlimitedCount"] == 1


async def test_a_stock_is_enough_whatever_another_one_gives(store: Api) -> None:
    """TENT is unlimited where east feeds the stock, and becomes so where only west does."""
    links = [{"source": "west", "priority": 0}]
    await store.change("upsertStocks", "stocks", "[StockInput!]!", [{"code": "far", "sources": links}])
    await store.change(
        "upsertSalesChannels", "salesChannels", "[SalesChannelInput!]!", [{"code": "far", "stock": "far"}]
    )
    await set_rules(store, (TENT_EAST, {"backorders": "ALLOW"}))
    ((_, message),) = await warned(store, (TENT, {"backorders": "ALLOW"}))
    assert "1 product: TENT" in message
