"""Dismissing what was given up: by id, or all to a target, or all before an instant."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.database import Client, transaction
from resolvers.notifications import dismissals
from tests.client import Api
from tests.deliveries import deliveries, queued
from tests.newer import write

CALL = """mutation ($i: DismissDeliveriesInput!) { dismissDeliveries(input: $i) {
    count hasMore userErrors { code field } } }"""


async def _dismiss(api: Api, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api.data(CALL, {"i": asked}))["dismissDeliveries"]
    return found


async def _ids() -> list[int]:
    return [row["id"] for row in await deliveries()]


async def test_dead_deliveries_are_dismissed_by_id_and_who_did_it_is_logged(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    dead, other = await queued(state="DEAD"), await queued(state="DEAD")
    with caplog.at_level(logging.INFO, "salable.delivery"):
        assert await _dismiss(api, ids=[str(dead), "999", "x"]) == {"count": 1, "hasMore": False, "userErrors": []}
        assert (await _dismiss(api, ids=[str(dead)]))["count"] == 0  # a repeat finds its work done
    assert await _ids() == [other]
    assert [each.getMessage() for each in caplog.records] == ["1 dead deliveries were dismissed by admin"]


async def test_nothing_that_is_on_its_way_or_has_arrived_is_dismissed(api: Api) -> None:
    dead, pending, arrived = await queued(state="DEAD"), await queued(), await queued(state="DELIVERED")
    refused = {"count": 0, "hasMore": False, "userErrors": [{"code": "NOT_DEAD", "field": ["input", "ids"]}]}
    for alive in (pending, arrived):
        assert await _dismiss(api, ids=[str(dead), str(alive)]) == refused
    assert await _ids() == [dead, pending, arrived]
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert (await _dismiss(api, before=soon))["count"] == 1
    assert await _ids() == [pending, arrived]


async def test_all_that_is_given_must_hold(api: Api) -> None:
    erp, crm = await queued("erp", state="DEAD"), await queued("crm", state="DEAD")
    mail = await queued("erp", state="DEAD", channel="MAIL")
    long_ago = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    assert (await _dismiss(api, target="erp", before=long_ago))["count"] == 0
    assert (await _dismiss(api, target="erp", channel="WEBHOOK"))["count"] == 1
    assert await _ids() == [crm, mail]
    assert (await _dismiss(api, target="erp"))["count"] == 1
    assert await _ids() == [crm]
    assert erp not in await _ids()


async def test_many_are_dismissed_in_batches_and_a_call_says_whether_there_are_more(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dismissals, "BATCH", 2)
    monkeypatch.setattr(dismissals, "MOST", 4)
    monkeypatch.setattr(dismissals, "_DISMISS", dismissals._DISMISS.replace("LIMIT 1000", "LIMIT 2"))
    for _ in range(5):
        await queued("erp", state="DEAD")
    assert await _dismiss(api, target="erp") == {"count": 4, "hasMore": True, "userErrors": []}
    assert await _dismiss(api, target="erp") == {"count": 1, "hasMore": False, "userErrors": []}


async def test_a_call_says_which_and_only_an_admin_may_call(api: Api) -> None:
    errors = (await _dismiss(api, channel="MAIL"))["userErrors"]
    assert errors == [{"code": "EMPTY_CHANGE", "field": ["input"]}]
    errors = (await _dismiss(api, ids=["1"] * 1_001))["userErrors"]
    assert errors == [{"code": "TOO_MANY", "field": ["input", "ids"]}]
    assert await api.code(CALL, {"i": {"target": "erp"}}, admin=False) == "FORBIDDEN"


async def test_what_only_a_newer_version_can_read_is_not_dismissed_by_any_name(api: Api) -> None:
    wrapped = await queued("erp", event="order.wrapped", state="DEAD")
    flown = await queued("erp", state="DEAD")
    await write("UPDATE delivery SET channel = 'PIGEON' WHERE id = $1", flown, unchecked="delivery")
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for asked in (
        {"before": soon},
        {"before": soon, "channel": "WEBHOOK"},
        {"target": "erp"},
        {"target": "erp", "channel": "WEBHOOK"},
        {"ids": [str(wrapped), str(flown)]},
    ):
        assert await _dismiss(api, **asked) == {"count": 0, "hasMore": False, "userErrors": []}
    assert await _ids() == [wrapped, flown]


async def test_a_call_that_does_not_come_to_its_end_is_logged_with_what_it_removed(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dismissals, "BATCH", 2)
    monkeypatch.setattr(dismissals, "_DISMISS", dismissals._DISMISS.replace("LIMIT 1000", "LIMIT 2"))
    for _ in range(4):
        await queued("erp", state="DEAD")
    taken = 0

    async def second_fails(remove: Callable[[Client], Awaitable[int]]) -> int:
        nonlocal taken
        taken += 1
        if taken == 2:
            raise asyncio.CancelledError
        return await transaction(remove)

    monkeypatch.setattr(dismissals, "transaction", second_fails)
    with caplog.at_level(logging.INFO, "salable.delivery"), pytest.raises(asyncio.CancelledError):
        await dismissals.dismiss_deliveries(dismissals.Dismissal(target="erp"), "ann")
    assert [each.getMessage() for each in caplog.records] == ['2 dead deliveries to "erp" were dismissed by ann']
    assert len(await _ids()) == 2
