"""What one client can take of live updates: connections, subscriptions, memory, time, and a token that is no more."""

import asyncio
import struct
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from resolvers.tokens import Holder, TokenRole, create_token, digest_of, revoke_token
from server.budget import WINDOW_SECONDS, Budget
from server.live_connections import LiveConnections, place_of
from server.live_limits import LiveLimits
from server.settings import Settings
from tests.client import AS_ADMIN
from tests.orders import line, place
from tests.server.crowd import client, service
from tests.statements import counted_statements
from tests.watching import PATIENCE_SECONDS, Watch, ended, watching
from tests.worlds import stock_up


def test_a_budget_is_there_again_after_a_while() -> None:
    now = 0.0
    budget = Budget(3, lambda: now)
    assert [budget.spend(), budget.spend(2), budget.spend(0.5)] == [True, True, False]
    now = WINDOW_SECONDS - 0.01
    assert not budget.spend()
    now = WINDOW_SECONDS
    assert [budget.spend(3), budget.spend()] == [True, False]


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        (None, ""),
        ("no address", "no address"),
    ],
)
def test_an_address_is_that_of_a_customer(host: str | None, place: str) -> None:
    assert place_of(host) == place


def test_proxies_are_addresses_or_networks() -> None:
    for good in ("", "127.0.0.1", "10.0.0.0/8, ::1", "*"):
        assert Settings.model_validate({"proxies": good}).proxies == good
    for bad in ("proxy.example", "10.0.0.1/8", "127.0.0.1,x"):
        with pytest.raises(ValueError, match="proxies"):
            Settings.model_validate({"proxies": bad})


async def test_one_address_cannot_take_all_connections(tmp_path: Path, database_url: str, db: None) -> None:
    limits = {"live_connections": "4", "live_connections_per_address": "2"}

    async def refused(address: str) -> int:
        with pytest.raises(InvalidStatus) as found:
            async with watching(running.url, headers={"X-Forwarded-For": address}):
                pass
        return found.value.response.status_code

    with service(tmp_path / "service", database_url, **limits) as running:
        async with AsyncExitStack() as stack:

            async def come(address: str) -> None:
                await stack.enter_async_context(watching(running.url, headers={"X-Forwarded-For": address}))

            await come("192.0.2.1")
            await come("::ffff:192.0.2.1")
            assert await refused("192.0.2.1") == 429
            await come("2001:db8::1")
            await come("2001:db8::2")
            assert await refused("2001:db8::3") == 503  # the process is full, whoever asks
            assert await refused("192.0.2.9") == 503
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:  # once one has gone there is room for one
                try:
                    async with watching(running.url, headers={"X-Forwarded-For": "192.0.2.1"}):
                        break
                except InvalidStatus:
                    await asyncio.sleep(0.01)


async def test_who_is_believed_to_speak_for_another_is_a_setting(tmp_path: Path, database_url: str, db: None) -> None:
    limits = {"live_connections_per_address": "1", "proxies": "192.0.2.1"}
    with service(tmp_path / "service", database_url, **limits) as running:
        async with watching(running.url, headers={"X-Forwarded-For": "192.0.2.7"}):
            with pytest.raises(InvalidStatus) as found:
                async with watching(running.url, headers={"X-Forwarded-For": "192.0.2.8"}):
                    pass
    assert found.value.response.status_code == 429


async def test_who_watches_nothing_is_sent_away_and_who_watches_stays(
    tmp_path: Path, database_url: str, db: None
) -> None:
    await stock_up({"A": {"north": 1000}})
    with service(tmp_path / "service", database_url, live_idle_seconds="3") as running:
        async with watching(running.url) as stays, watching(running.url) as over:
            await stays.subscribe(["A"], "salableQty")
            id_ = await over.subscribe(["A"])
            await stays.product()
            await over.product()
            async with watching(running.url) as idle:
                assert await ended(idle) == 1000
            await over.send({"type": "complete", "id": id_})
            await over.send({"type": "ping"})  # which is no reason to stay
            assert await ended(over) == 1000
            async with client(running.url) as api:
                await place(api, "1", [line("A", 1)])
            assert await stays.product() == {"salableQty": 999}


async def test_a_connection_has_so_many_subscriptions_and_skus_as_the_settings_say(
    tmp_path: Path, database_url: str, db: None
) -> None:
    await stock_up({"A": {"north": 1000}, "B": {"north": 1000}})
    limits = {"live_subscriptions": "3", "live_skus": "4", "live_message_kib": "8"}
    with service(tmp_path / "service", database_url, **limits) as running:
        async with watching(running.url) as watch:
            first = await watch.subscribe(["A", "B", "A", *("x" * 65 + str(number) for number in range(20))])
            for _ in range(2):
                await watch.product()
            await watch.subscribe(["A", "NONE", "NEITHER"])
            assert await watch.code() == "TOO_MANY"  # what is no SKU was not counted, what may become one is
            await watch.subscribe(["A", "NONE"])
            await watch.product()
            await watch.subscribe(["A"])
            assert await watch.code() == "TOO_MANY"
            await watch.send({"type": "complete", "id": first})
            for _ in range(2):
                await watch.subscribe(["B"])
                await watch.product()
            await watch.subscribe(["A"])
            assert await watch.code() == "TOO_MANY"
            async with watching(running.url) as other:  # what one has does not count for another
                await other.subscribe(["A", "B", "C", "D"])
                await other.product()
            await watch.send("x" * 8 * 1024 + "x")
            assert await ended(watch) == 1009


async def test_what_a_shopper_subscribes_to_is_short_since_it_is_kept(
    tmp_path: Path, database_url: str, db: None
) -> None:
    await stock_up({"A": {"north": 1000}})
    with service(tmp_path / "service", database_url) as running:
        for headers, codes in (({}, ["", "GRAPHQL_PARSE_FAILED"]), (AS_ADMIN, ["", ""])):
            async with watching(running.url, headers=headers) as watch:
                for number, code in zip((10, 400), codes, strict=True):
                    others = " ".join(f"query q{each} {{ __typename }}" for each in range(number // 4))
                    query = f'subscription s {{ stockChanged(skus: ["A"]) {{ salableQty }} }} {others}'
                    payload = {"query": query, "operationName": "s"}
                    await watch.send({"type": "subscribe", "id": str(number), "payload": payload})
                    if code:
                        assert await watch.code() == code
                    else:
                        await watch.product()


FLOOD = 2_000
"""Messages: far more than a slow machine lets by while they are sent."""


def pings(number: int, size: int = 0) -> bytes:
    """So many ping frames of a client, one behind the other."""
    return (struct.pack("!BB", 0x89, 0x80 | size) + b"\0\0\0\0" + b"x" * size) * number


async def received(watch: Watch) -> tuple[int, int | None]:
    """How many messages come until the end, and the code of the end."""
    count = 0
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                await watch.socket.recv()
                count += 1
    except ConnectionClosed as closed:
        return count, closed.rcvd.code if closed.rcvd else None


@pytest.mark.parametrize("size", [0, 125])
async def test_a_flood_of_pings_ends_the_connection_and_holds_up_nobody(
    tmp_path: Path, database_url: str, db: None, size: int
) -> None:
    await stock_up({"A": {"north": 1000}})
    with service(tmp_path / "service", database_url, live_messages="100") as running:
        async with watching(running.url) as flooding, watching(running.url) as other:
            await other.subscribe(["A"], "salableQty")
            await other.product()
            flooding.socket.transport.write(pings(100_000, size))
            assert await ended(flooding) == 4429
            async with client(running.url) as api:
                await place(api, "1", [line("A", 1)])
            assert await other.product() == {"salableQty": 999}


async def test_floods_of_messages_bytes_and_pieces_of_messages_end_the_connection(
    tmp_path: Path, database_url: str, db: None
) -> None:
    ping = '{"type":"ping"}'
    with service(tmp_path / "service", database_url, live_messages="100") as running:
        began = monotonic()
        async with watching(running.url) as watch:
            for _ in range(90):
                await watch.send(ping)
                assert await watch.receive() == {"type": "pong"}
            with suppress(ConnectionClosed):  # it may be over while there is more to send; `received` says how it ended
                for _ in range(FLOOD):
                    await watch.send(ping)
            count, code = await received(watch)
            anew = int((monotonic() - began) // WINDOW_SECONDS)  # on a slow machine the budget is there again meanwhile
            allowed = 10 + 100 * anew
            assert (count <= allowed, code) == (True, 4429)
        async with watching(running.url) as watch:
            with suppress(ConnectionClosed):
                for _ in range(10):  # few of them, but large
                    await watch.send('{"type":"ping","payload":{"pad":"' + "x" * 65_536 + '"}}')
            assert await ended(watch) == 4429
        async with watching(running.url) as watch:
            watch.socket.transport.write(b"\x01\x81\0\0\0\0{" + b"\x00\x81\0\0\0\0 " * 1000)
            assert await ended(watch) == 4429


async def test_who_subscribes_again_and_again_is_sent_away(tmp_path: Path, database_url: str, db: None) -> None:
    await stock_up({"A": {"north": 1000}})
    with service(tmp_path / "service", database_url, live_subscriptions="2") as running:
        async with watching(running.url) as watch:
            for _ in range(10):
                id_ = await watch.subscribe(["A"])
                await watch.product()
                await watch.send({"type": "complete", "id": id_})
            await watch.subscribe(["A"])
            assert await ended(watch) == 4429


async def test_a_revoked_token_ends_its_connections_and_no_others(tmp_path: Path, database_url: str, db: None) -> None:
    await stock_up({"A": {"north": 1000}})
    bearers = {
        name: {"Authorization": f"Bearer {await create_token(name, TokenRole.ADMIN)}"} for name in ("gone", "stays")
    }
    limits = {"live_token_seconds": "0.1"}
    with service(tmp_path / "service", database_url, **limits) as running:
        async with (
            watching(running.url, bearers["gone"]) as gone,
            watching(running.url, headers=bearers["gone"]) as gone_too,
            watching(running.url, bearers["stays"]) as stays,
            watching(running.url) as shopper,
        ):
            for watch in (gone, gone_too, stays, shopper):
                await watch.subscribe(["A"], "salableQty")
                assert await watch.product() == {"salableQty": 1000}
            await revoke_token("gone")
            assert [await ended(watch) for watch in (gone, gone_too)] == [4403, 4403]
            async with client(running.url) as api:
                await place(api, "1", [line("A", 1)])
            for watch in (stays, shopper):
                assert await watch.product() == {"salableQty": 999}


async def test_a_revoked_token_begins_nothing_new(tmp_path: Path, database_url: str, db: None) -> None:
    await stock_up({"A": {"north": 1000}})
    bearer = {"Authorization": f"Bearer {await create_token('gone', TokenRole.ADMIN)}"}
    limits = {"live_token_seconds": "3600"}
    with service(tmp_path / "service", database_url, **limits) as running:
        async with watching(running.url, bearer) as watch:
            await watch.subscribe(["A"], "salableQtyTerms { kind }")
            await watch.product()
            await revoke_token("gone")
            await watch.subscribe(["A"], "salableQtyTerms { kind }")
            assert await received(watch) == (0, 4403)


@dataclass(eq=False)
class Held:
    """A connection that was opened by the token of a name."""

    digest: str | None
    name: str | None = None
    idle_since: float | None = None
    is_idle: bool = False
    code: int | None = None

    def is_held_by(self, holder: Holder | None) -> bool:
        """Whether it is this one's."""
        return holder is not None and holder.name == self.name

    async def end(self, code: int, _reason: str) -> None:
        """Note why."""
        self.code = code


async def test_all_tokens_are_looked_at_by_one_statement_and_without_one_there_is_none(db: None) -> None:
    open_ = LiveConnections(LiveLimits.of(Settings.model_validate({})))
    shopper = Held(None)
    open_.add(shopper)
    with counted_statements() as seen:
        await open_._end_revoked()
    assert seen == []
    digests = {name: digest_of(await create_token(name, TokenRole.ORDERS)) for name in ("a", "b", "gone")}
    held = [Held(digest, name) for name, digest in digests.items() for _ in range(2)]
    for each in held:
        open_.add(each)
    await revoke_token("gone")
    with counted_statements() as seen:
        await open_._end_revoked()
    assert len(seen) == 1
    await asyncio.sleep(0)
    assert [each.code for each in [shopper, *held]] == [None] * 5 + [4403] * 2
