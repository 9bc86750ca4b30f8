"""Setting rules for a time: windows that are refused, and how the lists and the forms show them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Api
from tests.schema.rule_store import (
    GLOBAL,
    LAMP,
    LONG_AGO,
    TENT,
    Change,
    day,
    history,
    refused,
    set_rules,
    setting,
    soon,
    stock_up,
)

MINIMUM = "MIN_SALE_QTY"
TWO: Change = (TENT, {"minSaleQty": 2})
THREE: Change = (TENT, {"minSaleQty": 3})
NULL: Change = (TENT, {"minSaleQty": None})
Window = dict[str, str]
WINDOW = {"activeFrom": day(10), "activeUntil": day(20)}
RULES = """query ($filter: ScopeRuleFilter) { scopeRules(filter: $filter) {
    totalCount nodes { value activeFrom activeUntil } } }"""
FORM = """query ($scope: ScopeInput!) { scopeSettings(scope: $scope) { revision settings {
    definition { key } ownValue inheritedValue inheritedFrom { type } effectiveValue
    rule { value activeFrom activeUntil } } } }"""


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT at east and west, LAMP at east; no rule is set."""
    return await stock_up(api)


async def until(instant: str) -> None:
    """Wait until an instant is reached."""
    await asyncio.sleep(max(0.0, (datetime.fromisoformat(instant) - datetime.now(UTC)) / timedelta(seconds=1)))


async def rows(api: Api, **asked: object) -> list[tuple[Any, Any, Any]]:
    """The value, the start and the end of each rule that a filter finds."""
    found = (await api.data(RULES, {"filter": asked}))["scopeRules"]
    assert found["totalCount"] == len(found["nodes"])
    return [(each["value"], each["activeFrom"], each["activeUntil"]) for each in found["nodes"]]


async def line_of(api: Api, scope: dict[str, str], key: str) -> dict[str, Any]:
    """One line of the form of a scope."""
    found = (await api.data(FORM, {"scope": scope}))["scopeSettings"]["settings"]
    (line,) = [each for each in found if each["definition"]["key"] == key]
    return {name: value for name, value in line.items() if name != "definition"}


@pytest.mark.parametrize(
    "other",
    [
        {"activeFrom": day(9), "activeUntil": day(11)},
        {"activeFrom": day(19), "activeUntil": day(21)},
        {"activeFrom": day(12), "activeUntil": day(13)},
        {"activeFrom": day(10), "activeUntil": day(19)},
        {"activeFrom": LONG_AGO, "activeUntil": day(20)},
        {"activeUntil": "2100-01-10T00:00:00.000001Z"},
    ],
    ids=str,
)
async def test_two_closed_windows_of_one_scope_and_setting_may_not_overlap(store: Api, other: Window) -> None:
    await set_rules(store, TWO, **WINDOW)
    for change in (TWO, THREE, NULL):
        error = await refused(store, (LAMP, {"minSaleQty": 9}), change, **other)
        assert error["code"] == "OVERLAPPING_SCHEDULE"
        assert error["field"][0] == "input"
        for said in ("Minimum Qty Allowed in Shopping Cart", "product TENT", "2100-01-10", "2100-01-20"):
            assert said in error["message"]
    assert await rows(store) == [(2, day(10), day(20))]


async def test_a_null_in_a_window_keeps_other_windows_out_too(store: Api) -> None:
    await set_rules(store, TWO)
    await set_rules(store, NULL, **WINDOW)
    error = await refused(store, THREE, activeFrom=day(15), activeUntil=day(25))
    assert error["code"] == "OVERLAPPING_SCHEDULE"


async def test_windows_that_touch_or_have_no_end_and_those_of_others_stand_in_nobodys_way(store: Api) -> None:
    await set_rules(store, TWO, **WINDOW)
    await set_rules(store, THREE, activeFrom=day(9), activeUntil=day(10))
    await set_rules(store, THREE, activeFrom=day(20), activeUntil=day(21))
    for window in ({}, {"activeFrom": day(15)}, {"activeFrom": LONG_AGO}):
        await set_rules(store, THREE, **window)
    others: list[Change] = [(TENT, {"maxSaleQty": 9}), (LAMP, {"minSaleQty": 2}), (GLOBAL, {"minSaleQty": 2})]
    await set_rules(store, *others, activeFrom=day(15), activeUntil=day(25))
    found = [await setting(store, MINIMUM, day(number)) for number in (8, 9, 10, 19, 20, 21)]
    assert found == [3, 3, 2, 2, 3, 3]


async def test_the_value_of_a_window_is_replaced_by_naming_the_same_window(store: Api) -> None:
    await set_rules(store, TWO, **WINDOW)
    payload = await set_rules(store, THREE, activeFrom="2100-01-10T02:30:00+02:30", activeUntil=day(20))
    assert [(each["before"], each["after"]) for each in payload["changeSet"]["changes"]] == [(2, 3)]
    assert await rows(store) == [(3, day(10), day(20))]
    assert (await set_rules(store, THREE, **WINDOW))["changeSet"] is None


async def test_a_plain_rule_and_a_window_of_the_same_value_are_two_rules(store: Api) -> None:
    await set_rules(store, TWO)
    assert (await set_rules(store, TWO, **WINDOW))["changeSet"]["revision"] == 2
    assert (await set_rules(store, NULL))["changeSet"]["revision"] == 3
    assert await rows(store) == [(2, day(10), day(20))]


@pytest.mark.parametrize(
    "window", [{"activeFrom": "0001-01-01T00:00:00Z"}, {"activeUntil": "9999-12-31T23:59:59.999999Z"}]
)
async def test_what_is_set_already_changes_nothing_whatever_the_window(store: Api, window: Window) -> None:
    await set_rules(store, TWO, **window)
    assert (await set_rules(store, TWO, **window))["changeSet"] is None


@pytest.mark.parametrize(
    "window",
    [
        {"activeFrom": day(2), "activeUntil": day(1)},
        {"activeFrom": day(1), "activeUntil": day(1)},
        {"activeFrom": day(1), "activeUntil": "2100-01-01T01:00:00+01:00"},
        {"activeFrom": LONG_AGO, "activeUntil": "2001-01-01T00:00:00Z"},
        {"activeUntil": "2001-01-01T00:00:00Z"},
    ],
    ids=str,
)
async def test_a_window_that_never_holds_is_refused(store: Api, window: Window) -> None:
    for change in (TWO, NULL):
        error = await refused(store, change, **window)
        assert (error["code"], error["field"]) == ("INVALID_WINDOW", ["input", "activeUntil"])


async def test_windows_begin_and_end_by_the_clock_without_a_revision(store: Api) -> None:
    start, end = soon(seconds=0.5), soon(seconds=0.8)
    await set_rules(store, TWO, activeFrom=start, activeUntil=end)
    assert await setting(store, MINIMUM) == 1
    await until(start)
    assert await setting(store, MINIMUM) == 2
    await until(end)
    assert await setting(store, MINIMUM) == 1
    assert await rows(store) == []
    assert await rows(store, at=start) == [(2, *(f"{each[:26]}Z" for each in (start, end)))]
    assert (await history(store))["totalCount"] == 1
    # It has ended, so that it stands in nobody's way.
    assert (await set_rules(store, THREE, activeFrom=LONG_AGO, activeUntil=day(1)))["changeSet"]["revision"] == 2
    assert await setting(store, MINIMUM) == 3


async def test_the_list_of_rules_shows_those_of_an_instant_or_of_now_and_later(store: Api) -> None:
    await set_rules(store, TWO)
    await set_rules(store, THREE, **WINDOW)
    await set_rules(store, (TENT, {"minSaleQty": 4}), activeFrom=day(15))
    await set_rules(store, NULL, activeFrom=day(25), activeUntil=day(26))
    plain, closed = (2, None, None), (3, day(10), day(20))
    later, none = (4, day(15), None), (None, day(25), day(26))
    assert await rows(store) == await rows(store, at=None) == [plain, closed, later, none]
    for at, expected in (
        (day(9), [plain]),
        (day(10), [plain, closed]),
        (day(15), [plain, closed, later]),
        (day(20), [plain, later]),
        (day(25), [plain, later, none]),
        (day(26), [plain, later]),
        (LONG_AGO, [plain]),
        ("9999-12-31T23:59:59.999999Z", [plain, later]),
    ):
        assert await rows(store, at=at, sku="TENT") == expected, at
        assert await rows(store, at=at, sku="LAMP") == []


async def test_the_form_of_a_scope_shows_what_holds_now(store: Api) -> None:
    await set_rules(store, TWO)
    await set_rules(store, THREE, **WINDOW)
    plain = {"value": 2, "activeFrom": None, "activeUntil": None}
    default = {"inheritedValue": 1, "inheritedFrom": {"type": "DEFAULT"}}
    assert await line_of(store, TENT, MINIMUM) == {"ownValue": 2, "effectiveValue": 2, "rule": plain, **default}
    holds = {"activeFrom": LONG_AGO, "activeUntil": day(1)}
    await set_rules(store, (TENT, {"minSaleQty": 4}), **holds)
    found = await line_of(store, TENT, MINIMUM)
    assert found == {"ownValue": 4, "effectiveValue": 4, "rule": {"value": 4, **holds}, **default}
    await set_rules(store, NULL, **holds)
    assert await line_of(store, TENT, MINIMUM) == {"ownValue": None, "effectiveValue": 1, "rule": None, **default}
    assert (await store.data(FORM, {"scope": TENT}))["scopeSettings"]["revision"] == 4
