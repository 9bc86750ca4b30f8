"""Claims, outcomes, retries, the dead, and what is removed."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tortoise.connection import get_connections

from models.database import reader
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from resolvers.notifications.claims import claim
from resolvers.notifications.deliveries import MOST_ATTEMPTS, Channel, Delivery, Outcome, prune, record, wait_after
from resolvers.notifications.delivery_list import retry_delivery
from tests.statements import counted_statements
from tests.telling import deliveries, endpoint, make_due, recipient, say, settle, write
from tests.worlds import stock_up

DELIVERED = Outcome(delivered=True)
FAILED = Outcome(delivered=False, error="The server answered 503.")
HOPELESS = Outcome(delivered=False, error="There is no such address.", hopeless=True)


async def _claim(limit: int = 100, of_target: int = 100, but_for: tuple[str, ...] = ()) -> list[Delivery]:
    return await claim(Channel.WEBHOOK, limit, of_target, but_for)


async def _record(claimed: list[Delivery], outcome: Outcome) -> None:
    await record([(each, outcome) for each in claimed])


async def _states() -> list[tuple[str, str, int]]:
    return [(row["subject"], row["state"], row["attempts"]) for row in await deliveries()]


async def test_of_each_subject_the_earliest_is_claimed_and_the_next_one_once_it_has_arrived(db: None) -> None:
    await endpoint()
    await say("1", "2", "1")
    await settle()
    first = await _claim()
    assert [(each.subject, each.payload) for each in first] == [("1", {"order": "1"}), ("2", {"order": "2"})]
    assert await _claim() == []
    await _record(first, DELIVERED)
    second = await _claim()
    assert [each.subject for each in second] == ["1"]
    assert second[0].id > first[0].id
    await _record(second, DELIVERED)
    assert await _states() == [("1", "DELIVERED", 1), ("2", "DELIVERED", 1), ("1", "DELIVERED", 1)]


async def test_what_waits_for_a_retry_holds_its_own_subject_at_its_own_target_and_nothing_else(db: None) -> None:
    for code in ("broken", "well"):
        await endpoint(code)
    await say("1", "1")
    await settle()
    broken, well = await _claim()
    assert (broken.target, well.target) == ("broken", "well")
    await record([(broken, FAILED), (well, DELIVERED)])
    assert [(each.target, each.attempts) for each in await _claim()] == [("well", 0)]


async def test_the_earliest_of_a_subject_is_sought_from_where_its_pending_ones_begin(
    db: None, is_postgresql: bool
) -> None:
    await endpoint()
    await say(*(str(number) for number in range(2_000)))  # more than the statistics of a new table know of
    await settle()
    with counted_statements() as seen:
        assert len(await _claim(limit=20)) == 20
    (sql,) = (each for each in seen if "AS head" in each)
    now = to_microseconds(datetime.now(UTC))
    explain = "EXPLAIN " if is_postgresql else "EXPLAIN QUERY PLAN "
    client = get_connections().get("default")  # it locks: a connection that only reads refuses it
    rows = await fetch(client, explain + sql, Channel.WEBHOOK.value, now, "shop", 0)
    plan = "\n".join(str(row["QUERY PLAN" if is_postgresql else "detail"]) for row in rows)
    if is_postgresql:
        assert re.search(
            r"using delivery_in_order on delivery e .*\n *Index Cond: \(ROW\(channel, target, subject,", plan
        ), plan
    else:
        assert "SEARCH e USING COVERING INDEX delivery_in_order ((channel,target,subject,state)>" in plan, plan


async def test_what_waits_behind_a_head_is_looked_at_once_and_follows_when_that_is_over(db: None) -> None:
    await endpoint()
    await say(*["1"] * 700)
    await settle()
    await _record(await _claim(), FAILED)
    assert await _claim() == []
    with counted_statements() as seen:
        assert await _claim() == []
    assert len(seen) == 1, seen  # nothing is due: no lock is taken, however much waits
    await write("UPDATE delivery SET due_at = 1 WHERE attempts = 1")
    (head,) = await _claim()
    await _record([head], DELIVERED)
    (following,) = await _claim()
    assert (following.subject, following.id) == ("1", head.id + 1)


async def test_a_target_gets_no_more_than_its_share_and_none_where_it_is_left_out(db: None) -> None:
    for code in ("a", "b"):
        await endpoint(code)
    await say(*(str(number) for number in range(20)))
    await settle()
    assert await _claim(but_for=("a", "b")) == []
    claimed = await _claim(limit=8, of_target=3)
    assert sorted(each.target for each in claimed) == ["a", "a", "a", "b", "b", "b"]
    assert {each.target for each in await _claim(but_for=("a",))} == {"b"}
    assert len(await _claim(limit=5)) == 5


async def test_a_digest_takes_all_that_waits_for_one_address_in_its_order(db: None) -> None:
    await stock_up({"TENT": {"default": 25}, "LAMP": {"default": 25}})
    await settle()
    for email in ("ann@shop.test", "bob@shop.test"):
        await recipient(email)
    for quantity in (0, 5, 0):
        for sku in ("TENT", "LAMP"):
            await set_source_items([SourceItemRow("default", sku, Decimal(quantity))])
    await settle()
    claimed = await claim(Channel.MAIL, 100, 100, ["bob@shop.test"])
    assert {each.target for each in claimed} == {"ann@shop.test"}
    for sku in ("TENT", "LAMP"):
        assert [each.event for each in claimed if each.subject == sku] == [
            "stock.low",
            "product.out_of_stock",
            "product.back_in_stock",
            "stock.low",
            "product.out_of_stock",
        ]
    assert await claim(Channel.MAIL, 100, 100, ["bob@shop.test"]) == []
    assert len(await claim(Channel.MAIL, 100, 100)) == 10


async def test_an_outcome_of_a_lease_that_lapsed_counts_only_where_it_arrived(db: None) -> None:
    await endpoint()
    await say("1")
    await settle()
    slow = await _claim()
    await make_due()
    quick = await _claim()
    assert quick == slow
    await _record(quick, FAILED)
    await _record(slow, FAILED)
    assert await _states() == [("1", "PENDING", 1)]
    await _record(slow, DELIVERED)
    assert await _states() == [("1", "DELIVERED", 1)]
    await _record(quick, FAILED)
    assert await _states() == [("1", "DELIVERED", 1)]


async def test_retries_wait_longer_each_time_and_end_dead_and_a_dead_one_is_brought_back(db: None) -> None:
    await endpoint()
    await say("1", "1")
    await settle()
    waits = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        (claimed,) = await _claim()
        assert claimed.attempts == attempt - 1
        before = to_microseconds(datetime.now(UTC))
        await _record([claimed], FAILED)
        row = (await deliveries())[0]
        waits.append(row["due_at"] - before)
        assert (row["attempts"], row["error"]) == (attempt, FAILED.error)
        assert row["state"] == ("DEAD" if attempt == MOST_ATTEMPTS else "PENDING")
        if attempt < MOST_ATTEMPTS:
            assert await _claim() == []
            await make_due()
    assert all(later > earlier for earlier, later in pairwise(waits[:-1]))
    dead = (await deliveries())[0]["id"]
    (following,) = await _claim()
    assert following.id > dead
    assert (await retry_delivery(str(dead))).state == "PENDING"
    (again,) = await _claim()
    assert (again.id, again.attempts) == (dead, 0)
    await _record([again], DELIVERED)
    row = (await deliveries())[0]
    assert (row["state"], row["error"]) == ("DELIVERED", "")


async def test_what_is_hopeless_is_dead_at_once(db: None) -> None:
    await endpoint()
    await say("1")
    await settle()
    await _record(await _claim(), HOPELESS)
    assert await _states() == [("1", "DEAD", 1)]


@given(st.integers(1, MOST_ATTEMPTS - 2))
def test_each_wait_is_longer_than_the_one_before_whatever_chance_adds(attempts: int) -> None:
    assert wait_after(attempts) < wait_after(attempts + 1)


async def test_what_arrived_long_ago_is_removed_and_what_somebody_waits_for_is_not(db: None) -> None:
    await endpoint()
    await say("arrived", "dead", "waits", "young")
    await settle()
    claimed = {each.subject: each for each in await _claim()}
    await record([(claimed["arrived"], DELIVERED), (claimed["dead"], HOPELESS), (claimed["young"], DELIVERED)])
    await say("not dispatched")
    then = to_microseconds(datetime.now(UTC) - timedelta(days=31))
    await write("UPDATE delivery SET finished_at = $1 WHERE subject IN ('arrived', 'dead')", then)
    await write("UPDATE outbox SET created_at = $1 WHERE subject <> 'young'", then)
    removed = await prune(datetime.now(UTC) - timedelta(days=30))
    assert [row["subject"] for row in await deliveries()] == ["dead", "waits", "young"]
    left = [row["subject"] for row in await fetch(reader(), "SELECT subject FROM outbox ORDER BY id")]
    assert left == ["waits", "young", "not dispatched"]
    assert removed == 3
    assert await prune(datetime.now(UTC) - timedelta(days=30)) == 0


async def test_removing_many_goes_on_to_the_last(db: None) -> None:
    await endpoint()
    await say(*(str(number) for number in range(1_500)))
    await settle()
    await write("UPDATE delivery SET state = 'DELIVERED', finished_at = 1")
    assert await prune(datetime.now(UTC) + timedelta(seconds=1)) == 3_000
    assert await deliveries() == []


async def test_claiming_and_recording_take_as_many_statements_however_many_there_are(db: None) -> None:
    await endpoint()
    await say(*(str(number) for number in range(221)))
    await settle()
    counts = []
    for number in (1, 20, 200):
        with counted_statements() as seen:
            claimed = await _claim(limit=number, of_target=number)
            await _record(claimed, DELIVERED)
        assert len(claimed) == number
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2], counts
