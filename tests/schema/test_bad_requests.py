"""Requests that are refused before anything is asked: a code each, at once, and nothing is written."""

import json
from time import perf_counter
from typing import Any

import pytest

from tests.client import AS_ADMIN, Api

STATE = """{ products { totalCount } sources { totalCount } sourceItems { totalCount nodes { quantity } }
    scopeRules { totalCount } scopeSettings(scope: { type: GLOBAL }) { revision } }"""
NO_SETTINGS = [
    "null",
    '{"backorders": "MAYBE"}',
    '{"backorders": true}',
    '{"manageStock": "false"}',
    '{"manageStock": 0}',
]


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT lies at the default source."""
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "TENT"}])
    item = {"source": "default", "sku": "TENT", "quantity": 25}
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", [item])
    return api


async def send(api: Api, body: str | bytes) -> dict[str, Any]:
    """The answer to a body that may be anything; the server is well, and says so within seconds."""
    began = perf_counter()
    response = await api.http.post("/graphql", content=body, headers={"Content-Type": "application/json", **AS_ADMIN})
    assert perf_counter() - began < 5
    assert response.status_code < 500
    answer: dict[str, Any] = response.json()
    return answer


async def ask(api: Api, query: str, variables: str = "null") -> dict[str, Any]:
    """The answer to a request whose variables are this very JSON."""
    return await send(api, f'{{"query": {json.dumps(query)}, "variables": {variables}}}')


def codes(answer: dict[str, Any]) -> set[str | None]:
    """The codes of the errors; None stands for an error without one."""
    assert all(value is None for value in (answer.get("data") or {}).values()), answer
    return {error.get("extensions", {}).get("code") for error in answer["errors"]}


async def test_variables_that_do_not_fit_their_types_are_refused(store: Api) -> None:
    before = await store.data(STATE)
    product = "mutation ($v: [ProductInput!]!) { upsertProducts(products: $v) { count } }"
    rules = "mutation ($v: SetScopeRulesInput!) { setScopeRules(input: $v) { warnings { code } } }"
    sources = "mutation ($v: [SourceInput!]!) { upsertSources(sources: $v) { warnings { code } } }"
    for query, values in (
        (
            product,
            ["null", "{}", "5", '["N"]', "[null]", "[{}]", '[{"sku": null}]', '[{"sku": 5}]', '[{"sku": "N", "n": 1}]'],
        ),
        (
            sources,
            ['[{"code": "N", "enabled": "true"}]', '[{"code": "N", "enabled": 1}]', '[{"code": "N", "\\ud800": 1}]'],
        ),
        (rules, ["{}", '{"changes": null}', '{"changes": [{"scope": {"type": "STOCK"}, "settings": {}}]}']),
        (rules, [f'{{"changes": [{{"scope": {{"type": "GLOBAL"}}, "settings": {text}}}]}}' for text in NO_SETTINGS]),
    ):
        for value in values:
            assert codes(await ask(store, query, f'{{"v": {value}}}')) == {"BAD_USER_INPUT"}, value
        assert codes(await ask(store, query, "{}")) == {"BAD_USER_INPUT"}
        assert codes(await ask(store, query)) == {"BAD_USER_INPUT"}
    assert await store.data(STATE) == before


async def test_a_document_that_cannot_be_read_is_refused(api: Api) -> None:
    for document in (
        "{",
        "products",
        "{ products { totalCount } } }",
        "# nothing",
        "{ products\0 { totalCount } }",
        "{ products\ud800 { totalCount } }",
        '{ product(sku: "\ud800") { sku } }',
        '{ product(sku: "\\ud800") { sku } }',
        "#\ud800\n{ products { totalCount } }",
        "{ a" * 3_000 + "}" * 3_000,
        f"{{ products(filter: {{ skus: {'[' * 3_000 + ']' * 3_000} }}) {{ totalCount }} }}",
        f"query ($v: {'[' * 3_000}Int{']' * 3_000}) {{ products {{ totalCount }} }}",
        "{ products { nodes { " + "sku " * 11_000 + "} } }",
    ):
        assert codes(await ask(api, document)) == {"GRAPHQL_PARSE_FAILED"}, document[:40]


async def test_a_document_that_does_not_fit_the_schema_is_refused(api: Api) -> None:
    chain = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(1_000))
    for document in (
        "{ nothing }",
        "{ products }",
        "{ products { totalCount { x } } }",
        "{ products(page: 1) { totalCount } }",
        "{ product { sku } }",
        "{ product(sku: 5) { sku } }",
        "{ products(filter: { stockStatus: MAYBE }) { totalCount } }",
        "query ($v: Nothing) { products { totalCount } }",
        "mutation { upsertProducts(products: [{ sku: null }]) { count } }",
        'mutation { upsertProducts(products: [{ name: "N" }]) { count } }',
        "{ upsertProducts(products: []) { count } }",
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
        f"{{ ...f0 }} {chain} fragment f1000 on Query {{ __typename }}",
    ):
        assert codes(await ask(api, document)) == {"GRAPHQL_VALIDATION_FAILED"}, document[:60]


async def test_a_document_that_asks_for_too_much_is_refused_at_once(api: Api) -> None:
    def doubling(on: str, inner: str, last: str) -> str:
        spread = inner.replace("@", "...f{n} ...f{n}")
        fragments = [f"fragment f{n} on {on} {{ {spread.replace('{n}', str(n + 1))} }}" for n in range(22)]
        return f"{' '.join(fragments)} fragment f22 on {on} {{ {last} }}"

    for document in (
        "{ ...f0 } " + doubling("Query", "@", "products { totalCount }"),
        "{ stocks { nodes { ...f0 } } } " + doubling("Stock", "salesChannels { stock { @ } }", "code"),
        f"{{ {' '.join(f'a{n}: products {{ totalCount }}' for n in range(31))} }}",
        f"{{ stocks {{ nodes {{ {'salesChannels { stock { ' * 6} code {'} } ' * 6} }} }} }}",
        f"{{ products {{ nodes {{ {'sku ' * 2_000} }} }} }}",
        f"{{ __schema {{ types {{ {'fields { type { ' * 12} name {'} } ' * 12} }} }} }}",
    ):
        assert codes(await ask(api, document)) == {"GRAPHQL_VALIDATION_FAILED"}, document[:60]


async def test_a_document_of_two_operations_needs_the_name_of_one(store: Api) -> None:
    document = 'mutation a { upsertProducts(products: [{ sku: "N" }]) { count } } query b { products { totalCount } }'
    before = await store.data(STATE)

    for name in ("null", '"c"', "5", '"\\ud800"'):
        answer = await send(store, f'{{"query": {json.dumps(document)}, "operationName": {name}}}')
        assert codes(answer) == {"BAD_USER_INPUT"}, name
    assert await store.data(STATE) == before


async def test_a_body_that_is_no_request_is_refused(api: Api) -> None:
    query = '"query": "{ products { totalCount } }"'
    deep = "[" * 3_000 + "]" * 3_000
    for body in (
        "",
        "{",
        "5",
        "null",
        '"a"',
        "[]",
        f"[{{{query}}}]",
        "{}",
        '{"query": 5}',
        deep,
        f'{{{query}, "variables": {deep}}}',
    ):
        assert codes(await send(api, body)) == {"BAD_USER_INPUT"}, body[:60]
    for body in (f'{{{query}, "variables": [1]}}', f'{{{query}, "variables": "a"}}', f'{{{query}, "extensions": 5}}'):
        assert codes(await send(api, body)) == {"BAD_USER_INPUT"}, body[:60]
    assert codes(await send(api, b'{"query": "\xff"}')) == {"BAD_USER_INPUT"}
