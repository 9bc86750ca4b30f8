"""The settings of mails: read once, said clearly where they are wrong, never shown."""

from datetime import timedelta
from pathlib import Path

import pytest

from server.mail.smtp_address import Mailbox, Security, SmtpAddress, parse_mailbox, parse_smtp_url
from server.settings import Settings
from tests.server.process import run

FROM = {"mail_from": "shop@example.com"}


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("smtp://mail.example.com", SmtpAddress("mail.example.com", 587, Security.STARTTLS)),
        ("smtp://mail.example.com:2525/?tls=starttls", SmtpAddress("mail.example.com", 2525, Security.STARTTLS)),
        ("smtp://localhost?tls=none", SmtpAddress("localhost", 25, Security.NONE)),
        ("smtp://[::1]:1025?tls=none", SmtpAddress("::1", 1025, Security.NONE)),
        ("smtps://mail.example.com", SmtpAddress("mail.example.com", 465, Security.TLS)),
        (
            "smtps://ann%40example.com:p%2Fw%40d@mail.example.com:466",
            SmtpAddress("mail.example.com", 466, Security.TLS, "ann@example.com", "p/w@d"),
        ),
    ],
)
def test_a_mail_server_is_read(url: str, address: SmtpAddress) -> None:
    assert parse_smtp_url(url) == address
    assert "p/w" not in repr(address)
    assert Settings.model_validate({"smtp_url": url, **FROM}).smtp == address


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://ann:s3cret@host",
        "smtp://",
        "smtp://ann:s3cret@",
        "smtp://ann@host",
        "smtp://:s3cret@host",
        "smtp://ann:s3cret@host..example.com",
        "smtp://ann:s3cret@[::1",
        "smtp://ann:s3cret@host:port",
        "smtp://ann:s3cret@host:99999",
        "smtp://ann:s3/cret@host",
        "smtp://ann:s3cret@host?tls=yes",
        "smtp://ann:s3cret@host?ssl=no",
        "smtps://ann:s3cret@host?tls=none",
        "smtp://ann:s3cret@host/inbox",
        "smtp://ann:s3cret%0D%0AEHLO@host",
    ],
)
def test_a_bad_mail_server_is_named_and_not_shown(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z]") as caught:
        parse_smtp_url(url)
    assert "cret" not in str(caught.value)


def test_a_bad_setting_of_mails_ends_the_command_with_a_sentence(tmp_path: Path) -> None:
    for settings, said in (
        ({"smtp_url": "smtp://ann:s3cret@host:port"}, "SALABLE_SMTP_URL"),
        ({"smtp_url": "smtp://ann:s3cret@host"}, "SALABLE_MAIL_FROM: Value error, mails need a sender"),
        ({"mail_from": "Ann"}, "SALABLE_MAIL_FROM"),
        ({"digest_minutes": "-1"}, "SALABLE_DIGEST_MINUTES"),
        ({"mail_templates": str(tmp_path / "nowhere")}, "SALABLE_MAIL_TEMPLATES: Value error, there is no such folder"),
    ):
        result = run("serve", cwd=tmp_path, **settings)
        assert (result.returncode, said in result.stderr) == (1, True), result.stderr
        assert "cret" not in result.stderr
        assert "Traceback" not in result.stderr


def test_without_a_mail_server_there_is_none_and_digests_come_every_quarter_of_an_hour() -> None:
    for chosen in ({}, {"smtp_url": ""}, {"smtp_url": "", "mail_from": "", "mail_templates": ""}):
        settings = Settings.model_validate(chosen)
        assert (settings.smtp, settings.mail_templates) == (None, None)
    assert Settings.model_validate({}).digest_period == timedelta(minutes=15)
    assert Settings.model_validate({"digest_minutes": 0}).digest_period == timedelta(0)


def test_a_sender_is_an_address_with_or_without_a_name() -> None:
    assert parse_mailbox("shop@example.com") == Mailbox("", "shop@example.com")
    assert parse_mailbox("Tents & more <shop@example.com>") == Mailbox("Tents & more", "shop@example.com")
    assert parse_mailbox('"Tents, etc." <shop@example.com>').name == "Tents, etc."
    for bad in ("a@=?utf-8?q?x?=.c", "=?utf-8?q?x?=@b.c", "a@\uff1d\uff1fx\uff1f\uff1d.c", "a@b.c\uff20d.e"):
        with pytest.raises(ValueError, match="a sender is"):
            parse_mailbox(bad)
    with pytest.raises(ValueError, match="in ASCII"):
        parse_mailbox(f"a@\u00e4{'x' * 63}.c")
    for bad in ("shop", "Shop <shop>", "a@b.c, d@e.f", "Shop\r\nBcc: x <a@b.c>", "a b@c.d", ""):
        with pytest.raises(ValueError, match="a sender is"):
            parse_mailbox(bad)
