"""What mail servers do to a mail, and whether it is tried again."""

import asyncio
import logging
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword

from resolvers.notifications.deliveries import Outcome
from server.mail.message import mail_of
from server.mail.sender import mail_sender
from server.mail.smtp import post
from server.mail.templates import Rendered
from server.settings import Settings
from tests.server.post_office import PostOffice, low, post_office, settings_for

SENT = Outcome(delivered=True)
SECRET = "pa-ss%40w%2Fr%C3%A4d"  # noqa: S105  # no secret: it opens a server that lives for one test


async def outcome_of(chosen: Settings, timeout: float = 10) -> Outcome:  # noqa: ASYNC109  # of each step
    """What becomes of one mail."""
    (outcome,) = await mail_sender(chosen, timeout)([low(1)])
    return outcome


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The server's side of TLS, by an authority that this process trusts."""
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return context


@pytest.mark.parametrize(
    ("answer", "hopeless"),
    [
        ("550 5.1.1 <ANN@example.com>: no such mailbox", True),
        ("552 mailbox full for good", True),
        ("450 4.2.0 greylisted", False),
        ("451 try again", False),
        ("554 5.7.1 <ann@example.com>: relay access denied", False),
        ("530 authentication required", False),
    ],
)
async def test_a_recipient_who_is_refused_for_good_is_hopeless(answer: str, hopeless: bool) -> None:
    office = PostOffice(recipients={"ann@example.com": answer})
    async with post_office(office=office):
        outcome = await outcome_of(settings_for(office))
    assert (outcome.delivered, outcome.hopeless) == (False, hopeless)
    assert answer[:3] in outcome.error
    assert "ann@example.com" not in outcome.error.lower()
    assert office.envelopes == []


async def test_a_mail_that_is_refused_after_its_text_is_judged_by_the_answer() -> None:
    office = PostOffice(answers=["554 spam", "452 full", "250 OK"])
    async with post_office(office=office):
        outcomes = [await outcome_of(settings_for(office)) for _ in range(3)]
    assert [(each.delivered, each.hopeless) for each in outcomes] == [(False, True), (False, False), (True, False)]


async def test_a_connection_that_drops_in_the_middle_is_tried_again() -> None:
    office = PostOffice(drops=1)
    async with post_office(office=office):
        first, second = await outcome_of(settings_for(office)), await outcome_of(settings_for(office))
    assert (first.delivered, first.hopeless, "broke" in first.error) == (False, False, True)
    assert second == SENT
    assert len(office.mails) == 1


async def test_a_server_that_stalls_is_given_up_and_tried_again() -> None:
    office = PostOffice(stalls=1)
    async with post_office(office=office):
        outcome = await outcome_of(settings_for(office), timeout=0.2)
        assert (outcome.delivered, outcome.hopeless, "in time" in outcome.error) == (False, False, True)
        assert await outcome_of(settings_for(office)) == SENT


async def test_a_server_that_never_greets_is_given_up() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        office = PostOffice(port=server.sockets[0].getsockname()[1])
        outcome = await outcome_of(settings_for(office), timeout=0.2)
    assert (outcome.delivered, outcome.hopeless, "in time" in outcome.error) == (False, False, True)


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        outcome = await outcome_of(settings_for(PostOffice(port=nobody.getsockname()[1])))
    assert (outcome.delivered, outcome.hopeless, "cannot be reached" in outcome.error) == (False, False, True)


async def test_a_login_over_starttls_is_made_and_a_wrong_one_is_said_without_its_words(
    tls: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[LoginPassword] = []

    def authenticate(*arguments: object) -> AuthResult:
        login = arguments[-1]
        assert isinstance(login, LoginPassword)
        seen.append(login)
        return AuthResult(success=login == LoginPassword(b"ann", "pa-ss@w/r\u00e4d".encode()), handled=False)

    options: dict[str, Any] = {
        "tls_context": tls,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": authenticate,
    }
    async with post_office(**options) as office:
        right = settings_for(office, tls="starttls", login=f"ann:{SECRET}@")
        assert await outcome_of(right) == SENT
        assert seen[-1] == LoginPassword(b"ann", "pa-ss@w/r\u00e4d".encode())
        wrong = settings_for(office, tls="starttls", login="ann:a-wrong-secret@")
        outcome = await outcome_of(wrong)
        assert (outcome.delivered, outcome.hopeless) == (False, False)
        assert "refused the login (535)" in outcome.error
        missing = await outcome_of(settings_for(office, tls="starttls"))
        assert (missing.delivered, missing.hopeless, "530" in missing.error) == (False, False, True)
    said = caplog.text + outcome.error + repr(wrong) + repr(right) + repr(right.smtp)
    assert not any(secret in said for secret in (SECRET, "pa-ss", "a-wrong-secret"))


async def test_tls_from_the_start_is_spoken(tls: ssl.SSLContext) -> None:
    async with post_office(implicit_tls=tls) as office:
        chosen = {"smtp_url": f"smtps://127.0.0.1:{office.port}", "mail_from": "shop@example.com"}
        assert await outcome_of(Settings.model_validate(chosen)) == SENT


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_server_that_nobody_vouches_for_gets_neither_login_nor_mail(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    both: dict[str, dict[str, Any]] = {"smtp": {"tls_context": tls}, "smtps": {"implicit_tls": tls}}
    async with post_office(**both[scheme]) as office:
        chosen = {"smtp_url": f"{scheme}://ann:{SECRET}@127.0.0.1:{office.port}", "mail_from": "shop@example.com"}
        outcome = await outcome_of(Settings.model_validate(chosen))
    assert (outcome.delivered, outcome.hopeless, "cannot be trusted" in outcome.error) == (False, False, True)
    assert office.envelopes == []


async def test_a_server_without_starttls_gets_no_mail_in_the_clear() -> None:
    async with post_office() as office:
        outcome = await outcome_of(settings_for(office, tls="starttls", login=f"ann:{SECRET}@"))
    assert (outcome.delivered, outcome.hopeless, "STARTTLS" in outcome.error) == (False, False, True)
    assert office.envelopes == []


async def test_a_server_that_knows_no_login_is_said(tls: ssl.SSLContext) -> None:
    async with post_office(tls_context=tls, auth_exclude_mechanism=["LOGIN", "PLAIN"]) as office:
        outcome = await outcome_of(settings_for(office, tls="starttls", login=f"ann:{SECRET}@"))
    assert (outcome.delivered, outcome.hopeless, "authentication" in outcome.error) == (False, False, True)


async def test_a_server_that_is_slow_all_along_is_given_up_within_the_lease_of_a_delivery() -> None:
    office = PostOffice(stalls=9)
    async with post_office(office=office):
        chosen = settings_for(office)
        assert chosen.smtp
        mails = [mail_of(chosen.mailbox, "ann@example.com", Rendered("a", "b", None), [low(each)]) for each in range(9)]
        outcomes = await post(chosen.smtp, mails, timeout=0.2)
    assert {(each.delivered, each.hopeless, "in time" in each.error) for each in outcomes} == {(False, False, True)}
    assert office.connections < len(outcomes) == 9


async def test_mails_of_one_call_share_a_connection_and_a_refused_or_broken_one_holds_up_no_other() -> None:
    office = PostOffice(recipients={"bob@example.com": "550 gone"}, drops=1)
    async with post_office(office=office):
        chosen = settings_for(office)
        assert chosen.smtp
        targets = ["ann@example.com", "bob@example.com", "cid@example.com", "dan@example.com"]
        mails = [mail_of(chosen.mailbox, each, Rendered("a", "b", None), [low(1)]) for each in targets]
        outcomes = await post(chosen.smtp, mails)
    assert [(each.delivered, each.hopeless) for each in outcomes] == [
        (False, False),
        (False, True),
        (True, False),
        (True, False),
    ]
    assert office.connections == 2
