"""The admin form of a scope: its own values, what it inherits and from where; and the catalogue of settings."""

from typing import Any

import pytest

from tests.client import Api

FORM = """query ($scope: ScopeInput!) { scopeSettings(scope: $scope) { scope { type source sku } revision settings {
    definition { key } ownValue inheritedValue inheritedFrom { type source sku } effectiveValue
    inheritedBySource { source value from { type source sku } } rule { value revision scope { type source sku } }
} } }"""
GLOBAL = {"type": "GLOBAL"}
EAST = {"type": "SOURCE", "source": "east"}
TENT = {"type": "PRODUCT", "sku": "TENT"}
TENT_EAST = {"type": "PRODUCT_SOURCE", "source": "east", "sku": "TENT"}
NOBODY = {"type": "DEFAULT", "source": None, "sku": None}
PER_SOURCE = ["BACKORDERS", "OUT_OF_STOCK_THRESHOLD", "NOTIFY_FOR_QUANTITY_BELOW"]
# The catalogue: key, label, type, shipped default, scopes, the bound of a quantity, whether it is itself forbidden.
EVERYWHERE = ["GLOBAL", "SOURCE", "PRODUCT", "PRODUCT_SOURCE"]
CATALOGUE = [
    ("MANAGE_STOCK", "Manage Stock", "BOOLEAN", True, ["GLOBAL", "PRODUCT"], None, False),
    ("BACKORDERS", "Backorders", "BACKORDER_MODE", "NO_BACKORDERS", EVERYWHERE, None, False),
    ("OUT_OF_STOCK_THRESHOLD", "Out-of-Stock Threshold", "QUANTITY", 0, EVERYWHERE, None, False),
    ("NOTIFY_FOR_QUANTITY_BELOW", "Notify for Quantity Below", "QUANTITY", 1, EVERYWHERE, 0, False),
    ("ONLY_X_LEFT_THRESHOLD", "Only X left Threshold", "QUANTITY", 0, ["GLOBAL", "PRODUCT"], 0, False),
    ("MIN_SALE_QTY", "Minimum Qty Allowed in Shopping Cart", "QUANTITY", 1, ["GLOBAL", "PRODUCT"], 0, True),
    ("MAX_SALE_QTY", "Maximum Qty Allowed in Shopping Cart", "QUANTITY", 10000, ["GLOBAL", "PRODUCT"], 0, True),
    ("ENABLE_QTY_INCREMENTS", "Enable Qty Increments", "BOOLEAN", False, ["GLOBAL", "PRODUCT"], None, False),
    ("QTY_INCREMENTS", "Qty Increments", "QUANTITY", 1, ["GLOBAL", "PRODUCT"], 0, True),
    ("QTY_USES_DECIMALS", "Qty Uses Decimals", "BOOLEAN", False, ["PRODUCT"], None, False),
]


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT lies at the sources east and west; no rule is set."""
    await api.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "east"}, {"code": "west"}])
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "TENT"}])
    items = [{"source": source, "sku": "TENT"} for source in ("east", "west")]
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", items)
    return api


async def set_rules(api: Api, scope: dict[str, str], settings: dict[str, Any]) -> None:
    """Set rules at one scope."""
    value = {"changes": [{"scope": scope, "settings": settings}]}
    payload = await api.change("setScopeRules", "input", "SetScopeRulesInput!", value)
    assert payload["userErrors"] == []


async def form(api: Api, scope: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The lines of the form of a scope, by their setting."""
    lines = (await api.data(FORM, {"scope": scope}))["scopeSettings"]["settings"]
    return {line["definition"]["key"]: line for line in lines}


def whole(scope: dict[str, str]) -> dict[str, str | None]:
    """A scope as it is answered: with nulls for what it does not name."""
    return {"source": None, "sku": None, **scope}


async def test_zero_false_and_no_backorders_are_values_like_any_other(store: Api) -> None:
    await set_rules(store, GLOBAL, {"backorders": "ALLOW", "outOfStockThreshold": -5, "enableQtyIncrements": True})
    zeros = {"backorders": "NO_BACKORDERS", "outOfStockThreshold": 0, "enableQtyIncrements": False}
    await set_rules(store, TENT, {**zeros, "onlyXLeftThreshold": 0})

    lines = await form(store, TENT)
    for key, own, inherited in (
        ("BACKORDERS", "NO_BACKORDERS", "ALLOW"),
        ("OUT_OF_STOCK_THRESHOLD", 0, -5),
        ("ENABLE_QTY_INCREMENTS", False, True),
        ("ONLY_X_LEFT_THRESHOLD", 0, 0),
    ):
        line = lines[key]
        assert (line["ownValue"], line["inheritedValue"], line["effectiveValue"]) == (own, inherited, own)
        assert line["rule"]["value"] == own
        assert type(line["ownValue"]) is type(own)


async def test_the_form_of_a_scope_shows_the_settings_that_it_may_give(store: Api) -> None:
    for scope in (GLOBAL, EAST, TENT, TENT_EAST):
        found = (await store.data(FORM, {"scope": scope}))["scopeSettings"]
        assert (found["scope"], found["revision"]) == (whole(scope), 0)
        keys = [line["definition"]["key"] for line in found["settings"]]
        assert keys == [key for key, _, _, _, scopes, _, _ in CATALOGUE if scope["type"] in scopes]
    for scope in ({**EAST, "source": "nowhere"}, {**TENT, "sku": "tent"}, {**TENT_EAST, "source": "nowhere"}):
        assert await store.data(FORM, {"scope": scope}) == {"scopeSettings": None}


async def test_every_scope_inherits_from_the_next_one_that_has_a_rule(store: Api) -> None:
    def line(own: object, inherited: object, from_: dict[str, Any], effective: object) -> dict[str, object]:
        return {"ownValue": own, "inheritedValue": inherited, "inheritedFrom": from_, "effectiveValue": effective}

    async def shown(scope: dict[str, str]) -> dict[str, object]:
        found = (await form(store, scope))["NOTIFY_FOR_QUANTITY_BELOW"]
        assert (found["rule"] and found["rule"]["scope"]) == (whole(scope) if found["ownValue"] is not None else None)
        return {key: found[key] for key in ("ownValue", "inheritedValue", "inheritedFrom", "effectiveValue")}

    key = "notifyForQuantityBelow"
    assert await shown(TENT_EAST) == line(None, 1, NOBODY, 1)
    await set_rules(store, GLOBAL, {key: 10})
    assert await shown(GLOBAL) == line(10, 1, NOBODY, 10)
    assert await shown(EAST) == await shown(TENT) == await shown(TENT_EAST) == line(None, 10, whole(GLOBAL), 10)
    await set_rules(store, EAST, {key: 20})
    assert await shown(EAST) == line(20, 10, whole(GLOBAL), 20)
    assert await shown(TENT) == line(None, 10, whole(GLOBAL), 10)
    assert await shown(TENT_EAST) == line(None, 20, whole(EAST), 20)
    await set_rules(store, TENT, {key: 30})
    assert await shown(TENT_EAST) == line(None, 30, whole(TENT), 30)
    await set_rules(store, TENT_EAST, {key: 40})
    assert await shown(TENT_EAST) == line(40, 30, whole(TENT), 40)


async def test_the_form_of_a_product_lists_the_sources_that_would_give_it_another_value(store: Api) -> None:
    west = {"type": "SOURCE", "source": "west"}
    await set_rules(store, GLOBAL, {"backorders": "ALLOW"})
    await set_rules(store, EAST, {"backorders": "NO_BACKORDERS", "outOfStockThreshold": -5})
    await set_rules(store, west, {"backorders": "ALLOW"})
    await set_rules(store, TENT_EAST, {"notifyForQuantityBelow": 3})
    east = [{"source": "east", "value": "NO_BACKORDERS", "from": whole(EAST)}]

    assert (await form(store, TENT))["BACKORDERS"]["inheritedBySource"] == east
    await set_rules(store, TENT, {"backorders": "NO_BACKORDERS"})
    lines = await form(store, TENT)
    assert lines["BACKORDERS"]["inheritedBySource"] == east
    assert lines["OUT_OF_STOCK_THRESHOLD"]["inheritedBySource"] == [
        {"source": "east", "value": -5, "from": whole(EAST)}
    ]
    assert [key for key, line in lines.items() if line["inheritedBySource"]] == PER_SOURCE[:2]
    for scope in (GLOBAL, EAST, TENT_EAST):
        assert all(line["inheritedBySource"] == [] for line in (await form(store, scope)).values())


async def test_the_catalogue_of_settings_is_complete(api: Api) -> None:
    query = "{ settingDefinitions { key label help type default scopes minimum exclusiveMinimum } }"
    definitions = (await api.data(query))["settingDefinitions"]

    assert all(each.pop("help") for each in definitions)
    assert [tuple(each.values()) for each in definitions] == CATALOGUE
