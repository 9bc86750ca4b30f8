"""Setting rules over the API, and the list of those that are set."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.client import Api

SET = """mutation ($input: SetScopeRulesInput!) { setScopeRules(input: $input) {
    changeSet { revision createdAt actor reason
        changes { scope { type source sku } setting before after activeFrom activeUntil } }
    scopeSettings { scope { type source sku } revision settings { definition { key } ownValue } }
    warnings { code }
    userErrors { code field }
} }"""
RULES = """query ($filter: ScopeRuleFilter, $first: Int, $after: String) {
    scopeRules(filter: $filter, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
        nodes { scope { type source sku } setting value revision activeFrom activeUntil }
    } }"""
GLOBAL = {"type": "GLOBAL"}
EAST = {"type": "SOURCE", "source": "east"}
TENT = {"type": "PRODUCT", "sku": "TENT"}
TENT_EAST = {"type": "PRODUCT_SOURCE", "source": "east", "sku": "TENT"}
Change = tuple[dict[str, str], dict[str, Any]]


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT lies at the sources east and west, LAMP nowhere; no rule is set."""
    await api.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "east"}, {"code": "west"}])
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "TENT"}, {"sku": "LAMP"}])
    items = [{"source": source, "sku": "TENT"} for source in ("east", "west")]
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", items)
    return api


async def set_rules(api: Api, *changes: Change, **rest: object) -> dict[str, Any]:
    """The payload of a change of rules that must go well."""
    asked = [{"scope": scope, "settings": settings} for scope, settings in changes]
    payload: dict[str, Any] = (await api.data(SET, {"input": {"changes": asked, **rest}}))["setScopeRules"]
    assert payload["userErrors"] == []
    return payload


async def page(api: Api, **arguments: Any) -> dict[str, Any]:
    """One page of the rules."""
    found: dict[str, Any] = (await api.data(RULES, arguments))["scopeRules"]
    return found


def whole(scope: dict[str, str]) -> dict[str, str | None]:
    """A scope as it is answered: with nulls for what it does not name."""
    return {"source": None, "sku": None, **scope}


async def test_left_out_stays_null_removes_and_a_value_sets(store: Api) -> None:
    async def rules() -> dict[str, Any]:
        return {rule["setting"]: rule["value"] for rule in (await page(store))["nodes"]}

    await set_rules(store, (TENT, {"backorders": "ALLOW", "outOfStockThreshold": Decimal("-2.5")}))
    assert await rules() == {"BACKORDERS": "ALLOW", "OUT_OF_STOCK_THRESHOLD": Decimal("-2.5")}
    await set_rules(store, (TENT, {"outOfStockThreshold": -7}))
    assert await rules() == {"BACKORDERS": "ALLOW", "OUT_OF_STOCK_THRESHOLD": -7}
    await set_rules(store, (TENT, {"backorders": None}))
    assert await rules() == {"OUT_OF_STOCK_THRESHOLD": -7}


async def test_a_change_set_tells_who_when_why_and_what_differs(store: Api) -> None:
    await set_rules(store, (TENT, {"backorders": "ALLOW", "minSaleQty": 2}))
    began = datetime.now(UTC)
    changes: list[Change] = [
        (TENT, {"backorders": "ALLOW", "minSaleQty": 3, "maxSaleQty": None}),
        (TENT_EAST, {"outOfStockThreshold": -1}),
        (GLOBAL, {"manageStock": False}),
    ]
    payload = await set_rules(store, *changes, reason="Ünter 3 sells nobody")

    change_set = payload["changeSet"]
    made = datetime.fromisoformat(change_set.pop("createdAt"))
    assert began - timedelta(seconds=1) <= made <= datetime.now(UTC)
    plain = {"activeFrom": None, "activeUntil": None}
    assert change_set == {
        "revision": 2,
        "actor": "admin",
        "reason": "Ünter 3 sells nobody",
        "changes": [
            {"scope": whole(TENT), "setting": "MIN_SALE_QTY", "before": 2, "after": 3, **plain},
            {"scope": whole(TENT_EAST), "setting": "OUT_OF_STOCK_THRESHOLD", "before": None, "after": -1, **plain},
            {"scope": whole(GLOBAL), "setting": "MANAGE_STOCK", "before": None, "after": False, **plain},
        ],
    }
    assert [each["scope"] for each in payload["scopeSettings"]] == [whole(scope) for scope, _ in changes]
    assert {each["revision"] for each in payload["scopeSettings"]} == {2}
    assert payload["scopeSettings"][1]["settings"][1] == {
        "definition": {"key": "OUT_OF_STOCK_THRESHOLD"},
        "ownValue": -1,
    }


async def test_revisions_count_up_by_one_a_change_set(store: Api) -> None:
    for number in range(1, 4):
        payload = await set_rules(store, (GLOBAL, {"minSaleQty": number}), (TENT, {"minSaleQty": number}))
        assert payload["changeSet"]["revision"] == number
    assert [rule["revision"] for rule in (await page(store))["nodes"]] == [3, 3]
    await set_rules(store, (TENT, {"minSaleQty": 9}))
    assert [(rule["value"], rule["revision"]) for rule in (await page(store))["nodes"]] == [(3, 3), (9, 4)]


@pytest.mark.parametrize("expected", [None, 0, 1, 2, 99, -1])
async def test_what_changes_nothing_is_no_change_whatever_revision_is_expected(
    store: Api, expected: int | None
) -> None:
    await set_rules(store, (TENT, {"backorders": "ALLOW", "outOfStockThreshold": -50}))
    await set_rules(store, (TENT, {"backorders": "ALLOW_AND_NOTIFY"}))
    same = {"backorders": "ALLOW_AND_NOTIFY", "outOfStockThreshold": Decimal("-50.0000"), "minSaleQty": None}

    payload = await set_rules(store, (TENT, same), (GLOBAL, {"manageStock": None}), expectedRevision=expected)

    assert payload["changeSet"] is None
    assert payload["warnings"] == []
    assert [(each["scope"], each["revision"]) for each in payload["scopeSettings"]] == [
        (whole(TENT), 2),
        (whole(GLOBAL), 2),
    ]


async def test_only_later_changes_of_the_same_scopes_make_a_change_stale(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}), (TENT_EAST, {"notifyForQuantityBelow": 3}))
    await set_rules(store, (EAST, {"notifyForQuantityBelow": 3}))

    payload = await set_rules(store, (TENT, {"minSaleQty": 3}), expectedRevision=1)
    assert payload["changeSet"]["revision"] == 3
    other = {"changes": [{"scope": TENT, "settings": {"manageStock": False}}], "expectedRevision": 2}
    refused = (await store.data(SET, {"input": other}))["setScopeRules"]
    assert refused["userErrors"] == [{"code": "STALE_REVISION", "field": ["input", "expectedRevision"]}]
    assert (await set_rules(store, (TENT, {"manageStock": False}), expectedRevision=3))["changeSet"]["revision"] == 4


async def test_rules_are_listed_as_they_were_first_set_with_a_scope_each(store: Api) -> None:
    await set_rules(store, (TENT, {"backorders": "ALLOW"}), (TENT_EAST, {"backorders": "ALLOW"}))
    await set_rules(store, (GLOBAL, {"minSaleQty": Decimal("0.5")}), (EAST, {"backorders": "NO_BACKORDERS"}))
    await set_rules(store, (TENT, {"backorders": "ALLOW_AND_NOTIFY"}))

    always = {"activeFrom": None, "activeUntil": None}
    assert (await page(store))["nodes"] == [
        {"scope": whole(TENT), "setting": "BACKORDERS", "value": "ALLOW_AND_NOTIFY", "revision": 3, **always},
        {"scope": whole(TENT_EAST), "setting": "BACKORDERS", "value": "ALLOW", "revision": 1, **always},
        {"scope": whole(GLOBAL), "setting": "MIN_SALE_QTY", "value": Decimal("0.5"), "revision": 2, **always},
        {"scope": whole(EAST), "setting": "BACKORDERS", "value": "NO_BACKORDERS", "revision": 2, **always},
    ]


async def test_rules_are_found_by_scope_type_source_product_and_setting(store: Api) -> None:
    changes: dict[str, Change] = {
        "global": (GLOBAL, {"backorders": "ALLOW"}),
        "east": (EAST, {"backorders": "ALLOW", "outOfStockThreshold": -1}),
        "tent": (TENT, {"backorders": "ALLOW"}),
        "tent east": (TENT_EAST, {"outOfStockThreshold": -2}),
        "lamp": ({"type": "PRODUCT", "sku": "LAMP"}, {"manageStock": False}),
    }
    await set_rules(store, *changes.values())
    names = [(whole(scope), name) for name, (scope, _) in changes.items()]

    for asked, expected in (
        ({}, ["global", "east", "east", "tent", "tent east", "lamp"]),
        ({"scopeType": "SOURCE"}, ["east", "east"]),
        ({"scopeType": "DEFAULT"}, []),
        ({"source": "east"}, ["east", "east", "tent east"]),
        ({"sku": "TENT"}, ["tent", "tent east"]),
        ({"sku": "tent"}, []),
        ({"setting": "BACKORDERS"}, ["global", "east", "tent"]),
        ({"sku": "TENT", "source": "east", "setting": "OUT_OF_STOCK_THRESHOLD"}, ["tent east"]),
        ({"scopeType": "PRODUCT", "setting": "MANAGE_STOCK"}, ["lamp"]),
        ({"at": "1999-12-31T23:00:00-01:00", "sku": "LAMP"}, ["lamp"]),
        ({"at": "9999-12-31T00:00:00Z", "sku": "LAMP"}, ["lamp"]),
        ({"scopeType": None, "source": None, "sku": "LAMP", "setting": None, "at": None}, ["lamp"]),
    ):
        found = await page(store, filter=asked)
        assert [name for rule in found["nodes"] for scope, name in names if scope == rule["scope"]] == expected, asked
        assert found["totalCount"] == len(expected)


async def test_pages_of_rules_skip_and_repeat_nothing_while_rules_are_set(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 1, "maxSaleQty": 2, "qtyIncrements": 3}))
    first = await page(store, first=2)
    await set_rules(store, (GLOBAL, {"minSaleQty": 4}), (TENT, {"minSaleQty": None, "maxSaleQty": 5}))
    second = await page(store, first=2, after=first["pageInfo"]["endCursor"])

    assert [rule["value"] for rule in first["nodes"]] == [1, 2]
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert [rule["value"] for rule in second["nodes"]] == [3, 4]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert second["totalCount"] == 3


async def test_5000_rules_are_set_in_one_call(store: Api) -> None:
    products = [{"sku": f"SKU-{number}"} for number in range(2_500)]
    await store.change("upsertProducts", "products", "[ProductInput!]!", products)
    settings = {"backorders": "ALLOW", "outOfStockThreshold": -50}
    changes = [{"scope": {"type": "PRODUCT", **product}, "settings": settings} for product in products]

    payload = await store.change("setScopeRules", "input", "SetScopeRulesInput!", {"changes": changes})

    assert payload["userErrors"] == []
    assert (await page(store, first=1))["totalCount"] == 5_000


async def test_rules_with_a_window_are_found_apart_from_those_that_hold_always(store: Api) -> None:
    start, end = datetime.now(UTC) + timedelta(days=1), datetime.now(UTC) + timedelta(days=2)
    await set_rules(store, (GLOBAL, {"minSaleQty": 1}))
    await set_rules(store, (GLOBAL, {"minSaleQty": 2}), activeUntil=end.isoformat())
    await set_rules(store, (GLOBAL, {"minSaleQty": 3}), activeFrom=start.isoformat())

    async def found(**filter_: object) -> list[object]:
        return [rule["value"] for rule in (await page(store, filter=filter_))["nodes"]]

    assert await found(scheduled=True) == [2, 3]
    assert await found(scheduled=False) == [1]
    assert await found() == [1, 2, 3]
