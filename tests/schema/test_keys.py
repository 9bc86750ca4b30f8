"""Keys in the API: what cannot be seen is refused, every form finds the one row, and look-alikes are told."""

import unicodedata
from typing import Any

import pytest

from models.database import transaction
from models.folding import fill_folded
from models.sql import fetch
from tests.client import Api
from tests.orders import cancel, line, new_key, place, receive, refund, ship
from tests.schema.live import following
from tests.schema.notifications import UPSERT, done, payload
from tests.schema.notifications import refused as refused_endpoint
from tests.schema.rule_store import ask_rules, set_rules
from tests.schema.test_upserts import refused, write, written
from tests.watching import SEEN

CAFE, DECOMPOSED = "Café", "Cafe\u0301"
ODD = ["TENT ", " TENT", "TENT\u00a0", "TENT\u200b", "\ufeffTENT", "TE\u00adNT", "TENT\u3164", "TENT\u2028"]
NEW = {
    "upsertProducts": ("products", "sku", {}),
    "upsertSources": ("sources", "code", {}),
    "upsertStocks": ("stocks", "code", {}),
    "upsertSalesChannels": ("salesChannels", "code", {"stock": "default"}),
}


@pytest.fixture
async def store(api: Api) -> Api:
    """Café lies 25 at östlich, which feeds the default stock; all keys came in decomposed."""
    await written(api, "upsertProducts", {"sku": DECOMPOSED})
    await written(api, "upsertSources", {"code": "o\u0308stlich"})
    await written(api, "upsertStocks", {"code": "default", "sources": [{"source": "o\u0308stlich", "priority": 1}]})
    await written(api, "setSourceItems", {"source": "o\u0308stlich", "sku": DECOMPOSED, "quantity": 25})
    return api


async def older(sql: str, *parameters: Any) -> None:
    """Write as an older version of the service did."""
    await transaction(lambda client: fetch(client, sql, *parameters))


@pytest.fixture
async def old_store(api: Api) -> Api:
    """Products and a source that an older version let in; 5 of each lie at the default source."""
    for sku in ("TENT ", DECOMPOSED, "LAMP\u200b"):
        await older("INSERT INTO product (sku, name, search) VALUES ($1, $1, 'x')", sku)
        await written(api, "setSourceItems", {"source": "default", "sku": sku, "quantity": 5})
    await older("INSERT INTO source (code, name, enabled, search) VALUES ($1, $1, TRUE, 'x')", "east\u00a0")
    return api


@pytest.mark.parametrize("call", NEW)
async def test_nothing_new_has_a_key_that_cannot_be_seen(api: Api, call: str) -> None:
    argument, field, rest = NEW[call]
    for key in [*ODD, "", "x" * 65, "\ufb1d" * 33]:
        assert await refused(api, call, {field: key, **rest}) == [("INVALID_CODE", f"{argument}.0.{field}")], ascii(key)
    message = (await write(api, call, {field: "TENT\u00a0", **rest}))["userErrors"][0]["message"]
    assert message == r'"TENT\u00a0" begins or ends with white space.'


async def test_no_new_order_endpoint_or_recipient_has_a_key_that_cannot_be_seen(store: Api) -> None:
    for key in ODD:
        answer = await place(store, key, [line(CAFE, 1)])
        assert [(each["code"], each["field"]) for each in answer["userErrors"]] == [
            ("INVALID_CODE", ["input", "number"])
        ]
        endpoint = {"code": key, "url": "https://example.com/"}
        assert await refused_endpoint(store, UPSERT, [endpoint]) == [("INVALID_CODE", "endpoints.0.code")]


@pytest.mark.parametrize("call", NEW)
async def test_two_forms_of_a_key_are_one_row(api: Api, call: str) -> None:
    argument, field, rest = NEW[call]
    duplicates = await refused(api, call, {field: CAFE, **rest}, {field: DECOMPOSED, **rest})
    assert duplicates == [("DUPLICATE_ROW", f"{argument}.1")]
    assert await written(api, call, {field: DECOMPOSED, **rest}) == []
    assert await written(api, call, {field: CAFE, **rest}, {field: "e\u0301" * 64, **rest}) == []
    nodes = (await api.data(f"{{ {argument} {{ nodes {{ {field} }} }} }}"))[argument]["nodes"]
    assert {each[field] for each in nodes} - {"default"} == {CAFE, "é" * 64}


@pytest.mark.parametrize("call", NEW)
async def test_a_new_key_that_looks_like_another_warns_and_names_it(api: Api, call: str) -> None:
    argument, field, rest = NEW[call]
    assert await written(api, call, {field: "Tent 2", **rest}) == []
    warnings = await written(api, call, {field: "x", **rest}, {field: "TENT2", **rest}, {field: "t ent2", **rest})
    assert [(each["code"], ".".join(each["field"])) for each in warnings] == [
        ("LOOKS_LIKE", f"{argument}.1.{field}"),
        ("LOOKS_LIKE", f"{argument}.2.{field}"),
    ]
    assert '"TENT2" looks like "Tent 2"' in warnings[0]["message"]
    assert await written(api, call, {field: "TENT2", "name": "Again", **rest}) == []  # it is not new any more
    among = await written(api, call, {field: "Rope", **rest}, {field: "ROPE", **rest})
    assert ['"ROPE" looks like "Rope"' in each["message"] for each in among] == [True]


@pytest.mark.parametrize("form", [CAFE, DECOMPOSED])
async def test_every_form_finds_the_product(store: Api, form: str) -> None:
    asked = {"sku": form, "skus": ["NONE", form, CAFE], "source": unicodedata.normalize("NFD", "östlich")}
    found = await store.data(
        """query ($sku: String!, $skus: [String!]!, $source: String!) {
            product(sku: $sku) { sku salableQty }
            searched: products(filter: { search: $sku }) { nodes { sku } }
            sources(filter: { search: $source }) { nodes { code } }
            productsBySku(skus: $skus) { sku }
            products(filter: { skus: $skus, source: $source }) { nodes { sku } totalCount }
            salability(items: [{ sku: $sku, quantity: 13 }, { sku: "Café", quantity: 13 }]) { sku isSalable maxSalableQty }
            sourceItems(filter: { sku: $sku, source: $source }) { nodes { sku source { code } } }
            lowStock(filter: { sku: $sku, source: $source }) { nodes { sku } }
            scopeSettings(scope: { type: PRODUCT_SOURCE, sku: $sku, source: $source }) { scope { sku source } }
            sourceSelection(lines: [{ sku: $sku, quantity: 3 }, { sku: "Café", quantity: 2 }]) { items { sku quantity } }
        }""",
        asked,
    )
    assert found == {
        "product": {"sku": CAFE, "salableQty": 25},
        "searched": {"nodes": [{"sku": CAFE}]},
        "sources": {"nodes": [{"code": "östlich"}]},
        "productsBySku": [None, {"sku": CAFE}, {"sku": CAFE}],
        "products": {"nodes": [{"sku": CAFE}], "totalCount": 1},
        "salability": [{"sku": CAFE, "isSalable": False, "maxSalableQty": 25}] * 2,
        "sourceItems": {"nodes": [{"sku": CAFE, "source": {"code": "östlich"}}]},
        "lowStock": {"nodes": []},
        "scopeSettings": {"scope": {"sku": CAFE, "source": "östlich"}},
        "sourceSelection": {"items": [{"sku": CAFE, "quantity": 5}]},
    }


async def test_every_form_sets_one_rule(store: Api) -> None:
    scope = {"type": "PRODUCT_SOURCE", "sku": DECOMPOSED, "source": "o\u0308stlich"}
    await set_rules(store, (scope, {"notifyForQuantityBelow": 30}))
    same = {**scope, "sku": CAFE}
    twice = await ask_rules(store, (scope, {"backorders": "ALLOW"}), (same, {"backorders": "ALLOW"}))
    assert [each["code"] for each in twice["userErrors"]] == ["DUPLICATE_CHANGE"]
    found = await store.data(
        """query ($scope: ScopeInput!, $sku: String!) {
            scopeRules(filter: { sku: $sku }) { nodes { scope { sku source } } }
            changeSets(scope: $scope) { nodes { revision } }
            lowStock(filter: { sku: $sku }) { nodes { sku source } }
        }""",
        {"scope": scope, "sku": DECOMPOSED},
    )
    assert found == {
        "scopeRules": {"nodes": [{"scope": {"sku": CAFE, "source": "östlich"}}]},
        "changeSets": {"nodes": [{"revision": 1}]},
        "lowStock": {"nodes": [{"sku": CAFE, "source": "östlich"}]},
    }


async def test_every_form_names_one_order_and_its_lines(store: Api) -> None:
    number, key = "Nr. e\u0301", new_key()
    placed = await place(store, number, [line(DECOMPOSED, 3), line(CAFE, 2)], key)
    assert placed["order"]["number"] == "Nr. é"
    assert [(each["sku"], each["orderedQty"]) for each in placed["order"]["lines"]] == [(CAFE, 5)]
    again = await place(store, "Nr. é", [line(CAFE, 3), line(DECOMPOSED, 2)], key)
    assert again["order"]["number"] == "Nr. é"  # a replay: the inputs are one
    taken = await place(store, number, [line(CAFE, 1)])
    assert [each["code"] for each in taken["userErrors"]] == ["ORDER_NUMBER_TAKEN"]
    assert 'order "Nr. é" already' in taken["userErrors"][0]["message"]
    assert (await ship(store, number, [line(DECOMPOSED, 2, source="o\u0308stlich")]))["shipment"]["lines"] == [
        {"sku": CAFE, "quantity": 2, "source": "östlich"}
    ]
    returned = await refund(store, number, [line(DECOMPOSED, 1, returnToSource="o\u0308stlich")])
    assert returned["refund"]["lines"] == [{"sku": CAFE, "quantity": 1, "returnedToSource": "östlich"}]
    assert (await cancel(store, number, [line(DECOMPOSED, 1)]))["order"]["lines"][0]["canceledQty"] == 1
    received = await receive(store, "o\u0308stlich", [line(DECOMPOSED, 1)])
    assert received["sourceItems"] == [{"sku": CAFE, "quantity": 25}]
    found = await store.data(
        """query ($number: String!, $sku: String!) {
            order(number: $number) { number }
            orders(filter: { number: $number, sku: $sku }) { nodes { number } }
            backorders(filter: { sku: $sku }) { nodes { sku } }
        }""",
        {"number": number, "sku": DECOMPOSED},
    )
    assert found["order"] == {"number": "Nr. é"}
    assert found["orders"]["nodes"] == [{"number": "Nr. é"}]


async def test_whoever_names_what_there_is_not_is_told_what_there_is(store: Api) -> None:
    await written(store, "upsertProducts", {"sku": "24-MB01"})
    rows = [{"source": "Östlich", "sku": "24-MB01 "}, {"source": "default", "sku": "24-MB0"}]
    told = [each["message"] for each in (await write(store, "setSourceItems", *rows))["userErrors"]]
    assert told == [
        'There is no source "Östlich"; there is "östlich".',
        'There is no product "24-MB01 "; there is "24-MB01".',
        'There is no product "24-MB0".',
    ]
    scope = {"type": "PRODUCT", "sku": "24-mb01\u200b"}
    [error] = (await ask_rules(store, (scope, {"backorders": "ALLOW"})))["userErrors"]
    assert (error["code"], error["message"]) == (
        "UNKNOWN_PRODUCT",
        r'There is no product "24-mb01\u200b"; there is "24-MB01".',
    )
    links = [{"source": "ÖSTLICH ", "priority": 1}]
    [error] = (await write(store, "upsertStocks", {"code": "pool", "sources": links}))["userErrors"]
    assert error["message"] == 'There is no source "ÖSTLICH "; there is "östlich".'
    [error] = (await write(store, "upsertSalesChannels", {"code": "shop", "stock": "Default"}))["userErrors"]
    assert error["message"] == 'There is no stock "Default"; there is "default".'
    [error] = (await store.ask('{ product(sku: "TENT", salesChannel: "default ") { sku } }'))["errors"]
    assert error["message"] == 'There is no sales channel "default "; there is "default".'
    await place(store, "A-1", [line(CAFE, 5)])
    for said, answer in (
        ('There is no order "a-1 "; there is "A-1".', await cancel(store, "a-1 ")),
        (
            'There is no "24-mb01" at source "default"; there is "24-MB01".',
            await receive(store, "default", [line("24-mb01", 1)]),
        ),
        ('The order has no line of "café "; there is "Café".', await cancel(store, "A-1", [line("café ", 1)])),
        ('There is no source "Default"; there is "default".', await receive(store, "Default", [line(CAFE, 1)])),
        (
            'There is no source "ÖSTLICH"; there is "östlich".',
            await ship(store, "A-1", [line(CAFE, 1, source="ÖSTLICH")]),
        ),
    ):
        assert [each["message"] for each in answer["userErrors"]] == [said]
    [error] = (await place(store, "A-2", [line("24-MB01 ", 1)]))["userErrors"]
    assert error["message"] == 'There is no product "24-MB01 "; there is "24-MB01".'
    cart = """{ salability(items: [{ sku: "24-mb01", quantity: 1 }]) { errors { message } } }"""
    told = (await store.data(cart, admin=False))["salability"]
    assert told == [{"errors": [{"message": 'There is no product "24-mb01"; there is "24-MB01".'}]}]
    await done(store, UPSERT, [{"code": "erp", "url": "https://example.com/"}])
    told = (await payload(store, "removeWebhookEndpoints", ["ERP"]))["userErrors"]
    assert [each["message"] for each in told] == ['There is no endpoint "ERP"; there is "erp".']


async def test_of_several_that_look_alike_the_nearest_is_named(store: Api) -> None:
    for sku in ("TE NT", "TENT", "tent"):
        await written(store, "upsertProducts", {"sku": sku})
    for given, nearest in (("TENT\u00a0", "TENT"), ("\ufefftent", "tent"), ("TE NT ", "TE NT"), ("Tent", "TE NT")):
        [error] = (await write(store, "setSourceItems", {"source": "default", "sku": given}))["userErrors"]
        assert error["message"].endswith(f'; there is "{nearest}".')
    [error] = (await write(store, "removeSourceItems", {"source": "Default", "sku": CAFE}))["userErrors"]
    assert error["message"] == 'There is no "Café" at source "Default"; there is "default".'


async def test_what_an_older_version_let_in_keeps_working(old_store: Api) -> None:
    for sku in ("TENT ", DECOMPOSED, "LAMP\u200b"):
        found = await old_store.data("query ($sku: String!) { product(sku: $sku) { sku salableQty } }", {"sku": sku})
        assert found["product"] == {"sku": sku, "salableQty": 5}
        assert await written(old_store, "upsertProducts", {"sku": sku, "name": "Anew"}) == []
        await set_rules(old_store, ({"type": "PRODUCT", "sku": sku}, {"minSaleQty": 2}))
        placed = await place(old_store, f"for {sku!a}", [line(sku, 2)])
        assert [each["sku"] for each in placed["order"]["lines"]] == [sku]
        shipped = await ship(old_store, placed["order"]["number"], [line(sku, 2, source="default")])
        assert shipped["shipment"]["lines"] == [{"sku": sku, "quantity": 2, "source": "default"}]
    assert await written(old_store, "upsertSources", {"code": "east\u00a0", "name": "East"}) == []
    sources = (await old_store.data("{ sources { nodes { code name } } }"))["sources"]["nodes"]
    assert {"code": "east\u00a0", "name": "East"} in sources


async def test_the_very_key_goes_before_its_normal_form(old_store: Api) -> None:
    query = "query ($sku: String!) { product(sku: $sku) { sku name } }"
    assert (await old_store.data(query, {"sku": CAFE}))["product"] is None
    await written(old_store, "upsertProducts", {"sku": CAFE, "name": "New"})
    assert (await old_store.data(query, {"sku": CAFE}))["product"] == {"sku": CAFE, "name": "New"}
    assert (await old_store.data(query, {"sku": DECOMPOSED}))["product"] == {"sku": DECOMPOSED, "name": DECOMPOSED}


async def test_rows_of_an_older_version_are_looked_at_once_their_keys_are_filled_in(old_store: Api) -> None:
    assert await written(old_store, "upsertProducts", {"sku": "tent"}) == []
    assert await fill_folded() == 4
    assert await fill_folded() == 0
    [warning] = await written(old_store, "upsertProducts", {"sku": "Lamp"})
    assert r'"Lamp" looks like "LAMP\u200b"' in warning["message"]
    [warning] = await written(old_store, "upsertProducts", {"sku": CAFE})
    assert r'"Café" looks like "Cafe\u0301"' in warning["message"]


async def test_an_order_that_an_older_version_took_keeps_its_number(old_store: Api) -> None:
    await place(old_store, "A-1", [line("TENT ", 1)])
    await older("UPDATE sales_order SET number = 'A-1 ' WHERE number = 'A-1'")
    taken = await place(old_store, "A-1 ", [line("TENT ", 1)])
    assert [each["code"] for each in taken["userErrors"]] == ["ORDER_NUMBER_TAKEN"]
    assert (await cancel(old_store, "A-1 "))["order"]["status"] == "CANCELED"


async def test_a_subscription_in_any_form_follows_the_row(store: Api) -> None:
    async with following([DECOMPOSED, CAFE], fields=SEEN) as follower:
        assert (await follower.product())["sku"] == CAFE
        await written(store, "setSourceItems", {"source": "östlich", "sku": CAFE, "quantity": 3})
        assert (await follower.product())["sku"] == CAFE
        assert await follower.is_quiet()
