"""Who may see and do what: nobody in particular (a shopper), somebody with a wrong token, the admin."""

from typing import Any

import pytest
from graphql import GraphQLObjectType, build_schema

from schema.build import sdl
from tests.client import ADMIN_TOKEN, AS_ADMIN, Api
from tests.order_fields import ORDERS_MUTATIONS, ORDERS_QUERIES

# Everything that the API has is in one of these; a new field is put into one before it is offered.
OPEN_QUERIES = {
    "product": 'product(sku: "TENT") { sku }',
    "productsBySku": 'productsBySku(skus: ["TENT"]) { sku }',
    "products": "products { totalCount nodes { sku } }",
    "salability": 'salability(items: [{ sku: "TENT", quantity: 1 }]) { isSalable }',
}
ADMIN_QUERIES = {
    "settingDefinitions": "settingDefinitions { key }",
    "scopeSettings": "scopeSettings(scope: { type: GLOBAL }) { revision }",
    "scopeRules": "scopeRules { totalCount }",
    "sources": "sources { totalCount }",
    "sourceItems": "sourceItems { totalCount }",
    "stocks": "stocks { totalCount }",
    "salesChannels": "salesChannels { totalCount }",
    "changeSets": "changeSets { totalCount }",
    "changeSet": "changeSet(revision: 1) { revision changesPage { totalCount } }",
    "previewScopeRules": "previewScopeRules("
    "input: { changes: [{ scope: { type: GLOBAL }, settings: { manageStock: false } }] }) { affectedCount }",
    "lowStock": "lowStock { totalCount }",
    "notificationRecipients": "notificationRecipients { emails }",
    "webhookEndpoints": "webhookEndpoints { totalCount }",
    "deliveries": "deliveries { totalCount }",
}
ADMIN_MUTATIONS = {
    "revertChangeSet": "revertChangeSet(revision: 1) { changeSet { revision } }",
    "setScopeRules": "setScopeRules(input: { changes: [{ scope: { type: GLOBAL }, settings: { manageStock: false } }] })"
    " { changeSet { revision } }",
    "upsertSources": 'upsertSources(sources: [{ code: "new" }]) { sources { code } }',
    "upsertStocks": 'upsertStocks(stocks: [{ code: "new" }]) { stocks { code } }',
    "upsertSalesChannels": 'upsertSalesChannels(salesChannels: [{ code: "new", stock: "default" }])'
    " { salesChannels { code } }",
    "upsertProducts": 'upsertProducts(products: [{ sku: "NEW" }]) { count }',
    "setSourceItems": 'setSourceItems(items: [{ source: "default", sku: "TENT", quantity: 0 }]) { count }',
    "removeSourceItems": 'removeSourceItems(items: [{ source: "default", sku: "TENT" }]) { count }',
    "setNotificationRecipients": 'setNotificationRecipients(recipients: [{ emails: ["ann@example.com"] }])'
    " { recipients { emails } }",
    "upsertWebhookEndpoints": 'upsertWebhookEndpoints(endpoints: [{ code: "erp", url: "https://hooks.example/" }])'
    " { endpoints { code } secrets { secret } }",
    "testWebhookEndpoint": 'testWebhookEndpoint(code: "none") { delivered userErrors { code } }',
    "removeWebhookEndpoints": 'removeWebhookEndpoints(codes: ["erp"]) { count }',
    "retryDelivery": 'retryDelivery(id: "1") { delivery { id } userErrors { code } }',
    "dismissDeliveries": 'dismissDeliveries(input: { ids: ["1"] }) { count userErrors { code } }',
}
OPEN_FIELDS = {
    "sku": "sku",
    "name": "name",
    "salesChannel": "salesChannel",
    "salableQty": "salableQty",
    "stockStatus": "stockStatus",
    "availability": "availability",
    "onlyXLeftInStock": "onlyXLeftInStock",
    "salability": "salability(quantity: 30) { isSalable backorderedQty maxSalableQty notice errors { code message } }",
}
OPEN_CONFIG = {
    "backorders": "backorders",
    "outOfStockThreshold": "outOfStockThreshold",
    "backorderLimit": "backorderLimit { kind quantity }",
    "onlyXLeftThreshold": "onlyXLeftThreshold",
    "manageStock": "manageStock",
}
ADMIN_FIELDS = {
    "salableQtyTerms": "salableQtyTerms { kind quantity source rule { id } }",
    "sourceItems": "sourceItems { quantity source { code } }",
}
ADMIN_CONFIG = {
    "settings": "settings { setting rule { id } overridden { id } }",
    "sources": "sources { source counts backorders { value } }",
}
OPEN_PRODUCT = f"{' '.join(OPEN_FIELDS.values())} effectiveBackorderConfig {{ {' '.join(OPEN_CONFIG.values())} }}"
WHOLE_PRODUCT = (
    f"{' '.join((OPEN_FIELDS | ADMIN_FIELDS).values())}"
    f" effectiveBackorderConfig {{ {' '.join((OPEN_CONFIG | ADMIN_CONFIG).values())} }}"
)
STATE = """{
    products { totalCount } sources { totalCount } stocks { totalCount } salesChannels { totalCount }
    sourceItems { totalCount nodes { sku quantity } } scopeRules { totalCount }
    scopeSettings(scope: { type: GLOBAL }) { revision }
    notificationRecipients { emails } webhookEndpoints { totalCount }
}"""
SHOPPER: dict[str, str] = {}
STRANGERS = [
    {"Authorization": "Bearer wrong"},
    {"Authorization": f"Bearer {ADMIN_TOKEN}x"},
    {"Authorization": f"Basic {ADMIN_TOKEN}"},
    {"Authorization": ADMIN_TOKEN},
    {"Authorization": "Bearer "},
    {"Authorization": ""},
]
REFUSED = [(SHOPPER, "FORBIDDEN"), *((stranger, "UNAUTHENTICATED") for stranger in STRANGERS)]


@pytest.fixture
async def tent(api: Api) -> Api:
    """An API with one product, which rules of its own keep selling below zero."""
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "TENT"}])
    item = {"source": "default", "sku": "TENT", "quantity": 25}
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", [item])
    settings = {"backorders": "ALLOW_AND_NOTIFY", "outOfStockThreshold": -50}
    change = {"scope": {"type": "PRODUCT", "sku": "TENT"}, "settings": settings}
    await api.change("setScopeRules", "input", "SetScopeRulesInput!", {"changes": [change]})
    return api


async def answer(api: Api, query: str, headers: dict[str, str]) -> dict[str, Any]:
    """The whole answer to somebody with these headers; a refusal is no failure of HTTP."""
    response = await api.http.post("/graphql", json={"query": query}, headers=headers)
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def refusals(found: dict[str, Any]) -> list[tuple[str, str]]:
    """The path and the code of each error."""
    return [(".".join(map(str, each["path"])), each["extensions"]["code"]) for each in found.get("errors", [])]


def test_every_field_that_the_api_has_is_open_for_the_role_orders_or_for_the_admin() -> None:
    schema = build_schema(sdl())

    def fields_of(name: str) -> set[str]:
        type_ = schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        return set(type_.fields)

    assert fields_of("Query") == {*OPEN_QUERIES, *ORDERS_QUERIES, *ADMIN_QUERIES, "viewer"}
    assert fields_of("Mutation") == set(ORDERS_MUTATIONS | ADMIN_MUTATIONS)
    assert fields_of("Subscription") == {"stockChanged"}  # open, as products are; see test_subscription.py
    assert fields_of("Product") == {*OPEN_FIELDS, *ADMIN_FIELDS, "effectiveBackorderConfig"}
    assert fields_of("EffectiveBackorderConfig") == {*OPEN_CONFIG, *ADMIN_CONFIG}


async def test_everybody_may_ask_what_can_be_bought(tent: Api) -> None:
    query = f"{{ {' '.join(OPEN_QUERIES.values())} }}"
    expected = await answer(tent, query, AS_ADMIN)

    assert refusals(expected) == []
    for headers in (SHOPPER, *STRANGERS):
        assert await answer(tent, query, headers) == expected, headers


async def test_everybody_sees_the_open_fields_of_a_product_as_the_admin_does(tent: Api) -> None:
    query = f'{{ product(sku: "TENT") {{ {OPEN_PRODUCT} }} }}'
    expected = await answer(tent, query, AS_ADMIN)

    assert expected["data"]["product"]["salableQty"] == 75
    for headers in (SHOPPER, *STRANGERS):
        assert await answer(tent, query, headers) == expected, headers


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ('product(sku: "TENT")', "product"),
        ('productsBySku(skus: ["TENT"])', "productsBySku.0"),
        ("products { nodes", "products.nodes.0"),
        ("products { edges { node", "products.edges.0.node"),
    ],
)
async def test_what_belongs_to_the_admin_is_null_while_the_rest_of_the_product_answers(
    tent: Api, field: str, path: str
) -> None:
    def product_in(found: dict[str, Any]) -> dict[str, Any]:
        place: Any = found["data"]
        for part in path.split("."):
            place = place[int(part) if part.isdecimal() else part]
        assert isinstance(place, dict)
        return place

    query = f"{{ {field} {{ {WHOLE_PRODUCT} }} {'}' * field.count('{')} }}"
    whole = product_in(await answer(tent, query, AS_ADMIN))
    config = whole["effectiveBackorderConfig"]
    assert all(whole[name] for name in ADMIN_FIELDS)
    assert all(config[name] for name in ADMIN_CONFIG)

    shown = {**config, **dict.fromkeys(ADMIN_CONFIG)}
    expected = {**whole, **dict.fromkeys(ADMIN_FIELDS), "effectiveBackorderConfig": shown}
    paths = [f"{path}.{name}" for name in ADMIN_FIELDS]
    paths += [f"{path}.effectiveBackorderConfig.{name}" for name in ADMIN_CONFIG]
    for headers, code in REFUSED:
        found = await answer(tent, query, headers)
        assert product_in(found) == expected, headers
        assert sorted(refusals(found)) == sorted((each, code) for each in paths), headers


async def test_what_the_admin_asks_is_refused_to_everybody_else(tent: Api) -> None:
    for name, selection in ADMIN_QUERIES.items():
        query = f"{{ {selection} }}"
        found = await answer(tent, query, AS_ADMIN)
        assert refusals(found) == []
        assert found["data"][name] is not None
        for headers, code in REFUSED:
            found = await answer(tent, query, headers)
            assert refusals(found) == [(name, code)], (name, headers)
            assert not found["data"] or found["data"] == {name: None}, (name, headers)


async def test_a_refused_field_that_may_be_null_leaves_the_other_fields_alone(tent: Api) -> None:
    query = f"{{ {OPEN_QUERIES['product']} {ADMIN_QUERIES['scopeSettings']} {OPEN_QUERIES['salability']} }}"

    for headers, code in REFUSED:
        found = await answer(tent, query, headers)
        assert refusals(found) == [("scopeSettings", code)]
        assert found["data"] == {
            "product": {"sku": "TENT"},
            "scopeSettings": None,
            "salability": [{"isSalable": True}],
        }


async def test_nobody_but_the_admin_writes(tent: Api) -> None:
    before = await tent.data(STATE)

    for name, selection in ADMIN_MUTATIONS.items():
        for headers, code in REFUSED:
            found = await answer(tent, f"mutation {{ {selection} }}", headers)
            assert refusals(found) == [(name, code)], (name, headers)
            assert found["data"] is None, (name, headers)
    assert await tent.data(STATE) == before

    for name, selection in ADMIN_MUTATIONS.items():
        found = await answer(tent, f"mutation {{ {selection} }}", AS_ADMIN)
        assert refusals(found) == [], name
        assert found["data"][name], name


async def test_a_refusal_tells_nothing_of_what_was_asked(tent: Api) -> None:
    wrong = 'mutation { removeSourceItems(items: [{ source: "nowhere", sku: "NOTHING" }]) { userErrors { code } } }'

    for headers, code in REFUSED:
        assert refusals(await answer(tent, wrong, headers)) == [("removeSourceItems", code)]
        for page in ("sources(first: 0)", 'scopeRules(after: "x")'):
            found = await answer(tent, f"{{ {page} {{ totalCount }} }}", headers)
            assert [each for _, each in refusals(found)] == [code]


async def test_the_scheme_of_the_token_is_written_in_any_case(tent: Api) -> None:
    for scheme in ("bearer", "BEARER", "Bearer"):
        found = await answer(tent, "{ sources { totalCount } }", {"Authorization": f"{scheme} {ADMIN_TOKEN}"})
        assert found == {"data": {"sources": {"totalCount": 1}}}


async def test_everybody_may_ask_who_they_are(api: Api) -> None:
    query = "{ viewer { name role } }"
    assert await answer(api, query, SHOPPER) == {"data": {"viewer": {"name": None, "role": "SHOPPER"}}}
    assert await answer(api, query, AS_ADMIN) == {"data": {"viewer": {"name": "admin", "role": "ADMIN"}}}
    for stranger in STRANGERS:
        assert refusals(await answer(api, query, stranger)) == [("viewer", "UNAUTHENTICATED")]
