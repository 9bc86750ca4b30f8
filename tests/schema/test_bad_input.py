"""Wrong input to mutations: the exact code and path of each error, and nothing is written."""

import json
from typing import Any

import pytest

from tests.client import AS_ADMIN, Api

TYPES = {
    "upsertSources": ("sources", "[SourceInput!]!"),
    "upsertStocks": ("stocks", "[StockInput!]!"),
    "upsertSalesChannels": ("salesChannels", "[SalesChannelInput!]!"),
    "upsertProducts": ("products", "[ProductInput!]!"),
    "setSourceItems": ("items", "[SourceItemInput!]!"),
    "removeSourceItems": ("items", "[SourceItemKeyInput!]!"),
    "setScopeRules": ("input", "SetScopeRulesInput!"),
}
STATE = """{
    sources { totalCount nodes { code name enabled } } products { totalCount nodes { sku name } }
    stocks { totalCount nodes { code name sources { priority source { code } } } }
    salesChannels { totalCount nodes { code name stock { code } } }
    sourceItems { totalCount nodes { source { code } sku quantity status } }
    scopeRules { totalCount nodes { setting value revision } }
    scopeSettings(scope: { type: GLOBAL }) { revision }
}"""
LONG = "x" * 10_000
NO_CODES = ["", "x" * 65, LONG, "A\0B", "A\ud800", "\udfffB", "A\nB", "\t", "A\x7f", "A\x85"]
NO_TEXTS = ["", "x" * 256, LONG, "A\0B", "A\ud800", "A\nB"]
GLOBAL, TENT = {"type": "GLOBAL"}, {"type": "PRODUCT", "sku": "TENT"}
ALLOW = {"backorders": "ALLOW"}
Errors = list[tuple[str, str]]


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT lies at the default source and has a rule, of revision 1."""
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "TENT"}])
    item = {"source": "default", "sku": "TENT", "quantity": 25}
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", [item])
    change = {"scope": TENT, "settings": {"minSaleQty": 2}}
    await api.change("setScopeRules", "input", "SetScopeRulesInput!", {"changes": [change]})
    return api


async def refused(api: Api, call: str, value: Any) -> Errors:
    """The code and path of each error of a mutation, which answers nothing else and writes nothing."""
    argument, type_ = TYPES[call]
    before = await api.data(STATE)
    asked = "warnings { code } userErrors { code message field }"
    query = f"mutation ($v: {type_}) {{ {call}({argument}: $v) {{ {asked} }} }}"
    body = json.dumps({"query": query, "variables": {"v": value}})  # it escapes half a surrogate pair
    response = await api.http.post("/graphql", content=body, headers={"Content-Type": "application/json", **AS_ADMIN})
    answer = response.json()
    assert (response.status_code, "errors" in answer) == (200, False), answer
    payload = answer["data"][call]
    assert await api.data(STATE) == before
    assert payload["warnings"] == []
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]]


async def refused_rules(api: Api, *changes: tuple[dict[str, Any], dict[str, Any]], **rest: object) -> Errors:
    """The same of setScopeRules, with paths from `input` on."""
    asked = [{"scope": scope, "settings": settings} for scope, settings in changes]
    errors = await refused(api, "setScopeRules", {"changes": asked, **rest})
    return [(code, path.removeprefix("input.")) for code, path in errors]


async def test_codes_and_skus_are_1_to_64_characters_of_text(store: Api) -> None:
    for code in NO_CODES:
        for call, row, path in (
            ("upsertSources", {"code": code}, "sources.0.code"),
            ("upsertStocks", {"code": code}, "stocks.0.code"),
            ("upsertStocks", {"code": "n", "sources": [{"source": code, "priority": 1}]}, "stocks.0.sources.0.source"),
            ("upsertSalesChannels", {"code": code, "stock": "default"}, "salesChannels.0.code"),
            ("upsertSalesChannels", {"code": "n", "stock": code}, "salesChannels.0.stock"),
            ("upsertProducts", {"sku": code}, "products.0.sku"),
            ("setSourceItems", {"source": code, "sku": "TENT"}, "items.0.source"),
            ("setSourceItems", {"source": "default", "sku": code}, "items.0.sku"),
            ("removeSourceItems", {"source": code, "sku": "TENT"}, "items.0.source"),
            ("removeSourceItems", {"source": "default", "sku": code}, "items.0.sku"),
        ):
            assert await refused(store, call, [row]) == [("INVALID_CODE", path)], (call, code[:9])
        for scope, name in (({"type": "SOURCE", "source": code}, "source"), ({"type": "PRODUCT", "sku": code}, "sku")):
            assert await refused_rules(store, (scope, ALLOW)) == [("INVALID_CODE", f"changes.0.scope.{name}")]


async def test_names_and_reasons_are_text_of_a_bearable_length(store: Api) -> None:
    for name in NO_TEXTS:
        for call, row in (
            ("upsertSources", {"code": "default"}),
            ("upsertStocks", {"code": "default"}),
            ("upsertSalesChannels", {"code": "default"}),
            ("upsertProducts", {"sku": "TENT"}),
        ):
            path = f"{TYPES[call][0]}.0.name"
            assert await refused(store, call, [{**row, "name": name}]) == [("INVALID_TEXT", path)], name[:9]
    for reason in ("", "x" * 1_001, LONG, "A\0B", "A\ud800", "A\nB"):
        assert await refused_rules(store, (GLOBAL, ALLOW), reason=reason) == [("INVALID_TEXT", "reason")]


async def test_what_is_not_known_is_named_by_its_path(store: Api) -> None:
    links = [{"source": "default", "priority": 1}, {"source": "Default", "priority": 2}]
    for call, row, code, path in (
        ("upsertStocks", {"code": "n", "sources": links}, "UNKNOWN_SOURCE", "stocks.0.sources.1.source"),
        ("upsertSalesChannels", {"code": "default", "stock": "n"}, "UNKNOWN_STOCK", "salesChannels.0.stock"),
        ("upsertSalesChannels", {"code": "n", "stock": "n"}, "UNKNOWN_STOCK", "salesChannels.0.stock"),
        ("upsertSalesChannels", {"code": "n"}, "UNKNOWN_STOCK", "salesChannels.0.stock"),
        ("setSourceItems", {"source": "n", "sku": "TENT"}, "UNKNOWN_SOURCE", "items.0.source"),
        ("setSourceItems", {"source": "default", "sku": "tent"}, "UNKNOWN_PRODUCT", "items.0.sku"),
        ("removeSourceItems", {"source": "default", "sku": "n"}, "UNKNOWN_SOURCE_ITEM", "items.0"),
        ("removeSourceItems", {"source": "n", "sku": "TENT"}, "UNKNOWN_SOURCE_ITEM", "items.0"),
    ):
        assert await refused(store, call, [row]) == [(code, path)], (call, row)
    nowhere = {"type": "PRODUCT_SOURCE", "source": "n", "sku": "n"}
    assert await refused_rules(store, (GLOBAL, ALLOW), (nowhere, ALLOW)) == [
        ("UNKNOWN_SOURCE", "changes.1.scope.source"),
        ("UNKNOWN_PRODUCT", "changes.1.scope.sku"),
    ]


async def test_no_row_stands_twice_in_a_call(store: Api) -> None:
    item = {"source": "default", "sku": "TENT"}
    for call, row in (
        ("upsertSources", {"code": "n"}),
        ("upsertStocks", {"code": "n"}),
        ("upsertSalesChannels", {"code": "n", "stock": "default"}),
        ("upsertProducts", {"sku": "n"}),
        ("setSourceItems", {**item, "quantity": 1}),
        ("removeSourceItems", item),
    ):
        assert await refused(store, call, [row, row]) == [("DUPLICATE_ROW", f"{TYPES[call][0]}.1")]
    twice = [{"source": "default", "priority": priority} for priority in (1, 2)]
    assert await refused(store, "upsertStocks", [{"code": "n", "sources": twice}]) == [
        ("DUPLICATE_ROW", "stocks.0.sources.1")
    ]
    assert await refused_rules(store, (TENT, ALLOW), (TENT, {"minSaleQty": 1, **ALLOW})) == [
        ("DUPLICATE_CHANGE", "changes.1.settings.backorders")
    ]
    assert await refused_rules(store, (TENT, {"minSaleQty": None}), (TENT, {"minSaleQty": 3})) == [
        ("DUPLICATE_CHANGE", "changes.1.settings.minSaleQty")
    ]


async def test_a_call_takes_5000_rows_at_most(store: Api) -> None:
    codes = [f"n-{number}" for number in range(5_001)]
    for call, rows in (
        ("upsertSources", [{"code": code} for code in codes]),
        ("upsertStocks", [{"code": code} for code in codes]),
        ("upsertStocks", [{"code": "n", "sources": [{"source": code, "priority": 1} for code in codes[:5_000]]}]),
        ("upsertSalesChannels", [{"code": code, "stock": "default"} for code in codes]),
        ("upsertProducts", [{"sku": code} for code in codes]),
        ("setSourceItems", [{"source": "default", "sku": code} for code in codes]),
        ("removeSourceItems", [{"source": "default", "sku": code} for code in codes]),
    ):
        assert await refused(store, call, rows) == [("TOO_MANY", TYPES[call][0])]
    scopes = [{"type": "PRODUCT", "sku": code} for code in codes]
    assert await refused_rules(store, *((scope, ALLOW) for scope in scopes)) == [("TOO_MANY", "changes")]
    three = {**ALLOW, "minSaleQty": 1, "maxSaleQty": 2}
    assert await refused_rules(store, *((scope, three) for scope in scopes[:1_667])) == [("TOO_MANY", "changes")]


async def test_a_scope_names_what_its_type_says_and_nothing_else(store: Api) -> None:
    for type_, named in (("GLOBAL", ""), ("SOURCE", "source"), ("PRODUCT", "sku"), ("PRODUCT_SOURCE", "source sku")):
        lawful = {"type": type_, "source": "default", "sku": "TENT"}
        for name in ("source", "sku"):
            scope = {key: value for key, value in lawful.items() if key in named.split() or key == "type"}
            wrong = {**scope, name: None if name in scope else lawful[name]}
            expected = [("INVALID_SCOPE", f"changes.0.scope.{name}")]
            assert await refused_rules(store, (wrong, {"notifyForQuantityBelow": 3})) == expected, wrong
    for scope in ({"type": "DEFAULT"}, {"type": "DEFAULT", "source": "default"}):
        assert await refused_rules(store, (scope, ALLOW)) == [("DEFAULT_CANNOT_CHANGE", "changes.0.scope.type")]


async def test_a_setting_is_set_only_where_it_may_stand_and_within_its_bounds(store: Api) -> None:
    source, at_source = {"type": "SOURCE", "source": "default"}, {"type": "PRODUCT_SOURCE", "source": "default"}
    for scope, settings, code in (
        (source, {"manageStock": True}, "SETTING_NOT_ALLOWED_AT_SCOPE"),
        (source, {"maxSaleQty": None}, "SETTING_NOT_ALLOWED_AT_SCOPE"),
        ({**at_source, "sku": "TENT"}, {"onlyXLeftThreshold": 5}, "SETTING_NOT_ALLOWED_AT_SCOPE"),
        (GLOBAL, {"qtyUsesDecimals": True}, "SETTING_NOT_ALLOWED_AT_SCOPE"),
        (GLOBAL, {"notifyForQuantityBelow": -0.0001}, "OUT_OF_BOUNDS"),
        (TENT, {"onlyXLeftThreshold": -1}, "OUT_OF_BOUNDS"),
        (TENT, {"minSaleQty": 0}, "OUT_OF_BOUNDS"),
        (TENT, {"maxSaleQty": 0}, "OUT_OF_BOUNDS"),
        (GLOBAL, {"qtyIncrements": -2.5}, "OUT_OF_BOUNDS"),
    ):
        (field,) = settings
        expected = [(code, f"changes.1.settings.{field}")]
        assert await refused_rules(store, (TENT, {"backorders": None}), (scope, settings)) == expected, settings


async def test_a_change_without_scopes_or_settings_is_empty(store: Api) -> None:
    assert await refused_rules(store) == [("EMPTY_CHANGE", "changes")]
    assert await refused_rules(store, (GLOBAL, ALLOW), (TENT, {})) == [("EMPTY_CHANGE", "changes.1.settings")]


async def test_a_window_ends_after_its_start_and_in_the_future(store: Api) -> None:
    for start, end in (("2090-01-02", "2090-01-02"), ("2090-01-02", "2090-01-01"), (None, "2020-01-01")):
        window = {"activeUntil": f"{end}T00:00:00Z"} | ({"activeFrom": f"{start}T00:00:00Z"} if start else {})
        assert await refused_rules(store, (GLOBAL, ALLOW), **window) == [("INVALID_WINDOW", "activeUntil")]


async def test_a_revision_that_is_stale_or_has_never_been_is_refused(store: Api) -> None:
    for expected, code in ((0, "STALE_REVISION"), (2, "INVALID_REVISION"), (-1, "INVALID_REVISION")):
        found = await refused_rules(store, (TENT, ALLOW), (GLOBAL, ALLOW), expectedRevision=expected)
        assert found == [(code, "expectedRevision")]


async def test_everything_that_is_wrong_is_told_at_once(store: Api) -> None:
    rows = [{"code": "", "name": ""}, {"code": "n"}, {"code": "n", "stock": LONG}]
    assert await refused(store, "upsertSalesChannels", rows) == [
        ("DUPLICATE_ROW", "salesChannels.2"),
        ("INVALID_CODE", "salesChannels.0.code"),
        ("INVALID_TEXT", "salesChannels.0.name"),
        ("INVALID_CODE", "salesChannels.2.stock"),
    ]
    assert await refused_rules(store, ({"type": "DEFAULT"}, {}), (GLOBAL, {"minSaleQty": 0}), reason="") == [
        ("INVALID_TEXT", "reason"),
        ("DEFAULT_CANNOT_CHANGE", "changes.0.scope.type"),
        ("EMPTY_CHANGE", "changes.0.settings"),
        ("OUT_OF_BOUNDS", "changes.1.settings.minSaleQty"),
    ]
