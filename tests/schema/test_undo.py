"""Undoing a change set: every answer is as it was before it, and the undoing is a change set like any other."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from resolvers.rule_store.rule_import import RuleEntry, apply_import, plan_import
from resolvers.tokens import TokenRole, create_token
from rules.change import PLAIN, RulesChange, Window
from rules.scope import ScopeType
from rules.setting import SettingKey
from tests.client import Api
from tests.schema.rule_store import (
    EAST,
    GLOBAL,
    LAMP,
    LONG_AGO,
    SCOPES,
    TENT,
    TENT_EAST,
    WEST,
    Change,
    answers,
    ask_revert,
    at_whole,
    day,
    history,
    product,
    revert,
    revisions,
    set_rules,
    soon,
    stock_up,
)

OWN: Change = (TENT, {"backorders": "ALLOW", "outOfStockThreshold": -50})
ALWAYS: dict[str, str] = {}
HOLDS_NOW = {"activeFrom": LONG_AGO, "activeUntil": day(5)}
TO_COME = {"activeFrom": day(2), "activeUntil": day(4)}
OPEN_ENDED = {"activeFrom": LONG_AGO}
WINDOWS = [ALWAYS, HOLDS_NOW, TO_COME, OPEN_ENDED, {"activeFrom": day(3)}, {"activeUntil": day(3)}]
INSTANTS = (day(1), day(2), day(3), day(5))


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT at east and west, LAMP at east; plain rules at every kind of scope, and two that are scheduled."""
    await stock_up(api)
    await set_rules(api, OWN, (GLOBAL, {"notifyForQuantityBelow": 3}), (TENT_EAST, {"outOfStockThreshold": -2}))
    await set_rules(api, (EAST, {"backorders": "ALLOW_AND_NOTIFY"}), activeFrom=day(1), activeUntil=day(3))
    await set_rules(api, (TENT, {"outOfStockThreshold": None}), activeFrom=day(2))
    return api


CHANGES: list[list[Change]] = [
    [(TENT, {"minSaleQty": 2, "onlyXLeftThreshold": 99}), (GLOBAL, {"manageStock": False})],
    [(TENT, {"outOfStockThreshold": 7, "backorders": "NO_BACKORDERS"}), (TENT_EAST, {"outOfStockThreshold": 0})],
    [(TENT, {"outOfStockThreshold": None, "backorders": None}), (TENT_EAST, {"outOfStockThreshold": None})],
    [(GLOBAL, {"notifyForQuantityBelow": None}), (TENT, {"backorders": None}), (WEST, {"notifyForQuantityBelow": 9})],
    [(LAMP, {"backorders": "ALLOW", "qtyUsesDecimals": True}), (TENT, {"backorders": "ALLOW_AND_NOTIFY"})],
]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
async def test_to_undo_a_change_is_to_have_every_answer_back(store: Api, window: dict[str, str]) -> None:
    for changes in CHANGES:
        before = await answers(store, *INSTANTS)
        made = (await set_rules(store, *changes, **window))["changeSet"]
        after = await answers(store, *INSTANTS)
        assert after != before

        undone = (await revert(store, made["revision"]))["changeSet"]

        assert await answers(store, *INSTANTS) == before
        swapped = [{**each, "before": each["after"], "after": each["before"]} for each in made["changes"]]
        assert undone["changes"] == swapped
        assert undone["revision"] == made["revision"] + 1
        await revert(store, undone["revision"])
        assert await answers(store, *INSTANTS) == after
        await revert(store, undone["revision"] + 1)
        assert await answers(store, *INSTANTS) == before


async def test_a_window_gets_its_old_value_back_and_not_that_of_the_plain_rule(store: Api) -> None:
    await set_rules(store, (TENT, {"outOfStockThreshold": -9}), **HOLDS_NOW)
    before = await answers(store, *INSTANTS)
    for value in (-10, None):
        made = await set_rules(store, (TENT, {"outOfStockThreshold": value}), **HOLDS_NOW)
        assert await answers(store, *INSTANTS) != before
        await revert(store, made["changeSet"]["revision"])
        assert await answers(store, *INSTANTS) == before


async def test_a_null_in_a_window_that_is_replaced_comes_back_as_a_null(store: Api) -> None:
    await set_rules(store, (TENT, {"backorders": None}), **HOLDS_NOW)
    before = await answers(store, *INSTANTS)
    assert (await product(store))["effectiveBackorderConfig"]["backorders"] == "NO_BACKORDERS"
    made = await set_rules(store, (TENT, {"backorders": "ALLOW_AND_NOTIFY"}), **HOLDS_NOW)
    await revert(store, made["changeSet"]["revision"])
    assert await answers(store, *INSTANTS) == before


@pytest.mark.parametrize(
    "window",
    [
        {"activeFrom": "0001-01-01T00:00:00Z"},
        {"activeUntil": "9999-12-31T23:59:59.999999Z"},
        {"activeFrom": "0001-01-01T00:00:00Z", "activeUntil": "9999-12-31T23:59:59.999999Z"},
    ],
    ids=str,
)
async def test_a_window_without_bounds_that_are_ever_reached_is_undone_like_any_other(
    store: Api, window: dict[str, str]
) -> None:
    before = await answers(store, *INSTANTS)
    made = await set_rules(store, (TENT, {"outOfStockThreshold": -9}), **window)
    await revert(store, made["changeSet"]["revision"])
    assert await answers(store, *INSTANTS) == before


async def test_an_undoing_says_who_and_why_and_shows_the_scopes_as_they_are(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}), (GLOBAL, {"minSaleQty": 3}), reason="Wrong")
    secret = await create_token("kim", TokenRole.ADMIN)
    query = "mutation { revertChangeSet(revision: 4) { changeSet { actor reason } userErrors { code } } }"
    answer = await store.http.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {secret}"})
    made = {"actor": "kim", "reason": "Undoes revision 4"}
    assert answer.json() == {"data": {"revertChangeSet": {"changeSet": made, "userErrors": []}}}

    payload = await revert(store, 5, "It was right, \N{WHITE SMILING FACE}")
    assert (payload["changeSet"]["actor"], payload["changeSet"]["revision"]) == ("admin", 6)
    assert payload["changeSet"]["reason"] == "It was right, \N{WHITE SMILING FACE}"
    assert payload["scopeSettings"] == [{"scope": at_whole(scope), "revision": 6} for scope in (TENT, GLOBAL)]
    assert (await history(store, first=1))["nodes"] == [payload["changeSet"]]


async def test_a_reason_that_is_no_text_or_too_long_is_refused(store: Api) -> None:
    for reason in ("x" * 10_000, "a\0b"):
        payload = await ask_revert(store, 1, reason)
        assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [("INVALID_TEXT", ["reason"])]
        assert payload["changeSet"] is None
    assert await revisions(store) == [3, 2, 1]


@pytest.mark.parametrize("revision", [0, -1, 4, 2**31 - 1, -(2**31)])
async def test_a_revision_that_nobody_made_cannot_be_undone(store: Api, revision: int) -> None:
    (error,) = (await ask_revert(store, revision))["userErrors"]
    assert (error["code"], error["field"]) == ("UNKNOWN_REVISION", ["revision"])
    assert await revisions(store) == [3, 2, 1]


async def test_a_later_change_of_one_of_its_rules_forbids_undoing_and_is_named(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2, "maxSaleQty": 8}), (LAMP, {"minSaleQty": 2}))
    await set_rules(store, (TENT, {"qtyIncrements": 2}))
    before = await answers(store, *INSTANTS)
    for value in (3, None):
        await set_rules(store, (TENT, {"maxSaleQty": value}))
    payload = await ask_revert(store, 4)
    (error,) = payload["userErrors"]
    assert (payload["changeSet"], payload["scopeSettings"], payload["warnings"]) == (None, [], [])
    assert (error["code"], error["field"]) == ("LATER_CHANGE", ["revision"])
    assert "Revision 6, by admin" in error["message"] or "Revision 7, by admin" in error["message"]
    assert "Maximum Qty Allowed in Shopping Cart" in error["message"]
    await revert(store, 7)
    await revert(store, 5)
    assert await answers(store) != before


@pytest.mark.parametrize("window", WINDOWS, ids=str)
async def test_only_a_change_of_the_very_same_row_is_a_later_one(store: Api, window: dict[str, str]) -> None:
    made = (await set_rules(store, (TENT, {"minSaleQty": 2}), **window))["changeSet"]["revision"]
    others = [each for each in (ALWAYS, OPEN_ENDED, {"activeFrom": day(3)}, {"activeFrom": day(6)}) if each != window]
    for other in others:
        await set_rules(store, (TENT, {"minSaleQty": 3}), **other)
    for scope in SCOPES:
        if "source" not in scope and scope != TENT:
            await set_rules(store, (scope, {"minSaleQty": 4}), **window)
    await set_rules(store, (TENT, {"maxSaleQty": 5}), **window)

    await revert(store, made)

    rows = (await answers(store))["now"]["scopeRules"]["nodes"]
    tent = [each for each in rows if each["scope"] == at_whole(TENT) and each["setting"] == "MIN_SALE_QTY"]
    assert [each["value"] for each in tent] == [3] * len(others)


async def test_what_has_been_undone_cannot_be_undone_again(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}))
    await revert(store, 4)
    (error,) = (await ask_revert(store, 4))["userErrors"]
    assert error["code"] == "LATER_CHANGE"
    assert "Revision 5" in error["message"]


async def test_a_window_that_comes_back_may_not_overlap_one_that_was_made_meanwhile(store: Api) -> None:
    await set_rules(store, (TENT, {"minSaleQty": 2}), **TO_COME)
    await revert(store, 4)
    await set_rules(store, (TENT, {"minSaleQty": 3}), activeFrom=day(3), activeUntil=day(8))
    before = await answers(store, *INSTANTS)

    (error,) = (await ask_revert(store, 5))["userErrors"]

    assert (error["code"], error["field"]) == ("OVERLAPPING_SCHEDULE", ["revision"])
    assert await answers(store, *INSTANTS) == before
    await revert(store, 6)
    await revert(store, 5)
    assert (await product(store, at=day(3)))["salability"]["isSalable"] is True


async def test_a_window_that_is_over_can_be_undone(store: Api) -> None:
    before = await answers(store, *INSTANTS)
    end = soon(milliseconds=400)
    await set_rules(store, (TENT, {"minSaleQty": 2}), activeFrom=LONG_AGO, activeUntil=end)
    await asyncio.sleep((datetime.fromisoformat(end) - datetime.now(UTC)) / timedelta(seconds=1))
    await revert(store, 4)
    assert await answers(store, *INSTANTS) == before


async def test_warnings_about_an_undoing_point_at_the_revision(store: Api) -> None:
    await set_rules(store, (LAMP, {"backorders": "ALLOW", "outOfStockThreshold": -5}))
    await set_rules(store, (LAMP, {"outOfStockThreshold": None}))
    await set_rules(store, (LAMP, {"backorders": None}))
    found = (await revert(store, 6))["warnings"]
    assert [(each["code"], each["field"]) for each in found] == [("BACKORDERS_BECOME_UNLIMITED", ["revision"])]
    assert "Out-of-Stock Threshold of 0" in found[0]["message"]
    assert (await revert(store, 5))["warnings"] == []


async def test_a_change_set_of_several_windows_comes_back_whole_and_each_row_is_warned_of_by_its_own_value(
    store: Api,
) -> None:
    entries = [
        RuleEntry(RulesChange(ScopeType.PRODUCT, None, "LAMP", {SettingKey.MIN_SALE_QTY: Decimal(value)}), window, line)
        for line, (value, window) in enumerate(
            [(5, PLAIN), (1, Window(*map(datetime.fromisoformat, (day(2), day(4)))))]
        )
    ]
    plan = await plan_import(entries, prune=False)
    await apply_import(entries, plan, prune=False, actor="import", reason="File")
    before = await answers(store, *INSTANTS)
    await revert(store, 4)
    found = (await revert(store, 5))["warnings"]
    assert await answers(store, *INSTANTS) == before
    assert sorted(each["code"] for each in found) == ["EQUALS_INHERITED", "HIDDEN_BY_SCHEDULE"]
    assert "(5)" in next(each["message"] for each in found if each["code"] == "HIDDEN_BY_SCHEDULE")
