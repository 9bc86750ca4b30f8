"""Warnings about rules that hold for a time: what a schedule hides, and what the rules are when a change begins to hold."""

import pytest

from tests.client import Api
from tests.schema.rule_store import (
    GLOBAL,
    LAMP,
    LONG_AGO,
    TENT,
    TENT_EAST,
    Change,
    day,
    product,
    set_rules,
    stock_up,
)

TWO: Change = (TENT, {"minSaleQty": 2})
THREE: Change = (TENT, {"minSaleQty": 3})
NULL: Change = (TENT, {"minSaleQty": None})
Window = dict[str, str]
WINDOW = {"activeFrom": day(10), "activeUntil": day(20)}


@pytest.fixture
async def store(api: Api) -> Api:
    """TENT at east and west, LAMP at east; no rule is set."""
    return await stock_up(api)


async def warned(api: Api, *changes: Change, **rest: object) -> list[tuple[str, str]]:
    """The code and the path of each warning about a change that must go well."""
    found = (await set_rules(api, *changes, **rest))["warnings"]
    return [(each["code"], ".".join(each["field"]).removeprefix("input.changes.")) for each in found]


@pytest.mark.parametrize(
    ("schedule", "window", "said"),
    [
        (WINDOW, {}, "from 2100-01-10 00:00 UTC until 2100-01-20 00:00 UTC it is 2"),
        (WINDOW, {"activeFrom": day(19)}, "2100-01-20"),
        ({"activeFrom": LONG_AGO, "activeUntil": day(20)}, {"activeFrom": LONG_AGO}, "2100-01-20"),
        ({"activeUntil": day(20)}, {}, "2100-01-20"),
        ({"activeFrom": day(10)}, {}, "from 2100-01-10"),
        ({"activeFrom": day(10)}, {"activeFrom": day(9)}, "from 2100-01-10"),
        ({"activeFrom": "2010-01-01T00:00:00Z"}, {"activeFrom": LONG_AGO}, "2010-01-01"),
    ],
    ids=str,
)
async def test_a_change_that_a_schedule_hides_is_warned_of(
    store: Api, schedule: Window, window: Window, said: str
) -> None:
    await set_rules(store, TWO, **schedule)
    found = (await set_rules(store, (TENT, {"maxSaleQty": 99}), THREE, **window))["warnings"]
    assert [(each["code"], each["field"]) for each in found] == [
        ("HIDDEN_BY_SCHEDULE", ["input", "changes", "1", "settings", "minSaleQty"])
    ]
    assert said in found[0]["message"]


@pytest.mark.parametrize(
    ("schedule", "window"),
    [
        (WINDOW, {"activeFrom": day(20)}),
        (WINDOW, {"activeFrom": day(20), "activeUntil": day(21)}),
        ({"activeFrom": day(10)}, {"activeFrom": day(11)}),
        ({"activeFrom": day(10)}, {"activeFrom": day(1), "activeUntil": day(20)}),
        ({"activeFrom": LONG_AGO}, {"activeFrom": day(1)}),
        ({}, WINDOW),
        (WINDOW, WINDOW),
    ],
    ids=str,
)
async def test_a_change_that_no_schedule_hides_is_not_said_to_be_hidden(
    store: Api, schedule: Window, window: Window
) -> None:
    await set_rules(store, TWO, **schedule)
    assert await warned(store, THREE, **window) == []


async def test_schedules_of_other_scopes_and_settings_hide_nothing(store: Api) -> None:
    await set_rules(store, (GLOBAL, {"minSaleQty": 2}), (LAMP, {"minSaleQty": 2}), (TENT, {"maxSaleQty": 9}), **WINDOW)
    assert await warned(store, THREE) == []


async def test_a_null_that_is_scheduled_hides_too(store: Api) -> None:
    await set_rules(store, TWO)
    await set_rules(store, NULL, **WINDOW)
    (found,) = (await set_rules(store, THREE))["warnings"]
    assert (found["code"], "there is no rule" in found["message"]) == ("HIDDEN_BY_SCHEDULE", True)


async def test_warnings_look_at_the_rules_of_the_start_of_the_window(store: Api) -> None:
    unlimited = [("BACKORDERS_BECOME_UNLIMITED", "0.settings.backorders")]
    await set_rules(store, (TENT, {"outOfStockThreshold": -5}), **WINDOW)
    on: Change = (TENT, {"backorders": "ALLOW"})
    assert await warned(store, on, activeFrom=day(10), activeUntil=day(12)) == []
    assert await warned(store, on, activeFrom=day(20), activeUntil=day(22)) == unlimited
    assert await warned(store, on, activeFrom=LONG_AGO, activeUntil=day(5)) == unlimited
    assert await warned(store, (TENT, {"maxSaleQty": 1}), activeFrom=day(15)) == []
    assert await warned(store, THREE, activeFrom=day(16)) == [("MIN_ABOVE_MAX", "0.settings.minSaleQty")]
    assert await warned(store, (LAMP, {"minSaleQty": 3})) == []


async def test_thresholds_add_up_where_they_hold_together(store: Api) -> None:
    await set_rules(store, (GLOBAL, {"backorders": "ALLOW", "outOfStockThreshold": -50}), **WINDOW)
    change: Change = (TENT_EAST, {"outOfStockThreshold": -20})
    adds_up = ("THRESHOLD_ADDS_UP", "0.settings.outOfStockThreshold")
    assert adds_up in await warned(store, change, activeFrom=day(10), activeUntil=day(11))
    limit = (await product(store, at=day(10)))["effectiveBackorderConfig"]["backorderLimit"]
    assert limit == {"kind": "LIMITED", "quantity": 70}
    for window in ({}, {"activeFrom": day(20), "activeUntil": day(21)}):
        found = await warned(store, change, **window)
        assert ("NEGATIVE_THRESHOLD_WITHOUT_BACKORDERS", "0.settings.outOfStockThreshold") in found
        assert adds_up not in found
