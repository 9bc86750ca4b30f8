"""Documents that would cost too much are refused with a code, in little time, and leave nothing behind."""

import asyncio
import json
import threading
from functools import partial
from typing import Any

import pytest
from graphql import GraphQLError, get_introspection_query

from schema.build import schema
from schema.context import Context, Role, Viewer
from schema.document import Documents, documents, read
from schema.reading import MOST_TOKENS, MOST_TOKENS_WITH_ROLE
from schema.worker import MOST_AT_ONCE, Worker, worker
from tests.client import Api

PATIENCE_SECONDS = 60

ADMIN = Viewer(Role.ADMIN, "admin")
BY_SKU = "productsBySku(skus: $skus) { sku }"


def aliased(count: int, field: str) -> str:
    """The same field so many times."""
    return " ".join(f"a{number}: {field}" for number in range(count))


DECLARED = {"n": "$n: Int", "m": "$m: Int = 250", "skus": "$skus: [String!]!"}
WIDE = "\u00e9"
TOO_LARGE = {
    "typenames": f"{{ products {{ nodes {{ {'__typename ' * 600} }} }} }}",
    "aliased typenames": f"{{ {aliased(31, '__typename')} }}",
    "aliased schemas": f"{{ {aliased(31, '__schema { queryType { name } }')} }}",
    "deep introspection": "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
    "deep without lists": f"{{ __schema {{ queryType {{ {'fields { type { ' * 4} name {'} } ' * 4} }} }} }}",
    "fragments of introspection": "{ __schema { types { ...f0 } } } "
    + " ".join(f"fragment f{n} on __Type {{ ...f{n + 1} ...f{n + 1} }}" for n in range(10))
    + " fragment f10 on __Type { name }",
    "an unused fragment": f"{{ products {{ totalCount }} }} fragment f on Product {{ {'sku ' * 600} }}",
    "one fragment in many operations": " ".join(f"query o{n} {{ ...F }}" for n in range(230))
    + f" fragment F on Query {{ {'__typename ' * 490} }}",
    "a chain of fragments in many operations": " ".join(f"query o{n} {{ ...F }}" for n in range(100))
    + f" fragment F on Query {{ {'...c0 ' * 100} }} "
    + " ".join(f"fragment c{n} on Query {{ ...c{n + 1} }}" for n in range(50))
    + " fragment c50 on Query { __typename }",
    "one field many times": f"{{ {'products { nodes { sku } } ' * 31} }}",
    "one field many times below another": f"{{ {'products { nodes { sku } nodes { sku } } ' * 16} }}",
    "one field many times by fragments": f"{{ {'...F ' * 31} }} fragment F on Query {{ __typename }}",
    "one field many times in a fragment": f"{{ __typename }} fragment F on Query {{ {'__typename ' * 31} }}",
    "a long text": f"{{ products {{ totalCount }} }} #{'x' * 2**16}",
    "a long text of wide characters": f"{{ products {{ totalCount }} }} #{WIDE * 2**15}",
}


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_everything_is_counted_in_a_document(api: Api, name: str) -> None:
    for admin in (False, True):
        assert await api.code(TOO_LARGE[name], admin=admin) == "GRAPHQL_VALIDATION_FAILED"


async def test_one_field_may_stand_30_times_at_one_place(api: Api) -> None:
    text = f"{{ {'...F ' * 15} {'__typename ' * 15} }} fragment F on Query {{ __typename }}"
    assert await api.data(text) == {"__typename": "Query"}


async def test_a_document_has_2000_tokens_without_a_role_and_10000_with_one(api: Api) -> None:
    def document(tokens: int) -> str:
        skus = ", ".join(['"A"'] * (tokens - 16))  # commas are none
        return f"{{ products(filter: {{ skus: [{skus}] }}) {{ totalCount }} }}"

    lawful, large = document(MOST_TOKENS), document(MOST_TOKENS + 1)
    assert documents_of(lawful).tokens == MOST_TOKENS
    assert await api.code(lawful, admin=False) == "TOO_MANY"  # read, and refused by the list
    assert await api.code(large, admin=True) == "TOO_MANY"  # it may be kept from then on
    assert await api.code(large, admin=False) == "GRAPHQL_PARSE_FAILED"
    assert await api.code(document(MOST_TOKENS_WITH_ROLE + 1), admin=True) == "GRAPHQL_PARSE_FAILED"


def documents_of(text: str) -> Any:
    """The document of a text, read here."""
    return read(schema._schema, text, MOST_TOKENS_WITH_ROLE)


async def test_tools_can_introspect_without_a_role(api: Api) -> None:
    for options in ({}, {"descriptions": False}, {"input_value_deprecation": True, "specified_by_url": True}):
        found = await api.data(get_introspection_query(**options), admin=False)
        assert len(found["__schema"]["types"]) > 100


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (f"query ($skus: [String!]!) {{ {aliased(30, BY_SKU)} }}", {"skus": ["A"] * 500}),
        (f"query ($skus: [String!]!) {{ {aliased(2, BY_SKU)} }}", {"skus": ["A"] * 4_000}),
        ("query ($skus: [String!]) { products(filter: { skus: $skus }) { totalCount } }", {"skus": ["A"] * 6_000}),
        ("query ($skus: [String!]) { products(filter: { skus: $skus }) { totalCount } }", {"skus": [["A"] * 6_000]}),
        ("{ products { totalCount } }", {"unused": [{}] * 6_000}),
    ],
)
async def test_lists_are_counted_in_the_json_as_often_as_they_are_used(
    api: Api, document: str, variables: dict[str, Any]
) -> None:
    assert await api.code(document, variables, admin=False) == "TOO_MANY"


@pytest.mark.parametrize(
    ("selected", "variables"),
    [
        (aliased(30, "products(first: 250) { nodes { sku } }"), {}),
        (aliased(20, "products(first: 250) { edges { node { sku } } }"), {}),
        (aliased(30, "products(first: $n) { nodes { sku } }"), {"n": 250}),
        (aliased(30, "products(first: $m) { nodes { sku } }"), {}),
        (aliased(9, "productsBySku(skus: $skus) { sku name salableQty }"), {"skus": ["A"] * 500}),
        (aliased(25, "__schema { types { fields { args { type { name } } type { name } } } }"), {}),
    ],
)
async def test_a_shopper_is_told_what_costs_too_much(api: Api, selected: str, variables: dict[str, Any]) -> None:
    used = [each for name, each in DECLARED.items() if f"${name}" in selected]
    document = f"query ({', '.join(used)}) {{ {selected} }}" if used else f"{{ {selected} }}"
    answer = await api.ask(document, variables, admin=False)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["TOO_COSTLY"]
    assert "data" not in answer


async def test_a_page_of_null_costs_as_much_as_it_answers(api: Api) -> None:
    pages = aliased(25, f"products(first: $n) {{ nodes {{ {'sku ' * 15} }} }}")
    document = f"query ($n: Int = 1) {{ {pages} }}"
    assert await api.code(document, {"n": 50}, admin=False) == "TOO_COSTLY"
    assert await api.code(document, {"n": None}, admin=False) == "TOO_COSTLY"
    assert (await api.data(document, {}, admin=False))["a0"] == {"nodes": []}


@pytest.mark.parametrize("given", [10**350, -(10**350), True, "A", {"a": 1}, None], ids=lambda given: str(given)[:5])
async def test_what_is_no_list_has_no_length(api: Api, given: Any) -> None:
    document = "query ($skus: [String!]!) { productsBySku(skus: $skus) { sku } }"
    body = json.dumps({"query": document, "variables": {"skus": given}})  # with numbers of any length
    answer = await api.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    codes = [error["extensions"]["code"] for error in answer.json().get("errors", [])]
    assert codes == ([] if given == "A" else ["BAD_USER_INPUT"])


async def test_errors_are_few_and_short(api: Api) -> None:
    long = "x" * 10_000
    unknown = ", ".join(f"stockStatu{number}: 1" for number in range(450))
    rows = [{"sku": "A", **{f"nam{number}": number for number in range(2_000)}}]
    for document, variables in (
        (f'{{ products(filter: {{ stockStatus: "{long}" }}) {{ totalCount }} }}', {}),
        (f"{{ products(filter: {{ {unknown} }}) {{ totalCount }} }}", {}),
        (f"{{ {' '.join(f'product{number}' for number in range(400))} }}", {}),
        ("query ($v: ProductFilter) { products(filter: $v) { totalCount } }", {"v": {"stockStatus": long}}),
        ("mutation ($v: [ProductInput!]!) { upsertProducts(products: $v) { count } }", {"v": rows}),
        ("mutation ($v: [ProductInput!]!) { upsertProducts(products: $v) { count } }", {"v": [{"sku": 1}] * 5_000}),
        (f"query {long} {{ products {{ totalCount }} }} query b {{ products {{ totalCoun }} }}", {}),
    ):
        errors = (await api.ask(document, variables))["errors"]
        assert 1 <= len(errors) <= 10
        assert all(len(error["message"]) <= 500 and len(error.get("locations", [])) <= 10 for error in errors)


async def test_errors_of_many_rows_are_few(api: Api) -> None:
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": f"SKU-{n}"} for n in range(50)])
    answer = await api.ask("{ products { nodes { sku salableQtyTerms { kind } } } }", admin=False)
    assert len(answer["errors"]) == 10
    assert [node["salableQtyTerms"] for node in answer["data"]["products"]["nodes"]] == [None] * 50


async def test_what_was_refused_is_not_kept_and_what_is_kept_is_bounded_in_bytes(api: Api) -> None:
    before = documents.bytes
    for number in range(20):
        for document in (f"{{ a{number}: nothing }}", f"{{ a{number}: products {{", f"{{ a{number}: products }}"):
            await api.ask(document)
    assert documents.bytes == before

    kept = Documents(most_bytes=100_000)
    texts = [f"{{ a{number}: products {{ nodes {{ sku name }} }} }}" for number in range(50)]
    for text in texts:
        first = await kept.read(schema._schema, text, MOST_TOKENS)
        assert 0 < kept.bytes <= 100_000
        assert await kept.read(schema._schema, text, MOST_TOKENS) is first
    skus = '"A" ' * 200
    await kept.read(schema._schema, f"{{ products(filter: {{ skus: [{skus}] }}) {{ totalCount }} }}", MOST_TOKENS)
    assert kept.bytes <= 100_000


async def test_the_lists_of_one_request_share_what_may_be_looked_at(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": f"SKU-{n}"} for n in range(50)])
    monkeypatch.setattr("resolvers.availability.product_list.SCAN_BATCH", 5)
    monkeypatch.setattr("resolvers.availability.product_list.SCAN_BUDGET", 20)
    page = "products(filter: { availability: [] }) { nodes { sku } pageInfo { hasNextPage endCursor } }"
    answer = await api.ask(f"{{ {aliased(6, page)} }}", admin=False)
    read = [found for found in answer["data"].values() if found] if answer["data"] else []
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"TOO_COSTLY"}
    assert read == []
    answer = await api.data(f"{{ {aliased(2, page)} }}", admin=False)
    assert all(found["pageInfo"]["hasNextPage"] and found["pageInfo"]["endCursor"] for found in answer.values())


async def test_long_lists_and_new_documents_wait_for_a_thread_and_others_do_not(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = "mutation ($v: [SourceItemInput!]!) { setSourceItems(items: $v) { userErrors { code } } }"

    def ask(rows: int, text: str = call) -> "asyncio.Future[Any]":
        values = [{"source": "default", "sku": f"SKU-{number}", "quantity": 1.5} for number in range(rows)]
        return asyncio.ensure_future(schema.execute(text, {"v": values}, Context(ADMIN)))

    await ask(1)  # the document is kept from here on
    gate = threading.Event()
    monkeypatch.setattr(worker, "_patience", PATIENCE_SECONDS)
    held = [asyncio.ensure_future(worker.run(gate.wait)) for _ in range(MOST_AT_ONCE)]
    try:
        await asyncio.sleep(0)
        long, new = ask(501), ask(1, call.replace("code", "code message"))
        for _ in range(3):
            assert (await ask(1)).errors is None
        assert (long.done(), new.done()) == (False, False)
    finally:
        gate.set()
    for result in await asyncio.gather(long, new):
        assert result.errors is None
    await asyncio.gather(*held)


async def test_a_worker_has_a_bounded_queue_and_a_caller_who_leaves_takes_back_what_has_not_begun() -> None:
    small, gate, ran = Worker(at_once=1, waiting=2), threading.Event(), list[int]()
    running = asyncio.ensure_future(small.run(gate.wait))
    leaving, staying = (asyncio.ensure_future(small.run(partial(ran.append, number))) for number in (1, 2))
    await asyncio.sleep(0)
    with pytest.raises(GraphQLError, match="too busy") as refused:
        await small.run(lambda: None)
    assert refused.value.extensions == {"code": "TIMEOUT"}
    leaving.cancel()
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(running, staying)
    assert ran == [2]
    assert await small.run(lambda: 7) == 7
