"""Arguments that a request is refused for, or that find nothing: quantities, numbers, instants, cursors, pages, texts."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from models.database import transaction
from models.sql import fetch
from tests.client import AS_ADMIN, Api

LONG = "x" * 10_000
DIGITS = "9" * 10_000
# What is no quantity, as it stands in JSON and in a document.
NO_QUANTITIES = ["1.00001", "0.00001", "1e-5", "1e30", "-1e30", "1e400", "100000000000", "-100000000000", DIGITS]
NO_QUANTITIES += [f"0.{DIGITS}", f"1e{DIGITS}", "NaN", "Infinity", "-Infinity", '"5"', '""', "true", "[5]", "{}"]
NO_TEXTS = ["A\0B", "\0", "A\ud800", "\udfffB", LONG, "x" * 100_000]
LISTS = ["products", "scopeRules", "sources", "sourceItems", "stocks", "salesChannels"]
STATE = """{ products { totalCount } sources { totalCount } sourceItems { totalCount nodes { quantity } }
    scopeRules { totalCount } scopeSettings(scope: { type: GLOBAL }) { revision } }"""
ITEM = '{ source: "default", sku: "TENT", quantity: 1 }'
LINK = '{ source: "default", priority: @ }'
GLOBAL_CHANGE = "{ scope: { type: GLOBAL }, settings: { outOfStockThreshold: @ } }"
# Every place where a quantity is asked for.
QUANTITIES = [
    ("query", 'salability(items: [{ sku: "TENT", quantity: @ }]) { isSalable }'),
    ("query", 'product(sku: "TENT") { salability(quantity: @) { isSalable } }'),
    ("mutation", f"setSourceItems(items: [{ITEM.replace('1', '@')}]) {{ count }}"),
    ("mutation", f"setSourceItems(items: [{ITEM.replace('1', '1, expectedQuantity: @')}]) {{ count }}"),
    ("mutation", f"setScopeRules(input: {{ changes: [{GLOBAL_CHANGE}] }}) {{ warnings {{ code }} }}"),
]


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT lies at the default source."""
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "TENT"}])
    item = {"source": "default", "sku": "TENT", "quantity": 25}
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", [item])
    return api


async def ask(api: Api, query: str, variables: str = "null") -> dict[str, Any]:
    """The answer to a request whose variables are this very JSON; whatever they are, the server is well."""
    body = f'{{"query": {json.dumps(query)}, "variables": {variables}}}'
    response = await api.http.post("/graphql", content=body, headers={"Content-Type": "application/json", **AS_ADMIN})
    assert response.status_code < 500
    answer: dict[str, Any] = response.json()
    return answer


def codes(answer: dict[str, Any]) -> set[str | None]:
    """The codes of the errors; None stands for an error without one."""
    assert all(value is None for value in (answer.get("data") or {}).values()), answer
    return {error.get("extensions", {}).get("code") for error in answer["errors"]}


async def test_what_is_no_quantity_is_refused_in_a_variable_and_in_the_document(store: Api) -> None:
    before = await store.data(STATE)
    for kind, call in QUANTITIES:
        for text in NO_QUANTITIES:
            answer = await ask(store, f"{kind} {{ {call.replace('@', text)} }}")
            expected = "GRAPHQL_PARSE_FAILED" if text == "-Infinity" else "BAD_USER_INPUT"
            assert codes(answer) == {expected}, (call, text[:20], answer)
            answer = await ask(store, f"{kind} ($q: Quantity!) {{ {call.replace('@', '$q')} }}", f'{{"q": {text}}}')
            assert codes(answer) == {"BAD_USER_INPUT"}, (call, text[:20], answer)
    assert await store.data(STATE) == before


async def test_what_is_no_whole_number_is_refused_in_a_variable_and_in_the_document(store: Api) -> None:
    before = await store.data(STATE)
    rule = GLOBAL_CHANGE.replace("@", "1")
    for kind, call in (
        ("query", "products(first: @) { totalCount }"),
        ("mutation", f'upsertStocks(stocks: [{{ code: "n", sources: [{LINK}] }}]) {{ warnings {{ code }} }}'),
        ("mutation", f"setScopeRules(input: {{ changes: [{rule}], expectedRevision: @ }}) {{ warnings {{ code }} }}"),
    ):
        for text in ("2147483648", "1e30", "1.5", DIGITS, '"5"', "true", "[]", "{}"):
            answer = await ask(store, f"{kind} {{ {call.replace('@', text)} }}")
            too_long = text == DIGITS  # refused before anybody knows what stands there
            assert codes(answer) == {"BAD_USER_INPUT" if too_long else "GRAPHQL_VALIDATION_FAILED"}, (call, text[:20])
            answer = await ask(store, f"{kind} ($n: Int!) {{ {call.replace('@', '$n')} }}", f'{{"n": {text}}}')
            assert codes(answer) == {"BAD_USER_INPUT"}, (call, text[:20], answer)
    assert await store.data(STATE) == before


async def test_what_is_no_instant_is_refused(api: Api) -> None:
    query = "query ($at: DateTime) { scopeRules(filter: { at: $at }) { totalCount } }"
    texts = ["", "now", "2030-01-01", "2030-01-01T00:00:00", "2030-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
    texts += [
        "9999-12-31T23:59:59-14:00",
        "2030-01-01\x0000:00:00Z",
        "2030-01-01\ud80000:00:00Z",
        "٢٠٣٠-01-01T00:00:00Z",
    ]
    for value in [*texts, LONG, 5, 2.5, True, [], {}]:
        assert codes(await ask(api, query, json.dumps({"at": value}))) == {"BAD_USER_INPUT"}, value
    assert codes(await ask(api, '{ scopeRules(filter: { at: "2030" }) { totalCount } }')) == {"BAD_USER_INPUT"}


async def test_a_page_has_1_to_250_rows(api: Api) -> None:
    for list_ in LISTS:
        query = f"query ($n: Int) {{ {list_}(first: $n) {{ nodes {{ __typename }} }} }}"
        for size in (0, -1, 251, 2**31 - 1):
            assert codes(await ask(api, query, f'{{"n": {size}}}')) == {"BAD_PAGE_SIZE"}, (list_, size)
        for lawful in ("1", "250", "null"):
            assert "errors" not in await ask(api, query, f'{{"n": {lawful}}}')


async def test_a_cursor_is_one_of_the_list_that_it_is_passed_to(api: Api) -> None:
    def cursor(key: bytes) -> str:
        return urlsafe_b64encode(key).decode().rstrip("=")

    texts = ["", "x", "nonsense", "é", "😀", "MQ==\0", *NO_TEXTS]
    keys = [
        b"[]",
        b"{}",
        b"null",
        b"1",
        b'"a"',
        b"[null]",
        b"[true]",
        b"[1.5]",
        b'["a", "b", "c"]',
        b"[[1]]",
        b"[-1e400]",
    ]
    keys += [b"[9223372036854775808]", b'["a\\u0000"]', b'["a\\ud800"]', b'["\xed\xa0\x80"]', b"[" * 3_000, b"\xff"]
    for list_ in LISTS:
        query = f"query ($after: String) {{ {list_}(after: $after) {{ nodes {{ __typename }} }} }}"
        of_other_lists = [b"[1]"] if list_ != "scopeRules" else [b'["a"]', b'["a", "b"]']
        of_other_lists += [b'["a"]'] if list_ == "sourceItems" else [b'["a", "b"]']
        for after in [*texts, *map(cursor, keys), *map(cursor, of_other_lists)]:
            answer = await ask(api, query, json.dumps({"after": after}))
            assert codes(answer) == {"BAD_CURSOR"}, (list_, after[:40])


async def test_an_unknown_sales_channel_is_refused(store: Api) -> None:
    for code in ("", "Default", "nowhere", "x" * 65, *NO_TEXTS):
        for field in (
            'product(sku: "TENT", salesChannel: $c) { sku }',
            'productsBySku(skus: ["TENT"], salesChannel: $c) { sku }',
            "products(salesChannel: $c) { totalCount }",
            "salability(items: [], salesChannel: $c) { sku }",
        ):
            answer = await ask(store, f"query ($c: String) {{ {field} }}", json.dumps({"c": code}))
            assert codes(answer) == {"UNKNOWN_SALES_CHANNEL"}, (field, code[:20])


async def test_at_most_500_skus_and_1000_lines_are_asked_about_at_once(store: Api) -> None:
    for field in ("productsBySku(skus: $skus) { sku }", "products(filter: { skus: $skus }) { totalCount }"):
        for count, expected in ((500, False), (501, True)):
            variables = json.dumps({"skus": [f"n-{number}" for number in range(count)]})
            answer = await ask(store, f"query ($skus: [String!]!) {{ {field} }}", variables)
            assert ("errors" in answer) is expected
            assert not expected or codes(answer) == {"TOO_MANY"}
    query = "query ($items: [SalabilityRequest!]!) { salability(items: $items) { sku } }"
    for lines, skus, expected in ((1_000, 500, False), (1_001, 1, True), (501, 501, True)):
        items = [{"sku": f"n-{number % skus}", "quantity": 1} for number in range(lines)]
        answer = await ask(store, query, json.dumps({"items": items}))
        assert ("errors" in answer) is expected
        assert not expected or codes(answer) == {"TOO_MANY"}


async def test_text_that_nothing_can_be_named_finds_nothing(store: Api) -> None:
    lists = ["products(filter: { search: $t })", "products(filter: { skus: [$t] })", "products(filter: { source: $t })"]
    lists += [
        "sources(filter: { search: $t })",
        "sourceItems(filter: { source: $t })",
        "sourceItems(filter: { sku: $t })",
    ]
    lists += ["scopeRules(filter: { source: $t })", "scopeRules(filter: { sku: $t })"]

    for text in NO_TEXTS:
        for list_ in lists:
            answer = await ask(store, f"query ($t: String!) {{ {list_} {{ totalCount }} }}", json.dumps({"t": text}))
            assert answer == {"data": {list_.split("(")[0]: {"totalCount": 0}}}, (list_, text[:20], answer)
        asked = (
            "product(sku: $t) { sku } productsBySku(skus: [$t]) { sku } salability(items: [{ sku: $t, quantity: 1.5 }])"
        )
        query = f"query ($t: String!) {{ {asked} {{ requestedQty errors {{ code }} }} }}"
        answer = await ask(store, query, json.dumps({"t": text}))
        line = {"requestedQty": 1.5, "errors": [{"code": "UNKNOWN_PRODUCT"}]}
        assert answer == {"data": {"product": None, "productsBySku": [None], "salability": [line]}}
    literal = '{ product(sku: "\0") { sku } products(filter: { search: "\\u0000" }) { totalCount } }'
    assert await ask(store, literal) == {"data": {"product": None, "products": {"totalCount": 0}}}


async def test_a_product_with_a_blank_for_its_sku_is_found_by_that_alone(store: Api) -> None:
    sql = "INSERT INTO product (sku, name, search) VALUES (' ', 'Blank', 'blank')"  # as an older version did
    await transaction(lambda client: fetch(client, sql))
    await store.change("setSourceItems", "items", "[SourceItemInput!]!", [{"source": "default", "sku": " "}])
    change = {"scope": {"type": "PRODUCT", "sku": " "}, "settings": {"minSaleQty": 2}}
    await store.change("setScopeRules", "input", "SetScopeRulesInput!", {"changes": [change]})
    items, rules = "sourceItems(filter: { sku: $t })", "scopeRules(filter: { sku: $t })"
    query = f"query ($t: String) {{ {items} {{ totalCount }} {rules} {{ totalCount }} }}"

    for text, count in ((" ", 1), ("", 0), ("  ", 0), ("\0", 0), ("x" * 65, 0)):
        answer = await ask(store, query, json.dumps({"t": text}))
        assert answer == {"data": {"sourceItems": {"totalCount": count}, "scopeRules": {"totalCount": count}}}, text


async def test_the_form_of_a_scope_that_cannot_be_is_refused(store: Api) -> None:
    query = "query ($scope: ScopeInput!) { scopeSettings(scope: $scope) { revision } }"
    for scope in (
        {"type": "DEFAULT"},
        {"type": "GLOBAL", "sku": "TENT"},
        {"type": "SOURCE"},
        {"type": "PRODUCT", "source": "default", "sku": "TENT"},
        {"type": "PRODUCT_SOURCE", "sku": "TENT"},
    ):
        assert codes(await ask(store, query, json.dumps({"scope": scope}))) == {"BAD_USER_INPUT"}, scope
    for text in ("nowhere", *NO_TEXTS):
        answer = await ask(store, query, json.dumps({"scope": {"type": "SOURCE", "source": text}}))
        assert answer["data"] == {"scopeSettings": None}
        assert not answer.get("errors") or codes(answer) == {"BAD_USER_INPUT"}
