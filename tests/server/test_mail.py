"""Mails to those who run the shop: what they say, and that many events are one mail."""

import re
from email.message import EmailMessage

from resolvers.notifications.deliveries import Outcome
from resolvers.outbox import Event
from server.mail.sender import mail_sender
from tests.server.post_office import PostOffice, delivery, low, post_office, settings_for

SENT = Outcome(delivered=True)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """The text of a mail, or its HTML."""
    part = mail.get_body((kind,))
    assert part
    return str(part.get_content())


async def test_one_event_is_one_mail_with_a_subject_of_its_own() -> None:
    async with post_office() as office:
        assert await mail_sender(settings_for(office))([low(1)]) == [SENT]
        (mail,), (envelope,) = office.mails, office.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("shop@example.com", ["ann@example.com"])
    assert mail["Subject"] == "TENT is low at berlin: 9 left"
    assert (mail["From"], mail["To"]) == ("Tent shop <shop@example.com>", "ann@example.com")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.tzinfo
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert "TENT is low at berlin: 9 left" in text
        assert "9 on hand; told at 10 or less, by the rule of product TENT" in text
        assert "2026-11-21 12:01" in text


async def test_many_events_are_one_mail_grouped_by_what_happened() -> None:
    back = {"sku": "BOOTS", "stock": "default", "salable": "12"}
    gone = {"sku": "KAYAK", "stock": "default", "salable": "0"}
    told = [
        delivery(1, Event.BACK_IN_STOCK, "BOOTS", back),
        low(2),
        delivery(3, Event.OUT_OF_STOCK, "KAYAK", {**gone, "salesChannels": ["web", "shop"]}),
        low(4, "LAMP"),
        delivery(5, Event.OUT_OF_STOCK, "BOOTS", {**gone, "sku": "BOOTS"}),
    ]
    async with post_office() as office:
        assert await mail_sender(settings_for(office))(told) == [SENT] * 5
        (mail,) = office.mails
    assert mail["Subject"] == "5 changes in stock"
    lines = [line for line in text_of(mail).splitlines() if line and not line.startswith("  ")]
    assert [re.sub(r" \(.*\)$", "", line) for line in lines] == [
        "Out of stock",
        "- KAYAK is out of stock in web, shop",
        "- BOOTS is out of stock in stock default",
        "Low stock",
        "- TENT is low at berlin: 9 left",
        "- LAMP is low at berlin: 9 left",
        "Back in stock",
        "- BOOTS is back in stock in stock default: 12 can be sold",
    ]


async def test_what_flips_is_told_with_its_numbers_and_the_rules_behind_it() -> None:
    threshold = {"setting": "out_of_stock_threshold", "value": "2", "from": "source berlin"}
    mode = {"setting": "backorders", "value": "NO_BACKORDERS", "from": "the shipped default"}
    unknown = {"setting": "x", "value": "y", "from": "global"}
    payload = {"sku": "TENT", "stock": "default", "salesChannels": ["web"], "salable": "0", "rules": True}
    payload |= {"quantity": "12", "reserved": "-10", "threshold": "2", "settings": [mode, threshold, unknown]}
    async with post_office() as office:
        send = mail_sender(settings_for(office))
        assert await send([delivery(1, Event.OUT_OF_STOCK, "TENT", payload)]) == [SENT]
        late = {"order": "1001", "backordered": {"TENT": "5", "LAMP": "1"}, "notices": {}}
        assert await send([delivery(2, Event.ORDER_BACKORDERED, "1001", late)]) == [SENT]
        flip, order = map(text_of, office.mails)
    assert "12 on hand, 10 ordered, out-of-stock threshold 2; a change of rules made it so" in flip
    assert (
        "Backorders: NO_BACKORDERS (the shipped default), Out-of-Stock Threshold: 2 (source berlin), x: y (global)"
        in flip
    )
    assert "5 of TENT, 1 of LAMP wait for stock" in order


async def test_a_digest_has_500_lines_at_most_and_counts_the_rest() -> None:
    async with post_office() as office:
        assert await mail_sender(settings_for(office))([low(number) for number in range(1, 514)]) == [SENT] * 513
        (mail,) = office.mails
    for kind, sign in (("plain", "\n- TENT is low"), ("html", "<li>TENT is low")):
        assert text_of(mail, kind).count(sign) == 500
        assert "and 13 more" in text_of(mail, kind)
    assert mail["Subject"] == "513 changes in stock"


async def test_every_event_can_be_told() -> None:
    async with post_office() as office:
        send = mail_sender(settings_for(office))
        for event in Event:
            assert await send([delivery(1, event, "X", {})]) == [SENT], event
        assert await send([]) == []
        assert [("X" in mail["Subject"] or "None" in mail["Subject"]) for mail in office.mails] == [True] * len(Event)


async def test_the_same_deliveries_are_known_by_the_id_of_their_mail() -> None:
    async with post_office() as office:
        send = mail_sender(settings_for(office))
        for told in ([low(1), low(2)], [low(2), low(1)], [low(1)], [low(3)]):
            await send(told)
        ids = [mail["Message-ID"] for mail in office.mails]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"<salable\.[0-9a-f]{32}@example\.com>", each) for each in ids)


async def test_no_text_breaks_out_of_a_header_or_into_html() -> None:
    sku = "A\u2028Bcc: eve@example.com\u2029\x85\r\nX-Evil: 1 <script>&"
    async with post_office() as office:
        assert await mail_sender(settings_for(office))([low(1, sku)]) == [SENT]
        (mail,), (envelope,) = office.mails, office.envelopes
    assert envelope.rcpt_tos == ["ann@example.com"]
    assert (mail["Bcc"], mail["X-Evil"]) == (None, None)
    assert mail["Subject"] == "A Bcc: eve@example.com X-Evil: 1 <script>& is low at berlin: 9 left"
    assert "<script>" not in text_of(mail, "html")
    assert "&lt;script&gt;&amp;" in text_of(mail, "html")


async def test_an_address_that_is_none_is_hopeless_and_is_not_sent_to() -> None:
    bad = [
        "",
        "ann",
        "ann@",
        "@b.c",
        "a b@c.d",
        "ann@example.com\nBcc: eve@example.com",
        "a@b.c,d@e.f",
        "<a@b.c>",
        "a@b..c",
    ]
    async with post_office() as office:
        send = mail_sender(settings_for(office))
        for target in (*bad, f"{'x' * 65}@b.c", f"a@{'x' * 64}.c", f"a@\u00e4{'x' * 63}.c"):
            (outcome,) = await send([low(1, target=target)])
            assert outcome.delivered is (target == f"a@{'x' * 64}.c"), target  # ASCII is taken as it is
            assert outcome.hopeless is not outcome.delivered
            assert not target or target not in outcome.error


async def test_subjects_texts_and_domains_may_be_of_any_script() -> None:
    async with post_office() as office:
        assert await mail_sender(settings_for(office))(
            [low(1, "Zelt-\u00fc-\u5e10\u7bf7", "ann@b\u00fccher.example")]
        ) == [SENT]
        (mail,), (envelope,) = office.mails, office.envelopes
    assert mail["Subject"] == "Zelt-\u00fc-\u5e10\u7bf7 is low at berlin: 9 left"
    assert envelope.rcpt_tos == ["ann@xn--bcher-kva.example"]
    assert (envelope.original_content or b"").isascii()


async def test_a_name_of_another_script_is_sent_to_where_the_server_knows_how() -> None:
    told = [low(1, target="j\u00f6rg@example.com")]
    async with post_office(enable_SMTPUTF8=True) as office:
        assert await mail_sender(settings_for(office))(told) == [SENT]
        assert office.envelopes[0].rcpt_tos == ["j\u00f6rg@example.com"]
        assert office.mails[0]["To"] == "j\u00f6rg@example.com"
    async with post_office(office=PostOffice()) as office:
        (outcome,) = await mail_sender(settings_for(office))(told)
    assert (outcome.delivered, outcome.hopeless, "ASCII" in outcome.error) == (False, True, True)
