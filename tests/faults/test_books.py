"""The fault run notices what it is there to notice."""

import pytest

from models.database import Client, transaction
from models.sql import fetch
from tests.client import Api
from tests.faults.books import Books, compare
from tests.faults.here import Here
from tests.faults.load import HOT, LAST, LAST_ON_HAND, RECEIVED, Write
from tests.orders import line, place, receive
from tests.server.post_office import PostOffice
from tests.server.receiver import Receiver, status
from tests.telling import settle
from tests.worlds import stock_up

WRITES = {
    "n1": Write("n1", HOT, 2, "placed"),
    "n2": Write("n2", RECEIVED, 1, "received"),
    "n3": Write("n3", LAST, LAST_ON_HAND, "placed"),
}


@pytest.fixture
async def sold(api: Api) -> None:
    """What these writes leave behind where all goes well."""
    await stock_up({HOT: {"north": 100}, RECEIVED: {"north": 0}, LAST: {"north": LAST_ON_HAND}})
    for write in WRITES.values():
        lines = [line(write.sku, write.quantity)]
        if write.sku == RECEIVED:
            await receive(api, "north", lines, key=write.key)
        else:
            await place(api, write.key, lines, key=write.key)
    await settle()


async def _found(*changes: str, **more: Write) -> Books:
    """What is found after these statements, and with more writes that callers made."""

    async def change(client: Client) -> None:
        for sql in changes:
            await fetch(client, sql)

    await transaction(change)
    return await compare(Here(), Receiver(status(200)), PostOffice(), WRITES | more, patience=0)


async def test_where_all_is_well_nothing_is_found(sold: None) -> None:
    assert await _found() == Books(0, 0, 0, (), "0 webhooks, 0 mails")


async def test_an_order_that_was_answered_and_does_not_stand_is_lost(sold: None) -> None:
    assert (await _found(n9=Write("n9", HOT, 1, "placed"))).lost == 1
    assert (await _found(n9=Write("n9", HOT, 1))).unanswered == 1


async def test_a_receipt_that_counts_less_or_more_than_was_answered_is_lost_or_doubled(sold: None) -> None:
    counted = f"UPDATE source_item SET quantity = {{}} WHERE product_id = '{RECEIVED}'"
    assert (await _found(counted.format(0))).lost == 1
    assert (await _found(counted.format(20_000))).doubled == 1


async def test_a_receipt_that_took_effect_and_was_not_answered_is_neither(sold: None) -> None:
    called = "INSERT INTO call (mutation, key, digest, facts, created_at) VALUES ('receiveStock', 'n9', '', '{}', 0)"
    counted = f"UPDATE source_item SET quantity = 20000 WHERE product_id = '{RECEIVED}'"
    found = await _found(called, counted, n9=Write("n9", RECEIVED, 1))
    assert (found.lost, found.doubled, found.unanswered) == (0, 0, 1)


async def test_a_receipt_that_is_lost_and_one_that_is_doubled_are_both_found(sold: None) -> None:
    twice = f"UPDATE source_item SET quantity = 20000 WHERE product_id = '{RECEIVED}'"
    found = await _found(twice, n9=Write("n9", RECEIVED, 1, "received"))
    assert (found.lost, found.doubled) == (1, 1)


async def test_a_receipt_that_nobody_knows_of_does_not_stand_in_for_one_that_is_lost(sold: None) -> None:
    found = await _found("UPDATE call SET key = 'n9' WHERE key = 'n2'", n9=Write("n9", RECEIVED, 1))
    assert (found.lost, found.doubled, found.unanswered) == (1, 0, 1)


async def test_an_order_that_is_reserved_twice_is_doubled(sold: None) -> None:
    found = await _found(
        "INSERT INTO reservation (sku, stock, quantity, order_number, event, created_at)"
        " SELECT sku, stock, quantity, order_number, event, created_at FROM reservation WHERE order_number = 'n1'",
        f"UPDATE balance SET quantity = quantity * 2 WHERE sku = '{HOT}'",
    )
    assert found.doubled == 1
    assert found.wrongs == ("the ledger has other units than the orders",)


async def test_an_order_of_nobody_and_more_than_there_was_are_wrong(sold: None) -> None:
    await _found(f"UPDATE order_line SET ordered = ordered + 10000 WHERE sku = '{LAST}'")
    found = await _found("UPDATE sales_order SET number = 'other' WHERE number = 'n1'")
    assert set(found.wrongs) == {
        "the ledger has other units than the orders",
        "1 orders that nobody asked for",
        f"{LAST_ON_HAND + 1} sold of {LAST_ON_HAND}",
    }
