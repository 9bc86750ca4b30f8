"""A name server that is silent holds up its own names alone, and what keeps us waiting is counted against nobody."""

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import pytest

from models.fields import from_microseconds
from resolvers.notifications.deliveries import Channel, Delivery, Outcome
from server import names
from server.delivery import guarded_http
from server.delivery import loop as delivery
from server.delivery.guarded_http import Hindered
from server.delivery.loop import Way, deliver_once, delivering
from server.mail.message import Mail
from server.mail.smtp import post
from server.mail.smtp_address import Security, SmtpAddress
from server.names import NoRoom, SilentNameServer, Threads
from tests.server.loops import OFTEN, until
from tests.server.posting import ask, unanswered
from tests.server.receiver import Receiver, receiving, silent
from tests.server.silence import silent_name_server
from tests.server.webhooks import a_delivery, change, endpoint, send, sender, stored
from tests.telling import deliveries, say


async def test_one_endpoint_whose_name_server_is_silent_keeps_no_other_waiting(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "GRACE_SECONDS", 0.1)
    await endpoint("http://hooks.silent.example/", "silent")
    await endpoint(receiver.url("localhost"), "well")
    await say(*(str(number) for number in range(100)))
    with silent_name_server() as name_server:
        async with delivering({Channel.WEBHOOK: Way(sender())}, OFTEN):
            await until(lambda: len(receiver.requests) >= 100)
            await until(lambda: bool(name_server.asked))
        found = Counter((row["target"], row["state"], row["attempts"]) for row in await deliveries())
        assert found["well", "DELIVERED", 1] == 100
        assert await stored("well") == (True, 0, "")
        assert len(set(name_server.asked)) == 1
        assert len(name_server.asked) == 1, "a look-up that hangs is shared by all who ask for the name"


async def test_a_silent_name_server_is_said_and_counted_against_its_endpoint_alone(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "LOOK_UP_SECONDS", 0.1)
    await endpoint("http://hooks.silent.example/")
    with silent_name_server():
        outcome = await send()
        assert outcome.error == "The name hooks.silent.example cannot be looked up: its name server does not answer."
        assert not outcome.is_ours
    assert await stored() == (True, 1, "")


async def test_where_no_name_server_says_anything_no_endpoint_is_to_blame_for_a_day(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    await endpoint("http://hooks.example/")
    said = "The name hooks.example cannot be looked up now: no name server says what it is."
    for age, is_ours, failures in ((0, True, 0), (23, True, 0), (25, False, 1)):
        outcome = await send(a_delivery(created_at=datetime.now(UTC) - timedelta(hours=age)))
        assert (outcome.delivered, outcome.error, outcome.is_ours) == (False, said, is_ours)
        assert await stored() == (True, failures, "")


async def test_names_that_hang_share_a_part_of_the_threads_and_the_rest_is_there_for_others() -> None:
    threads: Threads[str] = Threads(most=4, most_of_silent=2)
    may_end = threading.Event()

    def hang() -> str:
        may_end.wait()
        return "late"

    for name in ("a", "b", "c"):
        with pytest.raises(SilentNameServer):
            await threads.call(name, hang, 0.01)
    assert await threads.call("well", lambda: "found", 60) == "found"
    with pytest.raises(SilentNameServer):
        await threads.call("d", hang, 0.01)
    with pytest.raises(NoRoom):
        await threads.call("well", lambda: "found", 60)
    hung = asyncio.create_task(threads.call("a", hang, 60))
    await asyncio.sleep(0)
    may_end.set()
    assert await hung == "late"
    assert await threads.call("a", lambda: "found", 60) == "found"


async def test_a_thread_that_the_machine_does_not_give_is_ours_and_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: Threads[str] = Threads()

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        with pytest.raises(NoRoom):
            await threads.call("a", lambda: "found", 60)
    assert await threads.call("a", lambda: "found", 60) == "found"


async def test_what_was_not_sent_for_a_reason_of_ours_is_no_attempt_and_is_due_soon(db: None) -> None:
    await endpoint("http://127.0.0.1:9/")
    await say("1")

    async def hindered(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        return [Outcome(delivered=False, error="Too many look-ups hang.", is_ours=True)] * len(batch)

    for _ in range(12):  # more often than a delivery is tried
        assert await deliver_once({Channel.WEBHOOK: Way(hindered)}) == 1
        (row,) = await deliveries()
        assert (row["state"], row["attempts"], row["claimed_until"]) == ("PENDING", 0, 0)
        assert row["error"] == "Too many look-ups hang."
        assert from_microseconds(row["due_at"]) < datetime.now(UTC) + timedelta(seconds=10)
        await change("UPDATE delivery SET due_at = 0")


async def test_a_look_up_without_a_thread_is_ours(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_threads", Threads(most=0))
    await endpoint(receiver.url("localhost"))
    outcome = await send()
    assert (outcome.delivered, outcome.is_ours) == (False, True)
    assert await stored() == (True, 0, "")


async def test_a_process_that_stood_still_judges_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_http, "LATE_SECONDS", 0.2)
    async with receiving(silent()) as receiver:
        asking = asyncio.create_task(ask(receiver.url(), seconds=0.5))
        await until(lambda: bool(receiver.requests))
        time.sleep(1)  # noqa: ASYNC251  # the whole process stands still
        with pytest.raises(Hindered):
            await asking
        assert "no answer within" in await unanswered(receiver.url(), seconds=0.05)


async def test_what_the_database_does_not_say_is_ours(db: None) -> None:
    await endpoint("http://127.0.0.1:9/")
    await change("ALTER TABLE webhook_endpoint RENAME TO hidden")
    outcome = await send()
    assert (outcome.delivered, outcome.is_ours) == (False, True)


async def test_mails_to_a_server_whose_name_server_is_silent_take_one_thread_and_hold_up_nothing_else() -> None:
    server = SmtpAddress("mail.silent.example", 25, Security.NONE)
    mail = Mail(b"", "shop@shop.test", "ann@shop.test")
    with silent_name_server() as name_server:
        posts = [post(server, [mail], 0.1) for _ in range(40)]
        for (outcome,) in await asyncio.gather(*posts):
            assert outcome.error == "The mail server mail.silent.example:25 did not answer in time."
        assert await asyncio.to_thread(lambda: "done") == "done"
        assert len(name_server.asked) == 1
