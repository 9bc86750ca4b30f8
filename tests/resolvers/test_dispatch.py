"""Who hears of what, and what is no news."""

from decimal import Decimal

from models.database import Client, reader, transaction
from models.sql import fetch
from resolvers.catalogue.source_items import SourceItemRow, remove_source_items, set_source_items
from resolvers.catalogue.stock_upserts import ChannelRow, upsert_sales_channels
from resolvers.notifications.dispatch import dispatch
from resolvers.orders.order_changes import cancel_order, ship_order
from resolvers.orders.order_lock import LineChange
from resolvers.orders.place_order import OrderRequest, place_order
from resolvers.orders.receive_stock import receive_stock
from resolvers.outbox import Event, Message, tell
from rules.scope import GLOBAL
from rules.setting import BackorderMode, SettingKey
from tests.statements import counted_statements
from tests.telling import customer, deliveries, endpoint, heard, recipient, say, settle, write
from tests.worlds import rule, stock_up

NOTIFY_AT_10 = {SettingKey.NOTIFY_FOR_QUANTITY_BELOW: Decimal(10)}
LATE = {SettingKey.BACKORDERS: BackorderMode.ALLOW_AND_NOTIFY}


async def _count(quantity: int, sku: str = "TENT", source: str = "default") -> None:
    await set_source_items([SourceItemRow(source, sku, Decimal(quantity))])


async def _order(number: str, quantity: int, sku: str = "TENT") -> None:
    await place_order(OrderRequest(number, None, [(sku, Decimal(quantity))], number))


async def test_an_endpoint_hears_what_it_wants_and_a_disabled_one_nothing(db: None) -> None:
    await stock_up({"TENT": {"default": 5}})
    await settle()
    await endpoint("all")
    await endpoint("shipping", ["order.shipped"])
    await endpoint("off", is_enabled=False)
    await _order("1", 5)
    await ship_order("1", [LineChange("TENT", Decimal(5), "default")], "ship")
    await settle()
    assert await heard("all") == [
        ("product.out_of_stock", "TENT"),
        ("stock.low", "TENT"),
        ("order.shipped", "1"),
    ]
    assert await heard("shipping") == [("order.shipped", "1")]
    assert await heard("off") == []
    assert all(row["channel"] == "WEBHOOK" and row["state"] == "PENDING" for row in await deliveries())


async def test_low_stock_is_mailed_to_those_of_its_source_or_else_to_those_of_all(db: None) -> None:
    await stock_up({"TENT": {"north": 50, "south": 50}})
    await rule(GLOBAL, NOTIFY_AT_10)
    await settle()
    await recipient("all@shop.test")
    await recipient("north@shop.test", "north")
    await recipient("yard@shop.test", "north")
    for source in ("north", "south"):
        await _count(4, source=source)
        await settle()
    rows = [(row["target"], row["event"], row["payload"]["source"]) for row in await deliveries()]
    assert rows == [
        ("north@shop.test", "stock.low", "north"),
        ("yard@shop.test", "stock.low", "north"),
        ("all@shop.test", "stock.low", "south"),
    ]


async def test_those_of_all_sources_are_mailed_what_is_sold_out_back_late_and_freed_and_nothing_else(db: None) -> None:
    await stock_up({"TENT": {"default": 25}, "LAMP": {"default": 25}})
    await rule(GLOBAL, LATE | {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(-5)})
    await settle()
    await recipient("all@shop.test")
    await recipient("default@shop.test", "default")
    await _order("1", 30)
    await cancel_order("1", None, "cancel")
    await _order("2", 3, "LAMP")
    await ship_order("2", [LineChange("LAMP", Decimal(3), "default")], "ship")
    await _order("3", 3, "LAMP")
    for count in (2, 3):
        await _count(count, "LAMP")
    await settle()
    assert await heard("all@shop.test") == [
        ("product.out_of_stock", "TENT"),
        ("order.backordered", "1"),
        ("product.back_in_stock", "TENT"),
        ("order.waiting", "3"),
        ("backorder.freed", "3"),
    ]
    assert await heard("default@shop.test") == []


async def test_a_customer_hears_of_what_is_late_only_where_the_rules_say_so_and_of_what_is_freed_only_then(
    db: None,
) -> None:
    await stock_up({"TENT": {"default": 0}, "LAMP": {"default": 0}})
    await rule(GLOBAL, LATE)
    await _order("told", 2)
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    await _order("untold", 2, "LAMP")
    await _order("nobody", 2, "LAMP")
    for number in ("told", "untold"):
        await customer(number, f"{number}@home.test")
    await settle()
    assert await heard("told@home.test") == [("order.backordered", "told")]
    assert await heard("untold@home.test") == []
    await receive_stock("default", [("TENT", Decimal(2)), ("LAMP", Decimal(9))], "receive")
    await settle()
    assert await heard("told@home.test") == [("order.backordered", "told"), ("backorder.freed", "told")]
    assert await heard("untold@home.test") == []
    assert {row["channel"] for row in await deliveries()} == {"CUSTOMER"}


async def test_a_flip_names_the_sales_channels_of_its_stock(db: None) -> None:
    await stock_up({"TENT": {"default": 5}})
    await upsert_sales_channels([ChannelRow("outlet", None, "default")])
    await settle()
    await endpoint()
    await _order("1", 5)
    await settle()
    (row,) = await deliveries()
    assert row["payload"]["salesChannels"] == ["default", "outlet"]
    assert (row["payload"]["quantity"], row["payload"]["reserved"]) == ("5", "-5")


async def test_a_fall_a_rise_and_a_fall_again_are_told_twice(db: None) -> None:
    await stock_up({"TENT": {"default": 25}})
    await rule(GLOBAL, NOTIFY_AT_10)
    await settle()
    await endpoint()
    for quantity in (9, 8, 11, 10):
        await _count(quantity)
    await settle()
    assert await heard() == [("stock.low", "TENT"), ("stock.low", "TENT")]


async def test_what_was_told_already_is_not_told_again(db: None) -> None:
    await stock_up({"TENT": {"default": 0}})
    await settle()
    await endpoint()
    payload = {"sku": "TENT", "stock": "default", "salable": "0"}

    async def again(client: Client) -> None:
        await tell(client, [Message(Event.OUT_OF_STOCK, "TENT", payload)])

    await transaction(again)
    await settle()
    assert await heard() == []


async def test_what_is_new_is_noted_and_its_first_flip_is_told(db: None) -> None:
    await endpoint()
    await stock_up({"TENT": {"default": 5}, "LAMP": {"default": 0}})
    await _order("1", 5)
    await _count(3, "LAMP")
    await settle()
    assert sorted(await heard()) == [("product.back_in_stock", "LAMP"), ("product.out_of_stock", "TENT")]


async def test_an_item_that_went_and_returned_low_has_not_fallen_and_what_was_told_sold_out_is_back(db: None) -> None:
    await stock_up({"TENT": {"default": 25}})
    await rule(GLOBAL, NOTIFY_AT_10)
    await settle()
    await endpoint()
    await remove_source_items([("default", "TENT")])
    await settle()
    await _count(5)
    await settle()
    assert await heard() == [("product.out_of_stock", "TENT"), ("product.back_in_stock", "TENT")]


async def test_what_is_known_wrongly_is_put_right_when_the_product_is_next_heard_of(db: None) -> None:
    await stock_up({"TENT": {"default": 5}, "LAMP": {"default": 5}})
    await settle()
    await endpoint()
    await write("UPDATE told SET is_so = FALSE WHERE sku = 'TENT' AND kind = 'STOCK'")
    await _count(4, "LAMP")
    await settle()
    assert await heard() == []
    await _count(1)
    await settle()
    assert await heard() == [("stock.low", "TENT"), ("product.back_in_stock", "TENT")]


async def test_events_are_dispatched_once_and_in_their_order(db: None) -> None:
    await endpoint()
    await say(*(str(number) for number in range(700)))
    while await dispatch():
        continue
    assert [subject for _, subject in await heard()] == [str(number) for number in range(700)]
    assert await dispatch() == 0
    left = await fetch(reader(), "SELECT COUNT(*) AS n FROM outbox WHERE is_dispatched = FALSE")
    assert left[0]["n"] == 0


async def test_dispatching_takes_as_many_statements_however_many_events_there_are(db: None) -> None:
    skus = [f"SKU-{number:03}" for number in range(200)]
    await stock_up({sku: {"north": 50, "south": 50} for sku in skus})
    await settle()
    await endpoint()
    await recipient("all@shop.test")
    counts = []
    for number in (1, 20, 200):
        await set_source_items([SourceItemRow("north", sku, Decimal(0)) for sku in skus[:number]])
        with counted_statements() as seen:
            assert await dispatch() == number
        counts.append(len(seen))
        await set_source_items([SourceItemRow("north", sku, Decimal(50)) for sku in skus[:number]])
        await settle()
    assert counts[0] == counts[1] == counts[2], counts
    assert counts[0] <= 15
