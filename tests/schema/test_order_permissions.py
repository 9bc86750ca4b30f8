"""Who may see and do what about orders: the role orders and the admin, and nobody else."""

from typing import Any

import pytest

from resolvers.tokens import TokenRole, create_token, revoke_token
from tests.client import AS_ADMIN, Api
from tests.order_fields import ORDERS_MUTATIONS, ORDERS_QUERIES
from tests.order_rows import written
from tests.orders import line, place
from tests.schema.test_permissions import (
    ADMIN_MUTATIONS,
    ADMIN_QUERIES,
    OPEN_QUERIES,
    REFUSED,
    STATE,
    WHOLE_PRODUCT,
    answer,
    refusals,
)
from tests.worlds import stock_up

Headers = dict[str, str]


@pytest.fixture
async def shop(api: Api) -> Api:
    """Order 1001 has three open TENT, of 25 that lie at the default source."""
    await stock_up({"TENT": {"default": 25}})
    assert (await place(api, "1001", [line("TENT", 3)]))["userErrors"] == []
    return api


async def as_orders(name: str = "checkout") -> Headers:
    """The headers of somebody with the role orders."""
    return {"Authorization": f"Bearer {await create_token(name, TokenRole.ORDERS)}"}


async def strangers() -> list[tuple[Headers, str]]:
    """A shopper, wrong tokens and one that was revoked, each with the code of its refusals."""
    revoked = await as_orders("gone")
    assert await revoke_token("gone")
    return [*REFUSED, (revoked, "UNAUTHENTICATED")]


async def test_the_role_orders_asks_all_about_orders(shop: Api) -> None:
    headers = await as_orders()
    for name, selection in ORDERS_QUERIES.items():
        found = await answer(shop, f"{{ {selection} }}", headers)
        assert refusals(found) == [], name
        assert found["data"][name] is not None
        assert found == await answer(shop, f"{{ {selection} }}", AS_ADMIN), name


@pytest.mark.parametrize("is_admin", [False, True])
async def test_the_role_orders_and_the_admin_do_all_about_orders(shop: Api, *, is_admin: bool) -> None:
    headers = AS_ADMIN if is_admin else await as_orders()
    for name, selection in ORDERS_MUTATIONS.items():
        found = await answer(shop, f"mutation {{ {selection} }}", headers)
        assert refusals(found) == [], name
        payload = found["data"][name]
        assert payload["userErrors"] == [], name
        assert payload["sourceItems" if name == "receiveStock" else "order"], name


async def test_the_role_orders_sees_what_everybody_sees(shop: Api) -> None:
    query = f"{{ {' '.join(OPEN_QUERIES.values())} }}"
    assert await answer(shop, query, await as_orders()) == await answer(shop, query, AS_ADMIN)


async def test_the_role_orders_sees_no_data_of_sources_and_no_rules(shop: Api) -> None:
    query = f'{{ product(sku: "TENT") {{ {WHOLE_PRODUCT} }} }}'
    found = await answer(shop, query, await as_orders())
    assert {path for path, _ in refusals(found)} == {
        "product.salableQtyTerms",
        "product.sourceItems",
        "product.effectiveBackorderConfig.settings",
        "product.effectiveBackorderConfig.sources",
    }
    assert {code for _, code in refusals(found)} == {"FORBIDDEN"}
    assert found["data"]["product"]["salableQty"] == 22


async def test_the_role_orders_neither_asks_nor_does_what_belongs_to_the_admin(shop: Api) -> None:
    headers, before = await as_orders(), await shop.data(STATE)
    for kind, fields in (("query", ADMIN_QUERIES), ("mutation", ADMIN_MUTATIONS)):
        for name, selection in fields.items():
            found = await answer(shop, f"{kind} {{ {selection} }}", headers)
            assert refusals(found) == [(name, "FORBIDDEN")], name
            assert not found["data"] or found["data"] == {name: None}, name
    assert await shop.data(STATE) == before


async def test_nobody_else_asks_about_orders(shop: Api) -> None:
    for headers, code in await strangers():
        for name, selection in ORDERS_QUERIES.items():
            found = await answer(shop, f"{{ {selection} }}", headers)
            assert refusals(found) == [(name, code)], (name, headers)
            assert not found["data"] or found["data"] == {name: None}, (name, headers)


async def test_nobody_else_changes_orders_or_stock(shop: Api) -> None:
    everybody, before = await strangers(), await written()
    for headers, code in everybody:
        for name, selection in ORDERS_MUTATIONS.items():
            found = await answer(shop, f"mutation {{ {selection} }}", headers)
            assert refusals(found) == [(name, code)], (name, headers)
            assert found["data"] is None, (name, headers)
    assert await written() == before


async def test_a_refusal_tells_nothing_of_what_was_asked(shop: Api) -> None:
    wrong: dict[str, Any] = {
        "order": '{ order(number: "nope") { number } }',
        "orders": "{ orders(first: 0) { totalCount } }",
        "backorders": '{ backorders(after: "x") { totalCount } }',
        "sourceSelection": "{ sourceSelection { shippable } }",
        "placeOrder": 'mutation { placeOrder(input: { number: "", lines: [], idempotencyKey: "" }) { order { number } } }',
        "cancelOrder": 'mutation { cancelOrder(number: "nope", idempotencyKey: "") { order { number } } }',
    }
    for headers, code in await strangers():
        for name, query in wrong.items():
            assert refusals(await answer(shop, query, headers)) == [(name, code)], (name, headers)


async def test_a_refused_order_leaves_the_fields_beside_it_alone(shop: Api) -> None:
    query = f"{{ {OPEN_QUERIES['product']} {ORDERS_QUERIES['order']} }}"
    for headers, code in await strangers():
        found = await answer(shop, query, headers)
        assert refusals(found) == [("order", code)]
        assert found["data"] == {"product": {"sku": "TENT"}, "order": None}
