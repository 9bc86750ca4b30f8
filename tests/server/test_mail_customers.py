"""Mails to customers: what of their order is late, and what of it can ship after all."""

from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from models.database import reader
from models.sql import fetch
from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.notifications.deliveries import Delivery, Outcome
from resolvers.orders.place_order import OrderRequest, place_order
from resolvers.orders.receive_stock import receive_stock
from resolvers.outbox import Event
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from server.mail.sender import customer_mail_sender
from tests.server.post_office import PostOffice, delivery, post_office, settings_for
from tests.server.test_mail import text_of
from tests.statements import counted_statements
from tests.worlds import rule, stock_up

SENT = Outcome(delivered=True)


@pytest.fixture
async def shop(db: None) -> None:
    """Order 1001, of which 3 of 5 tents and 4 of 4 lamps are late, and the customer reads German."""
    await stock_up({"TENT": {"default": 2}, "LAMP": {"default": 0}, "MUG": {"default": 0}})
    await upsert_products([ProductRow("TENT", "Two-person <tent> & poles")])
    for sku, mode in (("TENT", "ALLOW_AND_NOTIFY"), ("LAMP", "ALLOW_AND_NOTIFY"), ("MUG", "ALLOW")):
        await rule(scope_of(None, sku), {SettingKey.BACKORDERS: BackorderMode[mode]})
    lines = [("TENT", Decimal(5)), ("LAMP", Decimal(4)), ("MUG", Decimal(1))]
    await place_order(OrderRequest("1001", None, lines, "k", "ann@example.com", "de-AT"))


async def events(*kinds: Event) -> list[Delivery]:
    """Deliveries to the customer of what the outbox has of these kinds."""
    rows = await fetch(reader(), "SELECT id, event, subject, payload FROM outbox ORDER BY id")
    return [
        delivery(row["id"], Event(row["event"]), row["subject"], orjson.loads(row["payload"]))
        for row in rows
        if row["event"] in kinds
    ]


async def test_a_customer_is_told_which_part_is_late(shop: None) -> None:
    async with post_office() as office:
        assert await customer_mail_sender(settings_for(office))(await events(Event.ORDER_BACKORDERED)) == [SENT]
        (mail,) = office.mails
    assert (mail["To"], mail["Subject"]) == ("ann@example.com", "Your order 1001: a part of it comes later")
    text = text_of(mail)
    assert "- Two-person <tent> & poles: 2 can ship now, 3 will follow as soon as new stock arrives" in text
    assert "- LAMP: 4 will ship as soon as new stock arrives" in text
    assert "MUG" not in text  # its rule does not say that the customer is to be told
    html = text_of(mail, "html")
    assert "Two-person &lt;tent&gt; &amp; poles" in html
    assert "<tent>" not in html


async def test_a_customer_is_told_of_each_line_that_is_freed(shop: None) -> None:
    await receive_stock("default", [("TENT", Decimal(1)), ("LAMP", Decimal(4))], "r")
    async with post_office() as office:
        assert await customer_mail_sender(settings_for(office))(await events(Event.BACKORDER_FREED)) == [SENT] * 2
        by_subject = {mail["Subject"]: text_of(mail) for mail in office.mails}
    lamp, tent = (
        by_subject["Your order 1001: LAMP can ship now"],
        by_subject[next(s for s in by_subject if "tent" in s)],
    )
    assert "4 of LAMP, which had to wait for new stock, can ship now" in lamp
    assert "follow" not in lamp
    assert "1 of Two-person <tent> & poles, which had to wait" in tent
    assert "2 more will follow" in tent


async def test_what_has_nothing_for_customers_is_hopeless_and_holds_up_no_other(shop: None) -> None:
    (late,) = await events(Event.ORDER_BACKORDERED)
    nothing = delivery(
        8, Event.ORDER_BACKORDERED, "1001", {"order": "1001", "backordered": {"MUG": "1"}, "notices": {}}
    )
    other = delivery(9, Event.ORDER_SHIPPED, "1001", {})
    nobody = delivery(10, Event.BACKORDER_FREED, "1001", {"sku": "TENT", "freed": "1", "waiting": "0"}, "nobody")
    async with post_office() as office:
        outcomes = await customer_mail_sender(settings_for(office))([nothing, late, other, nobody])
    assert [(each.delivered, each.hopeless) for each in outcomes] == [
        (False, True),
        (True, False),
        (False, True),
        (False, True),
    ]


async def test_the_template_of_the_nearest_language_is_used(shop: None, tmp_path: Path) -> None:
    told = await events(Event.ORDER_BACKORDERED)

    async def subject(*languages: str) -> tuple[str, bool]:
        for language in languages:
            name = f"order_backordered{language}"
            (tmp_path / f"{name}.txt").write_text(f"Subject: {language or 'own'} {{{{ order }}}}\n\nServus")
        office = PostOffice()
        async with post_office(office=office):
            assert await customer_mail_sender(settings_for(office, mail_templates=tmp_path))(told) == [SENT]
        return office.mails[0]["Subject"], office.mails[0].get_body(("html",)) is not None

    assert await subject() == ("Your order 1001: a part of it comes later", True)
    assert await subject(".fr", ".d", ".de-DE") == ("Your order 1001: a part of it comes later", True)
    assert await subject("") == ("own 1001", False)  # our HTML would say something else than their text
    assert await subject(".de") == (".de 1001", False)
    (tmp_path / "order_backordered.de.html").write_text("<p>Servus</p>")
    assert await subject(".de") == (".de 1001", True)
    assert await subject(".DE-at") == (".DE-at 1001", False)


async def test_a_batch_is_one_statement_whatever_its_size(shop: None) -> None:
    told = await events(Event.ORDER_BACKORDERED)
    async with post_office() as office:
        with counted_statements() as statements:
            assert await customer_mail_sender(settings_for(office))(told * 5) == [SENT] * 5
    assert len(statements) == 1
