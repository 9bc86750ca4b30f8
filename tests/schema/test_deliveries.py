"""What is on its way to whom: the list that an admin looks at, and bringing back what was given up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Api
from tests.deliveries import deliveries, queued
from tests.schema.notifications import done, nodes, refused

RETRY = "retryDelivery"
ALL = "id event subject channel target state attempts createdAt nextAttemptAt deliveredAt error"
NO_IDS = ["", "0", "-1", "01", "1.0", " 1", "x", "\0", "\ud800", "²", "٣", "9" * 18, "9" * 19, "9" * 5_000]


async def listed(api: Api, **filter_: Any) -> list[str]:
    """The ids of the deliveries that a filter lets through, in the order of the list; the count agrees."""
    query = "query ($f: DeliveryFilter) { deliveries(filter: $f) { totalCount nodes { id } } }"
    found = (await api.data(query, {"f": filter_}))["deliveries"]
    assert found["totalCount"] == len(found["nodes"])
    return [each["id"] for each in found["nodes"]]


async def test_a_delivery_shows_where_it_is_and_what_went_wrong(api: Api) -> None:
    pending = await queued(attempts=3, due_in=3_600, error="The endpoint answered 500.")
    arrived = await queued("ann@example.com", channel="MAIL", state="DELIVERED", attempts=1, event="order.backordered")
    dead = await queued("bob@example.com", channel="CUSTOMER", state="DEAD", attempts=10, error="No such mailbox.")
    of_dead, of_arrived, of_pending = await nodes(api, "deliveries", ALL)
    assert [each.pop("id") for each in (of_dead, of_arrived, of_pending)] == [
        str(id_) for id_ in (dead, arrived, pending)
    ]
    created = datetime.fromisoformat(of_pending.pop("createdAt"))
    assert abs(datetime.fromisoformat(of_pending.pop("nextAttemptAt")) - created) == timedelta(hours=1)
    assert of_arrived.pop("deliveredAt") == of_arrived.pop("createdAt")
    assert of_dead.pop("createdAt")
    assert of_pending == {
        "event": "LOW_STOCK",
        "subject": "TENT",
        "channel": "WEBHOOK",
        "target": "erp",
        "state": "PENDING",
        "attempts": 3,
        "deliveredAt": None,
        "error": "The endpoint answered 500.",
    }
    assert of_arrived == {
        "event": "ORDER_BACKORDERED",
        "subject": "TENT",
        "channel": "MAIL",
        "target": "ann@example.com",
        "state": "DELIVERED",
        "attempts": 1,
        "nextAttemptAt": None,
        "error": None,
    }
    assert (of_dead["state"], of_dead["nextAttemptAt"], of_dead["deliveredAt"]) == ("DEAD", None, None)


async def test_every_filter_narrows_the_list_and_all_must_hold(api: Api) -> None:
    first = str(await queued("erp", subject="TENT"))
    second = str(await queued("crm", subject="LAMP", state="DEAD"))
    third = str(await queued("ann@example.com", subject="1001", channel="CUSTOMER", event="backorder.freed"))
    assert await listed(api) == [third, second, first]
    for filter_, expected in (
        ({"state": "PENDING"}, [third, first]),
        ({"state": "DEAD"}, [second]),
        ({"state": "DELIVERED"}, []),
        ({"channel": "WEBHOOK"}, [second, first]),
        ({"channel": "CUSTOMER"}, [third]),
        ({"channel": "MAIL"}, []),
        ({"event": "BACKORDER_FREED"}, [third]),
        ({"event": "LOW_STOCK"}, [second, first]),
        ({"target": "erp"}, [first]),
        ({"target": "ERP"}, []),
        ({"subject": "LAMP"}, [second]),
        ({"subject": "LAMP", "channel": "WEBHOOK", "state": "DEAD", "event": "LOW_STOCK", "target": "crm"}, [second]),
        ({"subject": "LAMP", "state": "PENDING"}, []),
        (dict.fromkeys(("state", "channel", "event", "target", "subject")), [third, second, first]),
    ):
        assert await listed(api, **filter_) == expected, filter_


@pytest.mark.parametrize("text", ["", "\0", "x" * 10_000, "' OR ''='"])
async def test_a_filter_by_what_nothing_can_have_finds_nothing(api: Api, text: str) -> None:
    await queued()
    for name in ("target", "subject"):
        assert await listed(api, **{name: text}) == []


async def test_pages_skip_and_repeat_nothing_while_new_ones_are_queued(api: Api) -> None:
    ids = [str(await queued()) for _ in range(7)]
    seen: list[str] = []
    query = "query ($a: String) { deliveries(first: 2, after: $a) { nodes { id } pageInfo { hasNextPage endCursor } } }"
    info: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while info["hasNextPage"]:
        page = (await api.data(query, {"a": info["endCursor"]}))["deliveries"]
        seen += [each["id"] for each in page["nodes"]]
        info = page["pageInfo"]
        await queued()
    assert seen == ids[::-1]
    assert await api.code("{ deliveries(first: 251) { totalCount } }") == "BAD_PAGE_SIZE"
    assert await api.code('{ deliveries(after: "WyJhIl0") { totalCount } }') == "BAD_CURSOR"


@pytest.mark.parametrize(("state", "due_in"), [("DEAD", -60), ("PENDING", 3_600), ("PENDING", 0)])
async def test_what_is_dead_or_waits_is_due_at_once_with_all_its_attempts_before_it(
    api: Api, state: str, due_in: int
) -> None:
    other = await queued(state="DEAD", attempts=10, error="No.")
    id_ = await queued(state=state, attempts=9, due_in=due_in, error="The endpoint answered 500.")
    found = (await done(api, RETRY, str(id_)))["delivery"]
    assert (found["id"], found["state"], found["attempts"], found["error"]) == (str(id_), "PENDING", 0, None)
    assert datetime.fromisoformat(found["nextAttemptAt"]) <= datetime.now(UTC)
    rows = {row["id"]: row for row in await deliveries()}
    assert (rows[id_]["state"], rows[id_]["attempts"], rows[id_]["finished_at"]) == ("PENDING", 0, None)
    assert (rows[other]["state"], rows[other]["attempts"], rows[other]["error"]) == ("DEAD", 10, "No.")


async def test_what_arrived_is_not_sent_again(api: Api) -> None:
    id_ = await queued(state="DELIVERED")
    assert await refused(api, RETRY, str(id_)) == [("NOT_RETRYABLE", "id")]


async def test_an_id_of_nothing_is_refused(api: Api) -> None:
    id_ = await queued(state="DEAD")
    for text in (*NO_IDS, str(id_ + 1), f"{id_}\n"):
        assert await refused(api, RETRY, text) == [("UNKNOWN_DELIVERY", "id")], ascii(text)[:20]
