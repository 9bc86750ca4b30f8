"""A change of rules over the whole catalogue is one mail, and orders are placed meanwhile."""

import asyncio
from decimal import Decimal

from models.database import reader
from models.sql import fetch
from resolvers.orders.place_order import OrderRequest, place_order
from rules.scope import scope_of
from rules.setting import SettingKey
from server.delivery.loop import Pace, delivering, ways_of
from tests.server.post_office import post_office, settings_for
from tests.server.process import PATIENCE_SECONDS
from tests.server.test_mail import text_of
from tests.telling import recipient, settle
from tests.worlds import rule, stock_up

NUMBER = 10_000
_LEFT = """
SELECT (SELECT COUNT(*) FROM delivery WHERE state = 'PENDING') AS pending,
       (SELECT COUNT(*) FROM outbox WHERE is_dispatched = FALSE) AS waiting,
       (SELECT COUNT(*) FROM delivery WHERE state = 'DELIVERED') AS delivered
"""


async def test_a_global_change_of_rules_is_one_mail_while_orders_go_on(db: None) -> None:
    for start in range(0, NUMBER, 5_000):
        await stock_up({f"SKU-{number:05}": {"default": 5} for number in range(start, start + 5_000)})
    await stock_up({"TENT": {"default": 1_000}})
    await settle()
    await recipient("ann@example.com")
    async with post_office() as office, delivering(ways_of(settings_for(office)), Pace(seconds=0.05)):
        await rule(scope_of(None, None), {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(10)})
        placed = 0
        async with asyncio.timeout(10 * PATIENCE_SECONDS):
            while (left := (await fetch(reader(), _LEFT))[0])["delivered"] < NUMBER:
                number = f"order-{placed}"
                await place_order(OrderRequest(number, None, [("TENT", Decimal(1))], number))
                placed += 1
                await asyncio.sleep(0.05)
        (mail,) = office.mails
    assert (left["pending"], left["delivered"]) == (0, NUMBER)
    assert mail["Subject"] == f"{NUMBER} changes in stock"
    assert f"{NUMBER - 500} more" in text_of(mail)
    assert placed > 0
