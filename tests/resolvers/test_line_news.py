"""What staff and customers hear of open lines follows what they were told, whatever the cause."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.database import Client, reader
from models.fields import to_microseconds
from models.sql import fetch
from resolvers import covered_lines
from resolvers.balances import Key
from resolvers.catalogue.source_items import SourceItemRow, remove_source_items, set_source_items
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.catalogue.stock_upserts import ChannelRow, LinkRow, StockRow, upsert_sales_channels, upsert_stocks
from resolvers.orders import line_survey
from resolvers.orders.order_changes import cancel_order, refund_order, ship_order
from resolvers.orders.order_lock import LineChange
from resolvers.orders.place_order import OrderRequest, place_order
from resolvers.orders.receive_stock import receive_stock
from resolvers.queue import supplies
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import set_scope_rules
from rules.change import RulesChange
from rules.scope import GLOBAL, scope_of
from rules.setting import BackorderMode, SettingKey
from tests.statements import counted_statements
from tests.telling import deliveries, endpoint, settle, write
from tests.worlds import rule, stock_up

ANN = "ann@home.test"
TENT = scope_of(None, "TENT")
WAITING, FREED = "order.waiting", "backorder.freed"
News = list[tuple[str, str, str, str]]


@pytest.fixture
async def shop(db: None) -> None:
    """10 TENT lie at a and none at b, which is linked too; more are sold, and customers are told; a program listens."""
    await stock_up({"TENT": {"a": 10, "b": 0}, "LAMP": {"a": 0}})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW_AND_NOTIFY})
    await settle()
    await endpoint("shop", [WAITING, FREED])


async def order(
    number: str, quantity: int, sku: str = "TENT", email: str | None = ANN, channel: str | None = None
) -> None:
    """An order of one line."""
    await place_order(OrderRequest(number, channel, [(sku, Decimal(quantity))], number, email))


async def count(quantity: int, source: str = "a", sku: str = "TENT") -> None:
    """Set a count."""
    await set_source_items([SourceItemRow(source, sku, Decimal(quantity))])


async def manage(*, on: bool) -> None:
    """Switch Manage Stock of TENT."""
    await rule(TENT, {SettingKey.MANAGE_STOCK: on})


async def link(stock: str, *sources: str) -> None:
    """Link these sources to a stock, and no others."""
    await upsert_stocks([StockRow(stock, None, [LinkRow(source, place) for place, source in enumerate(sources)])])


async def heard_of(target: str = "shop") -> News:
    """What a target is told since this was last asked: event, order, how many units of it, and how many wait."""
    await settle()
    rows = [row for row in await deliveries() if row["target"] == target]
    await write("DELETE FROM delivery WHERE target = $1", target)
    return [_said(row, "customerFreed" if target == ANN else "freed") for row in rows]


def _said(row: dict[str, Any], freed: str) -> tuple[str, str, str, str]:
    payload = row["payload"]
    units = payload.get("uncovered") or payload.get(freed) or payload.get("freed", "")
    return row["event"], row["subject"], units, payload.get("waiting", "")


async def test_a_count_that_falls_and_rises_again_is_told_to_staff_and_to_nobody_who_was_never_told_late(
    shop: None,
) -> None:
    await order("1", 8)
    for quantity in (0, 10):
        await count(quantity)
    assert await heard_of() == [(WAITING, "1", "8", "8"), (FREED, "1", "8", "0")]
    assert await heard_of(ANN) == []


async def test_a_customer_hears_only_of_the_units_that_were_told_late_and_once(shop: None) -> None:
    await order("1", 13)
    assert await heard_of(ANN) == [("order.backordered", "1", "", "")]
    await count(0)
    await count(11)
    assert await heard_of() == [(WAITING, "1", "10", "13"), (FREED, "1", "11", "2")]
    assert await heard_of(ANN) == [(FREED, "1", "1", "2")]
    for quantity in (0, 13, 0, 13):
        await count(quantity)
    assert await heard_of(ANN) == [(FREED, "1", "2", "0")]


async def test_a_count_that_is_lowered_twice_is_told_by_what_each_took(shop: None) -> None:
    await order("1", 4)
    await order("2", 6)
    for quantity in (8, 3, -5, 0):
        await count(quantity)
    assert await heard_of() == [
        (WAITING, "2", "2", "2"),
        (WAITING, "1", "1", "1"),
        (WAITING, "2", "4", "6"),
        (WAITING, "1", "3", "4"),
    ]


async def test_of_two_lines_the_customer_hears_of_the_one_that_was_told_late(shop: None) -> None:
    lines = [("TENT", Decimal(5)), ("LAMP", Decimal(5))]
    await place_order(OrderRequest("1", None, lines, "1", ANN))
    await heard_of(ANN)
    await count(0)
    await set_source_items([SourceItemRow("a", sku, Decimal(9)) for sku in ("TENT", "LAMP")])
    assert sorted(await heard_of()) == [(FREED, "1", "5", "0"), (FREED, "1", "5", "0"), (WAITING, "1", "5", "5")]
    await settle()
    assert await heard_of(ANN) == [(FREED, "1", "5", "0")]


async def test_who_was_not_told_late_by_the_rules_or_has_no_address_hears_nothing(shop: None) -> None:
    await order("1", 12, email=None)
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    await order("2", 2)
    await receive_stock("a", [("TENT", Decimal(4))], "r")
    assert await heard_of() == [(FREED, "1", "2", "0"), (FREED, "2", "2", "0")]
    assert await heard_of(ANN) == []


async def _disable(*, goes: bool) -> None:
    await upsert_sources([SourceRow("b", None, enabled=not goes)])


async def _unlink(*, goes: bool) -> None:
    await link("default", *("a" if goes else "ab"))


async def _manage(*, goes: bool) -> None:
    await manage(on=goes)


@pytest.mark.parametrize("switch", [_disable, _unlink, _manage])
async def test_a_line_that_really_waited_hears_when_its_goods_come_without_a_movement(
    shop: None, switch: Callable[..., Awaitable[None]]
) -> None:
    await switch(goes=True)
    if switch is not _manage:
        await count(40, "b")
    await order("1", 13)
    assert await heard_of(ANN) == [("order.backordered", "1", "", "")]
    assert await heard_of() == []
    await switch(goes=False)
    assert await heard_of() == [(FREED, "1", "3", "0")]
    assert await heard_of(ANN) == [(FREED, "1", "3", "0")]
    for goes in (True, False):
        await switch(goes=goes)
        assert await heard_of() == [(WAITING if goes else FREED, "1", "3", "3" if goes else "0")]
    assert await heard_of(ANN) == []


async def test_a_line_hears_when_a_window_in_which_stock_is_not_managed_begins_and_when_it_ends(shop: None) -> None:
    await order("1", 13)
    assert await heard_of() == []
    now = datetime.now(UTC)
    change = RulesChange(TENT.type, None, "TENT", {SettingKey.MANAGE_STOCK: False})
    start, end = now + timedelta(days=1), now + timedelta(days=2)
    await set_scope_rules(RulesRequest([change], "test", active_from=start, active_until=end))
    assert await heard_of() == []
    day = to_microseconds(now) - to_microseconds(now - timedelta(days=1))
    for news in ((FREED, "1", "3", "0"), (WAITING, "1", "3", "3")):
        shift = "active_from = active_from - $1, active_until = active_until - $1"
        await write(f"UPDATE scope_rule SET {shift} WHERE setting = 'manage_stock'", day)
        for table in ("survey", "line_survey"):
            await write(f"UPDATE {table} SET instant = instant - $1", day)
        assert await heard_of() == [news]


async def test_a_channel_that_sells_from_another_stock_changes_the_cover_of_no_order(shop: None) -> None:
    await order("1", 13)
    await link("other", "b")
    await upsert_sales_channels([ChannelRow("default", None, "other")])
    assert await heard_of() == []


async def test_what_leaves_a_shared_source_is_told_to_the_orders_of_the_other_stock(shop: None) -> None:
    await link("other", "a")
    await upsert_sales_channels([ChannelRow("shop", None, "other")])
    await order("1", 8)
    await order("2", 7, channel="shop")
    await ship_order("1", [LineChange("TENT", Decimal(8), "a")], "ship")
    assert await heard_of() == [(WAITING, "2", "5", "5")]
    await refund_order("1", [LineChange("TENT", Decimal(4), "a")], "refund")
    assert await heard_of() == [(FREED, "2", "4", "1")]
    assert await heard_of(ANN) == []


async def test_units_that_were_not_reserved_take_cover_from_those_that_were(shop: None) -> None:
    await order("1", 8)
    await manage(on=False)
    await order("2", 4)
    await manage(on=True)
    assert await heard_of() == []
    await ship_order("2", [LineChange("TENT", Decimal(4), "a")], "ship")
    assert await heard_of() == [(WAITING, "1", "2", "2")]


async def test_what_ships_from_its_own_queue_changes_the_cover_of_nobody(shop: None) -> None:
    await order("1", 4)
    await order("2", 4)
    await order("3", 4)
    for number in ("2", "1"):
        await ship_order(number, [LineChange("TENT", Decimal(3), "a")], number)
    assert await heard_of() == []
    await count(0)
    assert await heard_of() == [
        (WAITING, number, units, "4" if number == "3" else units)
        for number, units in (("1", "1"), ("2", "1"), ("3", "2"))
    ]


async def test_units_that_are_canceled_are_not_freed_and_those_behind_them_are(shop: None) -> None:
    await order("1", 12)
    await order("2", 5)
    await cancel_order("1", [LineChange("TENT", Decimal(1))], "one")
    await cancel_order("1", [LineChange("TENT", Decimal(4))], "four")
    assert await heard_of() == [(FREED, "2", "3", "2")]
    assert await heard_of(ANN) == [
        *[("order.backordered", number, "", "") for number in ("1", "2")],
        (FREED, "2", "3", "2"),
    ]
    await cancel_order("2", [LineChange("TENT", Decimal(2))], "two")
    await count(20)
    assert await heard_of() == []
    assert await heard_of(ANN) == []


async def test_items_that_are_removed_leave_orders_waiting(shop: None) -> None:
    await order("1", 8)
    await remove_source_items([("a", "TENT")])
    assert await heard_of() == [(WAITING, "1", "8", "8")]


async def test_what_is_out_of_stock_by_status_still_covers_and_is_not_told_as_waiting(shop: None) -> None:
    await set_source_items([SourceItemRow("b", "TENT", Decimal(5), is_in_stock=False)])
    await order("1", 13)
    await upsert_sources([SourceRow("b", None, enabled=False)])
    assert await heard_of() == [(WAITING, "1", "3", "3")]
    await upsert_sources([SourceRow("b", None, enabled=True)])
    assert await heard_of() == [(FREED, "1", "3", "0")]


async def test_lines_from_before_count_as_told_what_was_late_when_they_were_placed_to_an_address(shop: None) -> None:
    await order("1", 12)
    await order("2", 3, email=None)
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    await order("3", 1, email="bob@home.test")
    await order("4", 1)
    await settle()
    await write("UPDATE order_line SET told_waiting = NULL, told_late = NULL")
    await receive_stock("a", [("TENT", Decimal(2))], "r")
    assert await heard_of() == [(FREED, "1", "2", "0")]
    await write("UPDATE line_survey SET instant = 0")
    assert await heard_of() == []
    await receive_stock("a", [("TENT", Decimal(9))], "r2")
    assert await heard_of() == [(FREED, "2", "3", "0"), (FREED, "3", "1", "0"), (FREED, "4", "1", "0")]
    assert [each for each in await heard_of(ANN) if each[0] == FREED] == [
        (FREED, "1", "2", "0"),
        (FREED, "4", "1", "0"),
    ]
    assert await heard_of("bob@home.test") == [(FREED, "3", "1", "0")]


async def test_of_two_surveys_of_many_lines_and_a_movement_each_line_is_told_once(
    shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_survey, "TOLD_AT_ONCE", 3)
    await upsert_sources([SourceRow("b", None, enabled=False)])
    await count(100, "b")
    numbers = [f"{number:02}" for number in range(20)]
    for number in numbers:
        await order(number, 2)
    await heard_of()
    await upsert_sources([SourceRow("b", None, enabled=True)])
    surveys = [line_survey.line_surveyor().run(patience=0) for _ in range(3)]
    await asyncio.gather(*surveys, receive_stock("a", [("TENT", Decimal(8))], "r"))
    news = await heard_of()
    assert sorted(news) == [(FREED, number, "2", "0") for number in numbers[5:]]
    assert [each[0] for each in await heard_of(ANN)].count(FREED) == 15


async def test_a_survey_of_lines_takes_as_many_statements_however_many_lines_there_are(shop: None) -> None:
    await count(0)
    counts = []
    for number in (1, 20, 100):
        for place in range(number):
            await order(f"{number}-{place}", 1)
        await settle()
        await manage(on=False)
        with counted_statements() as seen:
            assert await line_survey.line_surveyor().run() == 1
        counts.append(len(seen))
        await manage(on=True)
        await settle()
    assert counts[0] == counts[1] == counts[2], counts


async def test_only_rules_of_manage_stock_have_lines_looked_at(shop: None) -> None:
    await order("1", 13)
    await settle()
    surveyor = line_survey.line_surveyor()
    await rule(GLOBAL, {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(-5)})
    assert await surveyor.run() == 0
    await rule(scope_of(None, "LAMP"), {SettingKey.MANAGE_STOCK: False})
    assert await surveyor.run() == 0
    await rule(TENT, {SettingKey.MANAGE_STOCK: False})
    assert await surveyor.run() == 1
    assert await surveyor.run() == 0


async def test_what_ships_while_a_survey_reads_hides_no_line_that_waits(
    shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(10, "b")
    await order("1", 5)
    await order("2", 10)
    await upsert_sources([SourceRow("b", None, enabled=False)])
    shipping = iter(["1"])

    async def supplies_before_a_shipment(client: Client, keys: Iterable[Key]) -> dict[Key, Decimal]:
        found = await supplies(client, keys)
        for number in shipping:
            await ship_order(number, [LineChange("TENT", Decimal(5), "a")], number)
        return found

    monkeypatch.setattr(line_survey, "supplies", supplies_before_a_shipment)
    assert await line_survey.line_surveyor().run() == 1
    assert await heard_of() == [(WAITING, "2", "5", "5")]


async def test_what_a_receipt_frees_beyond_what_it_tells_itself_the_survey_tells_once(
    shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(covered_lines, "MOST_COVERED", 2)
    await order("0", 10)
    for number in range(1, 6):
        await order(str(number), 1)
    await settle()
    await heard_of()
    received = await receive_stock("a", [("TENT", Decimal(5))], "r")
    assert [line.order_number for line in received.released] == ["1", "2"]
    assert received.released_count == 5
    assert await fetch(reader(), "SELECT subject FROM outbox WHERE event = 'backorder.freed' ORDER BY id") == [
        {"subject": "1"},
        {"subject": "2"},
    ]
    await settle()
    freed = [(event, number) for event, number, *_ in await heard_of()]
    assert sorted(freed) == [(FREED, str(number)) for number in range(1, 6)]
    await settle()
    assert await heard_of() == []
