"""What a change of rules, or the edge of a window, flips without any movement."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from models.database import Client, reader, transaction
from models.fields import to_microseconds
from models.sql import fetch
from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.notifications import survey as surveying
from resolvers.notifications.dispatch import dispatch
from resolvers.notifications.stock_events import movement
from resolvers.notifications.survey import Looking, Surveyor
from resolvers.notifications.told import look_again
from resolvers.orders.place_order import OrderRequest, place_order
from resolvers.outbox import Message
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import set_scope_rules
from rules.change import RulesChange
from rules.scope import GLOBAL, Scope, scope_of
from rules.setting import SettingKey
from tests.statements import counted_statements
from tests.telling import deliveries, endpoint, heard, settle, write
from tests.worlds import rule, stock_up

THRESHOLD = SettingKey.OUT_OF_STOCK_THRESHOLD


async def _shop(number: int = 4) -> list[str]:
    """Products with 5 at one source, all known; somebody listens."""
    skus = [f"SKU-{place:05}" for place in range(number)]
    for start in range(0, number, 5_000):
        await stock_up({sku: {"default": 5} for sku in skus[start : start + 5_000]})
    await settle()
    await endpoint()
    return skus


async def _passed(sku: str) -> None:
    """Wait until the survey that runs is behind a product."""
    while not await fetch(reader(), "SELECT 1 AS one FROM survey WHERE last_sku > $1", sku):
        pass


async def test_the_first_survey_notes_what_is_so_and_tells_nobody(db: None) -> None:
    await stock_up({"TENT": {"default": 0}, "LAMP": {"default": 5}})
    await write("DELETE FROM outbox")  # as in a database from before anything was told
    await endpoint()
    assert await Surveyor().run() == 2
    await settle()
    assert await deliveries() == []
    told = await fetch(reader(), "SELECT sku, kind, is_so FROM told ORDER BY sku, kind")
    assert [(row["sku"], row["kind"], bool(row["is_so"])) for row in told] == [
        ("LAMP", "SOURCE", False),
        ("LAMP", "STOCK", True),
        ("TENT", "SOURCE", True),
        ("TENT", "STOCK", False),
    ]
    assert await Surveyor().run() == 0


async def test_a_change_of_rules_is_told_for_every_product_that_it_flips_and_so_is_its_undoing(db: None) -> None:
    skus = await _shop()
    await set_source_items([SourceItemRow("default", skus[0], Decimal(50))])
    await rule(GLOBAL, {THRESHOLD: Decimal(5)})
    await settle()
    flips = [("product.out_of_stock", sku) for sku in skus[1:]]
    assert await heard() == [("rules.changed", "1"), *flips]
    payload = (await deliveries())[-1]["payload"]
    assert (payload["rules"], payload["threshold"], payload["salesChannels"]) == (True, "5", ["default"])
    assert payload["settings"][-1] == {"setting": "out_of_stock_threshold", "value": "5", "from": "global"}
    await rule(GLOBAL, {THRESHOLD: None})
    await settle()
    back = [("product.back_in_stock", sku) for sku in skus[1:]]
    assert await heard() == [("rules.changed", "1"), *flips, ("rules.changed", "2"), *back]


async def test_items_that_rules_make_low_are_told_and_those_that_rise_by_rules_may_fall_again(db: None) -> None:
    (sku,) = await _shop(1)
    for notify in (5, 4, 5):
        await rule(scope_of(None, sku), {SettingKey.NOTIFY_FOR_QUANTITY_BELOW: Decimal(notify)})
        await settle()
    lows = [row["payload"] for row in await deliveries() if row["event"] == "stock.low"]
    assert lows == 2 * [
        {"sku": sku, "source": "default", "quantity": "5", "notify": "5", "from": f"product {sku}", "rules": True}
    ]


async def test_only_what_the_rules_can_reach_is_looked_at(db: None) -> None:
    skus = await _shop()
    await stock_up({"AWAY": {"north": 5}, skus[0]: {"default": 5}})
    await settle()
    for scope, reached in ((scope_of(None, skus[1]), 1), (scope_of("north", None), 1), (GLOBAL, 5)):
        await rule(scope, {THRESHOLD: Decimal(1)})
        assert await Surveyor().run() == reached
    assert await Surveyor().run() == 0


async def test_the_edges_of_a_window_are_told_when_they_have_passed(db: None) -> None:
    (sku,) = await _shop(1)
    now = datetime.now(UTC)
    start, end = now + timedelta(days=1), now + timedelta(days=2)
    change = RulesChange(GLOBAL.type, None, None, {THRESHOLD: Decimal(9)})
    await set_scope_rules(RulesRequest([change], "test", active_from=start, active_until=end))
    await settle()
    assert await heard() == [("rules.changed", "1")]

    async def days_pass(days: int) -> None:
        """What lies ahead comes nearer, and the last survey was as long ago."""
        shift = to_microseconds(now) - to_microseconds(now - timedelta(days=days))
        await write("UPDATE scope_rule SET active_from = active_from - $1, active_until = active_until - $1", shift)
        await write("UPDATE survey SET instant = instant - $1", shift)

    surveyor = Surveyor()
    assert await surveyor.run() == 0
    await days_pass(1)
    assert await surveyor.run() == 1
    await settle()
    assert (await heard())[1:] == [("product.out_of_stock", sku)]
    await days_pass(1)
    assert await surveyor.run() == 1
    await settle()
    assert (await heard())[1:] == [("product.out_of_stock", sku), ("product.back_in_stock", sku)]
    assert await surveyor.run() == 0


async def test_a_source_that_is_disabled_flips_what_lies_there_and_so_does_its_return(db: None) -> None:
    (sku,) = await _shop(1)
    for enabled in (False, False, True):
        await upsert_sources([SourceRow("default", None, enabled)])
        await settle()
    assert await heard() == [("product.out_of_stock", sku), ("product.back_in_stock", sku)]


async def test_what_a_survey_found_and_a_movement_overtook_is_not_told(db: None) -> None:
    (sku,) = await _shop(1)
    await rule(GLOBAL, {THRESHOLD: Decimal(5)})
    assert await Surveyor().run() == 1
    await set_source_items([SourceItemRow("default", sku, Decimal(9))])
    await settle()
    assert await heard() == [("rules.changed", "1")]


async def test_what_a_movement_and_a_survey_both_found_is_told_once(db: None) -> None:
    (sku,) = await _shop(1)
    await place_order(OrderRequest("1", None, [(sku, Decimal(5))], "1"))
    await rule(GLOBAL, {THRESHOLD: Decimal(1)})
    assert await Surveyor().run() == 1
    await settle()
    assert await heard() == [("product.out_of_stock", sku), ("rules.changed", "1")]


async def test_a_movement_that_still_acts_by_the_old_rules_is_not_missed(db: None) -> None:
    (sku,) = await _shop(1)
    has_moved, may_end = asyncio.Event(), asyncio.Event()

    async def move(client: Client) -> None:
        async with movement(client, [sku]):
            await fetch(client, "UPDATE source_item SET quantity = 30000")
        has_moved.set()
        await may_end.wait()

    async def change_and_survey() -> None:
        await rule(GLOBAL, {THRESHOLD: Decimal(4)})
        await Surveyor().run()

    moving = asyncio.create_task(transaction(move))
    await has_moved.wait()
    changing = asyncio.create_task(change_and_survey())
    for _ in range(500):  # time enough for a survey that does not wait
        await fetch(reader(), "SELECT 1 AS one")
    may_end.set()
    await asyncio.gather(moving, changing)
    while await dispatch():
        continue
    assert ("product.out_of_stock", sku) in await heard()


async def test_a_survey_goes_on_where_it_was_left(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveying, "BATCH", 10)
    skus = await _shop(95)
    await rule(GLOBAL, {THRESHOLD: Decimal(5)})
    running = asyncio.create_task(Surveyor().run())
    await _passed(skus[20])
    running.cancel()
    await asyncio.wait([running])
    (left,) = await fetch(reader(), "SELECT is_running, last_sku FROM survey")
    assert left["is_running"]
    other = Surveyor()
    assert await other.run() == 0  # it may still be alive
    assert await other.run(patience=0) <= 95 - 30
    await settle()
    assert sorted(await heard())[:-1] == [("product.out_of_stock", sku) for sku in skus]


async def test_rules_that_change_again_during_a_survey_are_looked_at_again(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveying, "BATCH", 10)
    skus = await _shop(95)
    await rule(GLOBAL, {THRESHOLD: Decimal(5)})
    running = asyncio.create_task(Surveyor().run())
    await _passed(skus[20])
    await rule(GLOBAL, {THRESHOLD: None})
    await upsert_sources([SourceRow("default", None, enabled=False)])
    await running
    await settle()
    last = dict(subject_and_event[::-1] for subject_and_event in await heard())
    assert {last[sku] for sku in skus} == {"product.out_of_stock"}
    told = await fetch(reader(), "SELECT COUNT(*) AS n FROM told WHERE kind = 'STOCK' AND is_so = TRUE")
    assert told[0]["n"] == 0


async def test_a_survey_that_was_given_up_is_not_taken_for_the_one_that_was_begun_anew(db: None) -> None:
    await _shop()
    has_begun, is_over = asyncio.Event(), asyncio.Event()

    async def skus(_scopes: Sequence[Scope], last_sku: str) -> list[str]:
        return [sku for sku in ("SKU-1", "SKU-2") if sku > last_sku][:1]

    async def wait_for_the_other(_skus: Sequence[str]) -> list[Message]:
        has_begun.set()
        await is_over.wait()
        return []

    renewed = Surveyor(Looking("survey", skus, wait_for_the_other))
    begun: list[asyncio.Task[int]] = []

    async def read_too_early(_skus: Sequence[str]) -> list[Message]:
        if not begun:
            await transaction(look_again)
            begun.append(asyncio.create_task(renewed.run()))
            await has_begun.wait()
        return []

    await transaction(look_again)
    assert await Surveyor(Looking("survey", skus, read_too_early)).run() == 0
    is_over.set()
    assert await begun[0] == 2


async def test_a_survey_takes_as_many_statements_a_batch_however_much_flips(db: None) -> None:
    skus = await _shop(400)
    counts = []
    for number in (1, 20, 400):
        await set_source_items([SourceItemRow("default", sku, Decimal(50)) for sku in skus[number:]] or [])
        await set_source_items([SourceItemRow("default", sku, Decimal(5)) for sku in skus[:number]])
        await settle()
        await rule(GLOBAL, {THRESHOLD: Decimal(5)})
        with counted_statements() as seen:
            assert await Surveyor().run() == 400
        counts.append(len(seen))
        await rule(GLOBAL, {THRESHOLD: None})
        await settle()
    assert counts[0] == counts[1] == counts[2], counts


async def test_orders_are_placed_while_a_survey_looks_through_a_large_catalogue(db: None) -> None:
    skus = await _shop(10_000)
    await stock_up({"HOT": {"default": 1_000_000}})
    await settle()
    await rule(GLOBAL, {THRESHOLD: Decimal(5)})
    surveying_all = asyncio.create_task(Surveyor().run())
    numbers: list[str] = []
    while not surveying_all.done():
        numbers.append(str(len(numbers)))
        await place_order(OrderRequest(numbers[-1], None, [("HOT", Decimal(1))], numbers[-1]))
    assert await surveying_all >= 10_000
    orders = await fetch(reader(), "SELECT placed_at FROM sales_order")
    batches = await fetch(reader(), "SELECT DISTINCT created_at FROM outbox WHERE event = 'product.out_of_stock'")
    assert len(batches) == 21
    # No lock spans two batches: there are orders of many a time between them.
    between = {sum(batch["created_at"] < order["placed_at"] for batch in batches) for order in orders} - {0, 21}
    assert len(between) >= 10, between
    await settle()
    assert [each for each in await heard() if each[0] == "product.out_of_stock"] == [
        ("product.out_of_stock", sku) for sku in skus
    ]
