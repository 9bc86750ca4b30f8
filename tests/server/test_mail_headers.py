"""No text from outside makes a header, on any Python: what looks encoded is encoded itself, and the bytes are checked."""

from base64 import b64encode
from collections.abc import Sequence
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.errors import Refused
from resolvers.notifications.deliveries import Outcome
from resolvers.orders.place_order import OrderRequest, place_order
from resolvers.outbox import Event
from rules.validation import is_email
from server.mail.check import Meant, problem_in
from server.mail.inbox import _header
from server.mail.message import mail_of
from server.mail.sender import customer_mail_sender, mail_sender
from server.mail.smtp_address import Mailbox
from server.mail.templates import Rendered, one_line
from tests.server.post_office import PostOffice, delivery, low, post_office, settings_for
from tests.server.test_mail_customers import events, shop  # noqa: F401  # a fixture

SENT = Outcome(delivered=True)
OWN = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
LINES = "x\r\nBcc: eve@example.com\r\nX-Evil: 1"
FORGED = [
    f"=?utf-8?b?{b64encode(LINES.encode()).decode()}?=",
    "=?utf-8?q?x=0D=0ABcc=3A_eve=40example.com?=",
    "=?us-ascii?Q?x=0d=0aBcc:=20eve@example.com?=",
    "=?utf-8*en?q?x=0ABcc:_eve@example.com?=",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3D0D=3D0ABcc=3A_eve=3F=3D?=",
]
FORGED_ADDRESSES = [
    *(f"{forged}@example.com" for forged in FORGED[:1]),
    "=?utf-8?q?x=0D=0ABcc=3A_eve?=@example.com",
    "ann@=?utf-8?q?x=0D=0AX-Evil=3A_1?=.com",
    "ann@\uff1d\uff1futf-8\uff1fq\uff1fx=0d=0ay\uff1f\uff1d.com",
    "ann@example.com\uff20eve.example",
    "ann@example.com\uff0ceve",
]


def names(office: PostOffice) -> list[list[str]]:
    """The names of the headers of each mail, as its bytes have them: a line that is none stands there too."""
    heads = [(each.original_content or b"").partition(b"\r\n\r\n")[0].decode() for each in office.envelopes]
    return [[line.partition(":")[0] for line in head.split("\n") if not line.startswith((" ", "\t"))] for head in heads]


def subject(office: PostOffice) -> str:
    """The subject of the newest mail, as a reader shows it."""
    return _header(message_from_bytes(office.envelopes[-1].original_content or b""), "Subject")


@pytest.mark.parametrize("forged", FORGED)
async def test_what_looks_encoded_in_a_sku_is_shown_as_it_was_written(forged: str) -> None:
    async with post_office() as office:
        assert await mail_sender(settings_for(office))([low(1, forged)]) == [SENT]
        assert await mail_sender(settings_for(office))([delivery(1, Event.ORDER_SHIPPED, forged, {})]) == [SENT]
    assert names(office) == [[*OWN, "MIME-Version", "Content-Type"]] * 2
    assert subject(office) == f"Order {forged}: units were shipped".replace("&", "&amp;")


@pytest.mark.parametrize("forged", FORGED)
async def test_what_looks_encoded_in_the_name_of_the_sender_is_shown_as_it_was_written(forged: str) -> None:
    async with post_office() as office:
        for name in (forged, f"Tents {forged}", f"{forged}, more"):
            chosen = settings_for(office, mail_from=f'"{name}" <shop@example.com>')
            assert await mail_sender(chosen)([low(1)]) == [SENT]
            assert _header(message_from_bytes(office.envelopes[-1].original_content or b""), "From") == (
                f"{name} &lt;shop@example.com&gt;"
            )
    assert names(office) == [[*OWN, "MIME-Version", "Content-Type"]] * 3


@pytest.mark.parametrize("forged", FORGED)
async def test_what_looks_encoded_in_an_order_number_or_a_locale_makes_no_header(
    shop: None,  # noqa: F811  # the fixture
    forged: str,
) -> None:
    async with post_office() as office:
        [late] = await events(Event.ORDER_BACKORDERED)
        late = delivery(1, late.event, forged, late.payload)
        freed = {"order": forged, "sku": forged, "freed": "1", "waiting": "0"}
        told = [late, delivery(2, Event.BACKORDER_FREED, forged, freed)]
        assert await customer_mail_sender(settings_for(office))(told) == [SENT, SENT]
    assert names(office) == [[*OWN, "MIME-Version", "Content-Type"]] * 2
    assert subject(office) == f"Your order {forged}: {forged} can ship now"


async def test_a_template_of_a_merchant_makes_no_header(tmp_path: Path) -> None:
    (tmp_path / "digest.txt").write_text(f'Subject: {FORGED[0]} {{{{ "\\r\\nBcc: eve@example.com" }}}}\n\nHello')
    async with post_office() as office:
        assert await mail_sender(settings_for(office, mail_templates=tmp_path))([low(1)]) == [SENT]
    assert names(office) == [[*OWN, "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]]
    assert subject(office) == FORGED[0]
    assert b"\r\n\r\nBcc: eve@example.com\r\n" in (office.envelopes[0].original_content or b"")  # where the text begins


@pytest.mark.parametrize("target", FORGED_ADDRESSES)
async def test_an_address_that_looks_encoded_is_none(db: None, target: str) -> None:
    assert not is_email(target)
    async with post_office() as office:
        [outcome] = await mail_sender(settings_for(office))([low(1, target=target)])
    assert (outcome.delivered, outcome.hopeless, office.envelopes) == (False, True, [])
    assert target not in outcome.error
    with pytest.raises(Refused) as refused:
        await place_order(OrderRequest("1001", None, [], "k", target, "en"))
    assert ("INVALID_EMAIL", ("input", "customer_email")) in [(each.code, each.path) for each in refused.value.errors]


async def test_a_mail_whose_bytes_are_not_as_they_should_be_is_hopeless_and_not_sent(tmp_path: Path) -> None:
    (tmp_path / "digest.txt").write_text('Subject: x\n\n{{ "\\x00" }}')
    async with post_office() as office:
        [outcome] = await mail_sender(settings_for(office, mail_templates=tmp_path))([low(1)])
    assert (outcome.delivered, outcome.hopeless, office.envelopes) == (False, True, [])
    assert (
        outcome.error
        == "The mail is not sent: it has a character that no mail has, or a line that does not end as lines do."
    )


WORDS = st.text(max_size=200).map(one_line)


@given(WORDS, WORDS, st.sampled_from([("a", None), ("\u00e4" * 90, "<p>x</p>"), ("a" * 2000, "b" * 2000)]))
def test_every_text_is_shown_as_it_was_written_in_lines_of_7_bits(
    name: str, words: str, body: tuple[str, str | None]
) -> None:
    mail = mail_of(Mailbox(name, "shop@example.com"), "ann@example.com", Rendered(words, *body), [low(1)])
    assert mail.content.isascii()
    assert max(map(len, mail.content.split(b"\r\n"))) <= 100


def meant(subject_: str) -> Meant:
    """A mail from the shop to Ann."""
    return Meant(tuple(OWN), "ann@example.com", "shop@example.com", "", subject_)


def by_the_library(to: Sequence[Address] | Address, subject_: str) -> bytes:
    """A mail whose headers the library writes, as its version does it."""
    message = EmailMessage(SMTP)
    message["From"], message["To"], message["Subject"] = "shop@example.com", to, subject_
    message["Date"], message["Message-ID"], message["Auto-Submitted"] = "Mon, 2 Nov 2026 12:00:00 +0000", "<a@b>", "no"
    message.set_content("Hello")
    return message.as_bytes()


def test_what_a_library_makes_of_encoded_words_is_seen_before_it_is_sent() -> None:
    ann = Address("", "ann", "example.com")
    assert problem_in(by_the_library(ann, "Hello"), meant("Hello")) == ""
    for forged in FORGED:
        assert problem_in(by_the_library(ann, forged), meant(forged))
    for local in (FORGED[0], FORGED[1]):
        try:
            content = by_the_library(Address("", local, "example.com"), "Hello")
        except ValueError:  # newer Pythons refuse it
            continue
        assert problem_in(content, Meant(tuple(OWN), f"{local}@example.com", "shop@example.com", "", "Hello"))
    assert problem_in(by_the_library([ann, Address("", "eve", "example.com")], "Hello"), meant("Hello"))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"Subject: Hello", b"Subject: Hello\r\nBcc: eve@example.com"),
        (b"Subject: Hello", b"Subject: Hello\nBcc: eve@example.com"),
        (b"Subject: Hello", b"Subject: Hello\rBcc: eve@example.com"),
        (b"Subject: Hello", b"Subject: Hello\r\n\r\nan own body"),
        (b"Subject: Hello", b"Subject: Hello\r\nno header"),
        (b"Subject: Hello", b"Subject: Hello\r\n \r\n"),
        (b"Subject: Hello", b"Subject: Hello\r\nSubject: Hello"),
        (b"Subject: Hello", b"Subject: Hello you"),
        (b"Subject: Hello", b"Subject: " + b"Hello " * 200),
        (b"To: ann@example.com", b"To: ann@example.com, eve@example.com"),
        (b"To: ann@example.com", b"To: ann@example.com\r\n , eve@example.com"),
        (b"To: ann@example.com", b"Cc: ann@example.com"),
        (b"From: shop@example.com", b"From: eve@example.com"),
        (b"From: shop@example.com", b"From: Eve <shop@example.com>"),
        (b"Message-ID: <a@b>", b"Message-ID: <=?utf-8?q?a?=@b>"),
        (b"Hello\r\n\r\n", b"Hello\r\n.\n\r\n"),
    ],
)
def test_one_thing_that_is_not_meant_is_enough(good: bytes, bad: bytes) -> None:
    content = by_the_library(Address("", "ann", "example.com"), "Hello").replace(b"Hello\r\n", b"Hello\r\n\r\n", 2)
    content = content.replace(b"Subject: Hello\r\n\r\n", b"Subject: Hello\r\n")
    assert problem_in(content, meant("Hello")) == ""
    assert good in content
    assert problem_in(content.replace(good, bad, 1), meant("Hello"))
