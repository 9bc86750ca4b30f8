"""The warnings about changes of rules: when each is given, when it is not, and what it says."""

from typing import Any

import pytest

from tests.client import Api

GLOBAL = {"type": "GLOBAL"}
EAST, WEST, CLOSED = ({"type": "SOURCE", "source": source} for source in ("east", "west", "closed"))
TENT, LAMP = ({"type": "PRODUCT", "sku": sku} for sku in ("TENT", "LAMP"))
TENT_EAST = {"type": "PRODUCT_SOURCE", "source": "east", "sku": "TENT"}
Change = tuple[dict[str, str], dict[str, Any]]


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT lies at east and west, which feed the default stock, and at closed, which is disabled; LAMP is sold out."""
    codes = ("east", "west", "closed")
    sources = [{"code": code, "enabled": code != "closed"} for code in codes]
    await api.change("upsertSources", "sources", "[SourceInput!]!", sources)
    links = [{"source": code, "priority": 0} for code in codes]
    await api.change("upsertStocks", "stocks", "[StockInput!]!", [{"code": "default", "sources": links}])
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "TENT"}, {"sku": "LAMP"}])
    items = [{"source": source, "sku": "TENT", "quantity": 5} for source in codes]
    items += [{"source": "east", "sku": "LAMP", "quantity": 5, "status": "OUT_OF_STOCK"}]
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", items)
    return api


async def warned(api: Api, *changes: Change) -> list[dict[str, Any]]:
    """The warnings about a change of rules that must go well."""
    asked = [{"scope": scope, "settings": settings} for scope, settings in changes]
    payload = await api.change("setScopeRules", "input", "SetScopeRulesInput!", {"changes": asked})
    assert payload["userErrors"] == []
    return list(payload["warnings"])


async def of_code(api: Api, code: str, *changes: Change) -> list[tuple[str, str]]:
    """The path and the sentence of each warning of one code about a change of rules."""
    found = await warned(api, *changes)
    paths = [(".".join(each["field"]).removeprefix("input.changes."), each["message"]) for each in found]
    return [pair for pair, each in zip(paths, found, strict=True) if each["code"] == code]


async def limit_of(api: Api, sku: str) -> tuple[str, Any]:
    """How far below zero orders of a product may go."""
    query = (
        "query ($sku: String!) { product(sku: $sku) { effectiveBackorderConfig { backorderLimit { kind quantity } } } }"
    )
    limit = (await api.data(query, {"sku": sku}))["product"]["effectiveBackorderConfig"]["backorderLimit"]
    return limit["kind"], limit["quantity"]


async def test_a_harmless_change_is_not_warned_of(store: Api) -> None:
    assert await warned(store, (GLOBAL, {"notifyForQuantityBelow": 10}), (EAST, {"notifyForQuantityBelow": 2})) == []
    assert await warned(store, (TENT, {"backorders": "ALLOW", "outOfStockThreshold": -50, "minSaleQty": 2})) == []
    assert await warned(store, (TENT, {"backorders": None, "outOfStockThreshold": None})) == []


async def test_what_changes_nothing_is_not_warned_of_again(store: Api) -> None:
    assert [each["code"] for each in await warned(store, (TENT, {"outOfStockThreshold": -5}))] != []
    assert await warned(store, (TENT, {"outOfStockThreshold": -5})) == []
    found = await warned(store, (TENT, {"outOfStockThreshold": -5, "qtyUsesDecimals": True}))
    assert found == []


async def test_backorders_without_a_threshold_below_zero_become_unlimited(store: Api) -> None:
    code = "BACKORDERS_BECOME_UNLIMITED"

    ((path, message),) = await of_code(store, code, (TENT, {"backorders": "ALLOW"}))
    assert path == "0.settings.backorders"
    assert "Out-of-Stock Threshold of 0 or more for 1 product: TENT." in message
    assert "without limit" in message
    assert await limit_of(store, "TENT") == ("UNLIMITED", None)
    assert await of_code(store, code, (TENT, {"outOfStockThreshold": -50})) == []
    ((path, message),) = await of_code(store, code, (TENT, {"outOfStockThreshold": 3}))
    assert (path, "1 product: TENT." in message) == ("0.settings.outOfStockThreshold", True)
    assert await of_code(store, code, (TENT_EAST, {"outOfStockThreshold": 0})) == []  # it was unlimited already
    assert await of_code(store, code, (TENT, {"backorders": "NO_BACKORDERS"})) == []


async def test_removing_a_threshold_is_warned_of_where_it_was_the_limit(store: Api) -> None:
    await warned(store, (GLOBAL, {"backorders": "ALLOW", "outOfStockThreshold": -50}))

    ((path, message),) = await of_code(store, "BACKORDERS_BECOME_UNLIMITED", (GLOBAL, {"outOfStockThreshold": None}))
    assert path == "0.settings.outOfStockThreshold"
    assert "1 product: TENT." in message  # LAMP is in stock nowhere
    assert await of_code(store, "BACKORDERS_BECOME_UNLIMITED", (GLOBAL, {"outOfStockThreshold": -5})) == []


async def test_a_product_that_its_sources_limit_is_not_called_unlimited(store: Api) -> None:
    await warned(store, *((scope, {"outOfStockThreshold": -20}) for scope in (EAST, WEST, CLOSED)))

    found = await of_code(store, "BACKORDERS_BECOME_UNLIMITED", (TENT, {"backorders": "ALLOW"}))

    assert await limit_of(store, "TENT") == ("LIMITED", 40)
    assert found == []


async def test_a_threshold_below_zero_does_nothing_while_backorders_are_off(store: Api) -> None:
    code = "NEGATIVE_THRESHOLD_WITHOUT_BACKORDERS"

    ((path, message),) = await of_code(store, code, (LAMP, {"outOfStockThreshold": -5}))
    assert path == "0.settings.outOfStockThreshold"
    assert "Out-of-Stock Threshold of -5 at product LAMP at source east counts as 0 while backorders are off" in message
    assert await of_code(store, code, (LAMP, {"backorders": "ALLOW_AND_NOTIFY"})) == []
    assert [path for path, _ in await of_code(store, code, (LAMP, {"backorders": None}))] == ["0.settings.backorders"]
    assert await of_code(store, code, (LAMP, {"outOfStockThreshold": 5})) == []


async def test_a_sentence_gives_every_scope_its_own_threshold(store: Api) -> None:
    await warned(store, (EAST, {"outOfStockThreshold": -20}), (WEST, {"outOfStockThreshold": -30}))
    await warned(store, (GLOBAL, {"backorders": "ALLOW"}))

    off = (GLOBAL, {"backorders": None})
    found = await of_code(store, "NEGATIVE_THRESHOLD_WITHOUT_BACKORDERS", off)
    assert [number for number in ("-20", "-30") if not any(number in message for _, message in found)] == []


async def test_thresholds_of_different_rules_add_up(store: Api) -> None:
    code = "THRESHOLD_ADDS_UP"
    await warned(store, (GLOBAL, {"backorders": "ALLOW", "outOfStockThreshold": -50}))

    ((path, message),) = await of_code(store, code, (TENT_EAST, {"outOfStockThreshold": -20}))
    assert path == "0.settings.outOfStockThreshold"
    assert "in stock default -20 (product TENT at source east) and -50 (global)" in message
    assert "let orders of this product go 70 below zero" in message
    assert await limit_of(store, "TENT") == ("LIMITED", 70)
    assert await of_code(store, code, (TENT_EAST, {"outOfStockThreshold": None})) == []
    assert await of_code(store, code, (TENT, {"outOfStockThreshold": -20})) == []
    assert await of_code(store, code, (TENT, {"outOfStockThreshold": None})) == []
    ((_, message),) = await of_code(store, code, (EAST, {"outOfStockThreshold": -7}))
    assert "a product that lies at all of these sources go 57 below zero" in message


async def test_a_minimum_above_the_maximum_sells_nothing(store: Api) -> None:
    ((path, message),) = await of_code(store, "MIN_ABOVE_MAX", (TENT, {"maxSaleQty": 5, "minSaleQty": 6}))
    assert path == "0.settings.minSaleQty"
    assert "minimum of 6 is above the maximum of 5" in message
    assert await of_code(store, "MIN_ABOVE_MAX", (TENT, {"minSaleQty": 5})) == []
    ((path, _),) = await of_code(store, "MIN_ABOVE_MAX", (TENT, {"maxSaleQty": 4}))
    assert path == "0.settings.maxSaleQty"
    assert await of_code(store, "MIN_ABOVE_MAX", (TENT, {"maxSaleQty": None}), (GLOBAL, {"maxSaleQty": 9})) == []
    assert [path for path, _ in await of_code(store, "MIN_ABOVE_MAX", (GLOBAL, {"minSaleQty": 10}))] == [
        "0.settings.minSaleQty"
    ]


async def test_a_rule_that_equals_what_it_hides_is_warned_of(store: Api) -> None:
    ((path, message),) = await of_code(store, "EQUALS_INHERITED", (TENT, {"manageStock": True, "minSaleQty": 2}))
    assert path == "0.settings.manageStock"
    assert "Manage Stock would be Yes without this rule too, from the shipped default" in message
    await warned(store, (EAST, {"notifyForQuantityBelow": 3}))
    ((_, message),) = await of_code(store, "EQUALS_INHERITED", (TENT_EAST, {"notifyForQuantityBelow": 3}))
    assert "would be 3 without this rule too, from source east" in message
    assert await of_code(store, "EQUALS_INHERITED", (TENT, {"manageStock": None, "notifyForQuantityBelow": 4})) == []


async def test_a_rule_that_hides_another_value_of_a_source_is_not_said_to_equal_what_it_hides(store: Api) -> None:
    await warned(store, (EAST, {"notifyForQuantityBelow": 3}), (WEST, {"notifyForQuantityBelow": 3}))

    found = [each["code"] for each in await warned(store, (TENT, {"notifyForQuantityBelow": 1}))]

    assert found == ["HIDES_SOURCE_RULE", "HIDES_SOURCE_RULE"]


async def test_a_product_rule_that_hides_the_rule_of_a_source_is_warned_of(store: Api) -> None:
    code = "HIDES_SOURCE_RULE"
    await warned(store, (EAST, {"backorders": "ALLOW", "outOfStockThreshold": -5}))

    ((path, message),) = await of_code(store, code, (TENT, {"outOfStockThreshold": -9, "minSaleQty": 2}))
    assert path == "0.settings.outOfStockThreshold"
    assert "Source east has a rule of its own for Out-of-Stock Threshold (-5)" in message
    ((path, _),) = await of_code(store, code, (TENT_EAST, {"backorders": "NO_BACKORDERS"}))
    assert path == "0.settings.backorders"
    assert await of_code(store, code, (TENT, {"outOfStockThreshold": -5})) == []
    assert await of_code(store, code, (TENT, {"outOfStockThreshold": None})) == []
    assert await of_code(store, code, ({**TENT_EAST, "source": "west"}, {"outOfStockThreshold": -9})) == []
    assert await of_code(store, code, (GLOBAL, {"outOfStockThreshold": -9})) == []


async def test_backorders_of_a_product_that_no_source_has_in_stock_sell_nothing(store: Api) -> None:
    code = "NO_SOURCE_IN_STOCK"

    ((path, message),) = await of_code(store, code, (LAMP, {"backorders": "ALLOW", "outOfStockThreshold": -5}))
    assert path == "0.settings.backorders"
    assert "No source has LAMP in stock" in message
    assert await of_code(store, code, (LAMP, {"backorders": None})) == []
    assert await of_code(store, code, (TENT, {"backorders": "ALLOW"})) == []
    assert await of_code(store, code, (GLOBAL, {"backorders": "ALLOW"})) == []


@pytest.mark.parametrize("source", ["closed", "default"])
async def test_a_product_that_another_source_has_in_stock_is_not_said_to_be_in_stock_nowhere(
    store: Api, source: str
) -> None:
    scope = {**TENT_EAST, "source": source}

    assert await of_code(store, "NO_SOURCE_IN_STOCK", (scope, {"backorders": "ALLOW"})) == []


async def test_a_rule_at_a_disabled_source_has_no_effect_yet(store: Api) -> None:
    for scope in (CLOSED, {**TENT_EAST, "source": "closed"}):
        ((path, message),) = await of_code(store, "SOURCE_DISABLED", (scope, {"notifyForQuantityBelow": 5}))
        assert path == "0.scope.source"
        assert "Source closed is disabled" in message
        assert await of_code(store, "SOURCE_DISABLED", (scope, {"notifyForQuantityBelow": None})) == []
    assert (
        await of_code(store, "SOURCE_DISABLED", (EAST, {"notifyForQuantityBelow": 5}), (TENT, {"minSaleQty": 2})) == []
    )


async def test_the_path_of_a_warning_names_its_change(store: Api) -> None:
    first, second = (EAST, {"notifyForQuantityBelow": 5}), (TENT, {"manageStock": True})

    assert [path for path, _ in await of_code(store, "EQUALS_INHERITED", first, second)] == ["1.settings.manageStock"]
