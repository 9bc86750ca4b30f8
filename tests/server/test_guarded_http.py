"""HTTP to addresses of other people's choice: where it goes, where it never goes, and how long it takes at most."""

import asyncio
import logging
import socket
from contextlib import ExitStack

import pytest

from server.delivery import guarded_http
from server.delivery.guarded_http import Unanswered
from tests.server.posting import BODY, ask, names, unanswered
from tests.server.receiver import Receiver, endless, raw, receiving, silent, status

OK = b"HTTP/1.1 200 OK\r\n"


async def test_a_request_is_posted_as_it_is_given() -> None:
    async with receiving(status(204)) as receiver:
        assert await ask(receiver.url(path="/a;b/c?d=e&f=%20#g")) == 204
    (request,) = receiver.requests
    assert request.line == "POST /a;b/c?d=e&f=%20 HTTP/1.1"
    assert request.body == BODY
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["x-ours"] == "yes"
    assert request.headers["content-length"] == str(len(BODY))


@pytest.mark.parametrize("code", [200, 299, 301, 302, 307, 308, 400, 404, 410, 429, 500, 503])
async def test_whatever_the_status_is_it_is_returned_and_no_redirect_is_followed(code: int) -> None:
    async with receiving() as other, receiving(status(code, f"Location: {other.url()}")) as receiver:
        assert await ask(receiver.url()) == code
        assert len(receiver.requests) == 1
    assert other.requests == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "LOCALHOST",
        "10.0.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "224.0.0.1",
    ],
)
async def test_a_private_address_is_not_connected_to_in_any_form(host: str) -> None:
    async with receiving() as receiver:
        said = await unanswered(receiver.url(host, path="/token?secret=1"), may_be_private=False)
        assert "leads to a private address" in said
        assert "secret" not in said
    assert receiver.requests == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost"])
async def test_where_private_addresses_are_allowed_the_same_forms_reach_the_machine(host: str) -> None:
    async with receiving() as receiver:
        assert await ask(receiver.url(host)) == 200


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("8.8.8.8", "127.0.0.1"),
        ("127.0.0.1", "8.8.8.8"),
        ("2606:4700:4700::1111", "fe80::1%eth0"),
        ("8.8.8.8", "::ffff:10.0.0.1"),
        ("8.8.8.8", "64:ff9b::a00:1"),
    ],
)
async def test_a_name_with_one_private_address_among_its_addresses_is_refused(addresses: tuple[str, ...]) -> None:
    resolve, asked = names(*addresses)
    async with receiving() as receiver:
        with pytest.raises(Unanswered, match=r"^hooks\.example leads to a private address"):
            await ask(receiver.url("hooks.example"), may_be_private=False, resolve=resolve)
        assert asked == ["hooks.example"]
    assert receiver.requests == []


async def test_a_name_is_looked_up_once_and_the_address_that_was_judged_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected: list[tuple[str, int]] = []
    loop = asyncio.get_running_loop()
    connect = loop.create_connection

    async def create_connection(factory: object, host: str, port: int, **rest: object) -> object:
        connected.append((host, port))
        return await connect(factory, host, port, **rest)  # type: ignore[call-overload]  # passed on as it came

    monkeypatch.setattr(loop, "create_connection", create_connection)
    resolve, asked = names("127.0.0.1")
    async with receiving() as receiver:
        assert await ask(receiver.url("hooks.example"), resolve=resolve) == 200
        assert connected == [("127.0.0.1", receiver.port)]
        assert asked == ["hooks.example"]
    assert receiver.requests[0].headers["host"] == f"hooks.example:{receiver.port}"


async def test_an_address_that_refuses_is_followed_by_the_next_one() -> None:
    resolve, _ = names("127.0.0.2", "127.0.0.1")
    async with receiving() as receiver:
        assert await ask(receiver.url("hooks.example"), resolve=resolve) == 200


async def test_an_address_that_says_nothing_is_followed_by_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_http, "NEXT_ADDRESS_SECONDS", 0.2)
    resolve, _ = names("127.0.0.2", "127.0.0.1")
    async with receiving() as receiver:
        with ExitStack() as stack:
            full = stack.enter_context(socket.socket())
            full.bind(("127.0.0.2", receiver.port))
            full.listen(0)
            for _ in range(6):  # nobody accepts them: whoever comes next is not answered
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(full.getsockname())
            assert await ask(receiver.url("hooks.example"), resolve=resolve) == 200
        assert len(receiver.requests) == 1


async def test_a_name_without_an_address_is_not_known() -> None:
    for host in ("no-such-name.invalid", "1.2.3.4.5"):
        assert await unanswered(f"http://{host}/?secret=1") == f"The name {host} is not known."
    resolve, _ = names()
    with pytest.raises(Unanswered, match="is not known"):
        await ask("http://hooks.example/", resolve=resolve)


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(path=""))
        assert await ask(receiver.url()) == 200
    assert proxy.requests == []


async def test_an_answer_that_does_not_come_is_waited_for_so_long_and_no_longer() -> None:
    for head in (b"", b"HTTP/1.1 ", OK + b"X-Slow: "):
        async with receiving(silent(head)) as receiver:
            assert await unanswered(receiver.url(), seconds=0.2) == "There was no answer within 0.2 seconds."
            await asyncio.wait_for(receiver.is_cut_off.wait(), 10)


async def test_once_the_status_is_there_a_body_that_does_not_end_changes_nothing() -> None:
    head = OK + b"Content-Length: 1000000000\r\n\r\n"
    async with receiving(silent(head)) as receiver:
        assert await ask(receiver.url(), seconds=0.2) == 200
    for answer in (endless(head, b"x" * 65536), endless(OK + b"\r\n", b"x" * 65536)):
        async with receiving(answer) as receiver:
            assert await ask(receiver.url()) == 200
            await asyncio.wait_for(receiver.is_cut_off.wait(), 10)


async def test_what_is_not_http_is_said_to_be_none_and_not_repeated() -> None:
    for answer in (raw(b"SSH-2.0-secret\r\n\r\n"), endless(OK, b"X-More: secret\r\n"), raw(OK + b"secret\r\n\r\n")):
        async with receiving(answer) as receiver:
            assert await unanswered(receiver.url()) == "What 127.0.0.1 answered is not HTTP."


async def test_who_hangs_up_or_is_not_there_is_told_apart() -> None:
    async with receiving(raw(b"")) as receiver:
        said = await unanswered(receiver.url())
        assert said in (
            "What 127.0.0.1 answered is not HTTP.",
            "127.0.0.1 broke the connection off before it answered.",
        )
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        assert await unanswered(f"http://127.0.0.1:{port}/?secret=1") == (
            "127.0.0.1 could not be connected to: Connection refused."
        )


async def test_many_may_be_asked_at_once() -> None:
    async with receiving() as receiver:
        assert await asyncio.gather(*(ask(receiver.url()) for _ in range(50))) == [200] * 50


async def test_nothing_of_the_url_but_the_host_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def both(receiver: Receiver) -> None:
        assert await ask(receiver.url(path="/secret?secret")) == 200
        receiver.answer = raw(b"no")
        await unanswered(receiver.url(path="/secret?secret"))

    async with receiving() as receiver:
        await both(receiver)
    assert "secret" not in caplog.text
