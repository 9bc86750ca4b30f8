"""The demo's mail server: a real one that keeps what it gets, and the pages that show it."""

import re
import signal
import smtplib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from models.database import reader
from models.sql import fetch
from resolvers.notifications.deliveries import Outcome
from server.app import create_app
from server.demo import tell_everything_to
from server.mail.catcher import MOST_KEPT, catching
from server.mail.sender import mail_sender
from server.pages import HEADERS
from server.settings import Settings
from tests.client import Api
from tests.server.post_office import PostOffice, low, settings_for
from tests.server.process import PATIENCE_SECONDS, serving

ABSENT = ["0", "3", "x", "-1", "1.5", "9" * 9, "9" * 5000, "%00", "..%2Fdemo.db"]


@pytest.fixture
async def demo(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """A service that shows the mails of a folder."""
    chosen = {"database_url": database_url, "demo_mails": tmp_path}
    async with Api.of(create_app(Settings.model_validate(chosen))) as client:
        yield client


async def test_a_mail_is_caught_listed_and_shown_as_text(demo: Api, tmp_path: Path) -> None:
    assert "none yet" in (await demo.http.get("/mails")).text
    with catching(tmp_path) as port:
        send = mail_sender(settings_for(PostOffice(port=port)))
        for number, sku in ((1, "TENT"), (2, "<b>LAMP</b> & \u5e10")):
            assert await send([low(number, sku)]) == [Outcome(delivered=True)]
    listed = await demo.http.get("/mails")
    assert re.findall(r'href="(/mails/\d+)">(.*?)</a>', listed.text) == [
        ("/mails/2", "&lt;b&gt;LAMP&lt;/b&gt; &amp; \u5e10 is low at berlin: 9 left"),
        ("/mails/1", "TENT is low at berlin: 9 left"),
    ]
    shown = await demo.http.get("/mails/2")
    assert "<b>" not in shown.text
    assert "&lt;b&gt;LAMP&lt;/b&gt; &amp; \u5e10 is low at berlin: 9 left (2026-11-21 12:02 UTC)" in shown.text
    assert "<dd>Tent shop &lt;shop@example.com&gt;" in shown.text
    for answer in (listed, shown):
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
        assert not re.search(r"<(script|style|img|link)|style=", answer.text)


@pytest.mark.parametrize("number", ABSENT, ids=lambda text: str(text)[:12])
async def test_a_mail_that_is_not_there_is_not_found(demo: Api, number: str) -> None:
    answer = await demo.http.get(f"/mails/{number}")
    assert answer.status_code == 404


async def test_the_newest_200_mails_are_kept(demo: Api, tmp_path: Path) -> None:
    with catching(tmp_path) as port, smtplib.SMTP("127.0.0.1", port) as client:
        for number in range(1, MOST_KEPT + 4):
            client.sendmail("a@b.c", ["d@e.f"], f"Subject: {number}\r\n\r\nx\r\n")
    subjects = re.findall(r'href="/mails/\d+">(\d+)</a>', (await demo.http.get("/mails")).text)
    assert subjects == [str(number) for number in range(MOST_KEPT + 3, 3, -1)]
    assert (await demo.http.get("/mails/3")).status_code == 404


async def test_a_mail_of_any_bytes_is_shown(demo: Api, tmp_path: Path) -> None:
    bodies = [
        b"",
        b"no head",
        b"\xff\xfe: \x00",
        b"Subject: =?utf-8?b?7aCA?=\r\nTo: \xff@\xed\xa0\x80\r\n\r\n\xff\xed\xa0\x80",
        b"Content-Type: text/plain; charset=klingon\r\nContent-Transfer-Encoding: base64\r\n\r\n!!",
        b"Content-Type: multipart/alternative\r\n\r\nx",
        b"Date: yesterday\r\nFrom: <<>>,;:\r\nMessage-ID: <\r\n\r\n",
    ]
    with catching(tmp_path) as port:
        for body in bodies:
            with smtplib.SMTP("127.0.0.1", port) as client:
                client.sendmail("a@b.c", ["d@e.f"], body)
    assert (await demo.http.get("/mails")).text.count("<a href") == len(bodies)
    for number in range(1, len(bodies) + 1):
        assert (await demo.http.get(f"/mails/{number}")).status_code == 200, bodies[number - 1]


def test_a_connection_that_is_left_open_does_not_keep_the_demo_from_ending(tmp_path: Path) -> None:
    with catching(tmp_path) as port:
        client = smtplib.SMTP("127.0.0.1", port)
        client.ehlo()
    client.close()


async def test_outside_the_demo_there_are_no_such_pages(api: Api) -> None:
    assert (await api.http.get("/mails")).status_code == 404
    assert (await api.http.get("/mails/1")).status_code == 404


async def test_the_demo_has_a_recipient_once(db: None) -> None:
    for _ in range(2):
        await tell_everything_to("demo@localhost")
    assert await fetch(reader(), "SELECT source, email FROM recipient") == [{"source": "", "email": "demo@localhost"}]


def test_the_demo_says_where_its_mails_are_and_sends_them_nowhere_else(tmp_path: Path) -> None:
    with serving("--demo", "--workers", "2", cwd=tmp_path, smtp_url="smtp://mail.example.com:25?tls=none") as service:
        assert f"{service.url}/mails" in service.output()
        for _ in range(8):  # by one worker or the other
            assert "nothing leaves this machine" in httpx.get(f"{service.url}/mails", timeout=PATIENCE_SECONDS).text
        assert service.stop() in (0, 143, -signal.SIGTERM)
        assert "Traceback" not in service.output()
