"""What a list leaves out tells as much as a field: filters by what only an admin may see are the admin's."""

from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, build_schema

from resolvers.tokens import TokenRole, create_token
from schema.build import sdl
from tests.client import AS_ADMIN, Api
from tests.schema.test_permissions import OPEN_QUERIES, REFUSED, answer, refusals
from tests.worlds import stock_up

# Every argument of what shoppers ask is in one of these; a new one is put into one before it is offered.
OPEN_ARGUMENTS = {
    "product": {"sku", "salesChannel"},
    "productsBySku": {"skus", "salesChannel"},
    "products": {"filter", "first", "after", "salesChannel"},
    "salability": {"items", "salesChannel"},
}
ADMIN_ARGUMENTS = {"product": {"asOf"}, "productsBySku": {"asOf"}, "products": {"asOf"}}
OPEN_FILTERS = [
    'skus: ["TENT"]',
    'search: "T"',
    "stockStatus: IN_STOCK",
    "availability: [IN_STOCK]",
    "assigned: true",
    "assigned: null",
    "source: null",
]
ADMIN_FILTERS = ['source: "north"', 'source: "nowhere"', 'source: ""', "assigned: false"]
SELECTIONS = ["nodes { sku }", "totalCount", "pageInfo { hasNextPage }", "edges { cursor }"]


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT lies at north and at the default source, LAMP at north, which no stock draws on."""
    await stock_up({"TENT": {"default": 1}})
    await api.change("upsertSources", "sources", "[SourceInput!]!", [{"code": "north"}])
    await api.change("upsertProducts", "products", "[ProductInput!]!", [{"sku": "LAMP"}])
    items = [{"source": "north", "sku": sku, "quantity": 1} for sku in ("TENT", "LAMP")]
    await api.change("setSourceItems", "items", "[SourceItemInput!]!", items)
    return api


def test_every_argument_and_filter_of_what_shoppers_ask_is_open_or_the_admins() -> None:
    schema = build_schema(sdl())
    query = schema.query_type
    assert isinstance(query, GraphQLObjectType)
    assert set(OPEN_ARGUMENTS) == set(OPEN_QUERIES)
    for name, open_ in OPEN_ARGUMENTS.items():
        assert set(query.fields[name].args) == open_ | ADMIN_ARGUMENTS.get(name, set()), name
    filter_ = schema.type_map["ProductFilter"]
    assert isinstance(filter_, GraphQLInputObjectType)
    assert set(filter_.fields) == {each.partition(":")[0] for each in OPEN_FILTERS + ADMIN_FILTERS}


@pytest.mark.parametrize("filter_", OPEN_FILTERS)
async def test_filters_by_what_everybody_sees_are_everybodys(store: Api, filter_: str) -> None:
    query = f"{{ products(filter: {{ {filter_} }}) {{ nodes {{ sku }} }} }}"
    expected = await answer(store, query, AS_ADMIN)
    assert refusals(expected) == []
    for headers, _ in REFUSED:
        assert await answer(store, query, headers) == expected


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("filter_", ADMIN_FILTERS)
async def test_a_filter_that_tells_what_lies_where_is_the_admins(store: Api, filter_: str, selection: str) -> None:
    query = f"{{ products(filter: {{ {filter_} }}) {{ {selection} }} }}"
    assert refusals(await answer(store, query, AS_ADMIN)) == []
    orders = {"Authorization": f"Bearer {await create_token('checkout', TokenRole.ORDERS)}"}
    for headers, code in [*REFUSED, (orders, "FORBIDDEN")]:
        found = await answer(store, query, headers)
        assert (found["data"], refusals(found)) == (None, [("products", code)]), headers


@pytest.mark.parametrize(
    "filter_",
    [
        {"source": "north", "stockStatus": "OUT_OF_STOCK"},
        {"assigned": True, "source": "north"},
        {"assigned": False, "skus": ["LAMP"]},
        {"assigned": False, "search": "LAMP"},
    ],
)
async def test_it_is_refused_beside_other_filters_by_variable_and_whatever_else_is_wrong(
    store: Api, filter_: dict[str, Any]
) -> None:
    for arguments in ("", ", first: 0", ', after: "x"', ', salesChannel: "nowhere"'):
        query = f"query ($filter: ProductFilter) {{ products(filter: $filter{arguments}) {{ nodes {{ sku }} }} }}"
        assert await store.code(query, {"filter": filter_}, admin=False) == "FORBIDDEN"
    query = "query Q($source: String) { products(filter: { source: $source }) { nodes { sku } } }"
    assert await store.code(query, {"source": "north"}, admin=False) == "FORBIDDEN"
    params = {"query": query, "variables": '{"source": "north"}'}
    by_get = (await store.http.get("/graphql", params=params)).json()
    assert [error["extensions"]["code"] for error in by_get["errors"]] == ["FORBIDDEN"]
