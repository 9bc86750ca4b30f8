"""Rows of a newer version beside this one: selling, rules, lists and tokens go on, and the rows stay as they are."""

import logging
from collections import Counter

import pytest

from models.database import reader
from models.sql import fetch
from resolvers import newer
from resolvers.rule_store.rule_import import lasting_rules, plan_import
from resolvers.rules_in_force import NO_END, NO_START
from resolvers.tokens import TokenRole, create_token, digest_of, holders_by_digest
from server.files.rule_file import written_rules
from tests.client import Api
from tests.newer import CHANGE, newer_rule, write
from tests.orders import line, place
from tests.schema.rule_store import GLOBAL, TENT, ask_rules, set_rules, stock_up

PRODUCT = '{ product(sku: "TENT") { salableQty } }'
RULES = "query ($first: Int, $after: String) { scopeRules(first: $first, after: $after) { nodes { setting value }"
RULES += " pageInfo { hasNextPage endCursor } } }"
CHANGES = "{ changeSets { nodes { revision unknownSettings changes { setting } } } }"
REVERT = "mutation { revertChangeSet(revision: 1) { changeSet { revision } userErrors { code field } } }"


@pytest.fixture
async def shop(api: Api) -> Api:
    """A shop with rules of this version, and some of a newer one."""
    await stock_up(api)
    await set_rules(api, (TENT, {"minSaleQty": 2}))
    await newer_rule()
    await newer_rule("gift_wrap", sku="TENT", scope="PRODUCT")
    await newer_rule("backorders", "ALLOW_ONCE", sku="TENT", scope="PRODUCT")
    await newer_rule("out_of_stock_threshold", "10", scope="STOCK")  # of no scope that there is here, and not global
    return api


async def _rules() -> list[tuple[str, str]]:
    rows = await fetch(reader(), "SELECT setting, value FROM scope_rule ORDER BY id")
    return [(row["setting"], row["value"]) for row in rows]


async def test_selling_goes_on_by_the_rules_that_are_understood(shop: Api) -> None:
    assert (await shop.data(PRODUCT))["product"]["salableQty"] == 30
    assert (await place(shop, "1", [line("TENT", 1)]))["unsalable"][0]["errors"] == [{"code": "BELOW_MIN_SALE_QTY"}]
    assert (await place(shop, "2", [line("TENT", 3)]))["order"]["number"] == "2"


async def test_rules_are_changed_previewed_and_removed_around_them(shop: Api) -> None:
    asked = {"changes": [{"scope": GLOBAL, "settings": {"outOfStockThreshold": 5}}]}
    preview = "query ($i: SetScopeRulesInput!) { previewScopeRules(input: $i) { affectedCount userErrors { code } } }"
    assert (await shop.data(preview, {"i": asked}))["previewScopeRules"] == {"affectedCount": 2, "userErrors": []}
    before = await _rules()
    await set_rules(shop, (GLOBAL, {"outOfStockThreshold": 5}))
    await set_rules(shop, (GLOBAL, {"outOfStockThreshold": None}))
    assert await _rules() == before


async def test_lists_of_rules_leave_them_out_and_every_page_goes_on_behind_them(shop: Api) -> None:
    found, after = [], None
    for _ in range(5):
        page = (await shop.data(RULES, {"first": 1, "after": after}))["scopeRules"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == [{"setting": "MIN_SALE_QTY", "value": 2}]


async def test_the_history_names_the_settings_that_it_cannot_show_and_undoes_no_half_of_a_change(shop: Api) -> None:
    await write(CHANGE, 1, "gift_wrap", NO_START, NO_END)
    assert (await shop.data(CHANGES))["changeSets"]["nodes"] == [
        {"revision": 1, "unknownSettings": ["gift_wrap"], "changes": [{"setting": "MIN_SALE_QTY"}]}
    ]
    before = await _rules()
    answer = (await shop.data(REVERT))["revertChangeSet"]
    assert answer == {"changeSet": None, "userErrors": [{"code": "NEWER_VERSION", "field": ["revision"]}]}
    assert await _rules() == before


async def test_a_stale_change_is_told_what_changed_though_it_has_no_name_here(shop: Api) -> None:
    await set_rules(shop, (GLOBAL, {"minSaleQty": 1}))
    await write(CHANGE, 2, "gift_wrap", NO_START, NO_END)
    payload = await ask_rules(shop, (GLOBAL, {"minSaleQty": 3}), expectedRevision=1)
    [error] = payload["userErrors"]
    assert error["code"] == "STALE_REVISION"
    assert '"gift_wrap" of global' in error["message"]


async def test_a_file_of_rules_says_what_it_lacks_and_an_import_that_prunes_keeps_it(shop: Api) -> None:
    left_out = Counter[str]()
    text = "".join([piece async for piece in written_rules(1, lasting_rules(left_out), left_out)])
    assert text.endswith(
        '# Not here, since only a newer version can read them: 1 of the setting "backorders"\n'
        '# Not here, since only a newer version can read them: 2 of the setting "gift_wrap"\n'
        '# Not here, since only a newer version can read them: 1 of the setting "out_of_stock_threshold"\n'
    )
    plan = await plan_import([], prune=True)
    assert [(change.setting.value, change.after) for change in plan.changes] == [("min_sale_qty", None)]
    assert plan.kept == 4


async def test_a_token_of_a_role_of_a_newer_version_may_do_what_a_shopper_may(shop: Api) -> None:
    secret = await create_token("kim", TokenRole.ADMIN)
    await write("UPDATE token SET role = 'AUDITOR' WHERE name = 'kim'", unchecked="token")
    as_kim = {"Authorization": f"Bearer {secret}"}
    ask = {"query": '{ product(sku: "TENT") { salableQty } viewer { name role } }'}
    answer = (await shop.http.post("/graphql", json=ask, headers=as_kim)).json()
    assert answer["data"] == {"product": {"salableQty": 30}, "viewer": {"name": "kim", "role": "SHOPPER"}}
    answer = (await shop.http.post("/graphql", json={"query": "{ sources { totalCount } }"}, headers=as_kim)).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await holders_by_digest([digest_of(secret)]))[digest_of(secret)].name == "kim"


async def test_each_word_that_is_not_known_is_logged_once(shop: Api, caplog: pytest.LogCaptureFixture) -> None:
    newer._said.clear()
    with caplog.at_level(logging.WARNING, "salable.newer"):
        for _ in range(3):
            await shop.data(PRODUCT)
    assert sorted(record.getMessage().partition(": ")[2] for record in caplog.records) == [
        'the scope "STOCK" is not known here',
        'the setting "gift_wrap" is not known here',
        'the value of backorders "ALLOW_ONCE" is not known here',
    ]
