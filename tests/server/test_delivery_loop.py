"""The loop that tells, in one process: stopped in the middle, hung up on, without a database."""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import asyncpg
import pytest
from pydantic import SecretStr

from models import supervision
from models.fields import to_microseconds
from resolvers.notifications.deliveries import Channel, Delivery, Outcome
from resolvers.orders.place_order import OrderRequest, place_order
from rules.scope import GLOBAL
from rules.setting import SettingKey
from server.delivery import loop as delivery
from server.delivery.loop import Pace, Way, deliver_forever, deliver_once, delivering, ways_of
from server.delivery.outbound import SLOTS_OF_TARGET
from server.settings import Settings
from tests.server.loops import OFTEN, until, until_no_more_than
from tests.server.process import PATIENCE_SECONDS
from tests.server.refusal import writes_refused
from tests.telling import Ear, deliveries, endpoint, recipient, say, write
from tests.worlds import rule, stock_up


async def test_the_loop_tells_of_movements_and_of_rules_without_being_asked(db: None) -> None:
    await stock_up({"TENT": {"default": 5}, "LAMP": {"default": 5}})
    ear = Ear()
    async with delivering({Channel.WEBHOOK: Way(ear), Channel.MAIL: Way(ear)}, OFTEN):
        await until_no_more_than(0)
        await endpoint()
        await recipient("ann@shop.test")
        await place_order(OrderRequest("1", None, [("TENT", Decimal(5))], "1"))
        await rule(GLOBAL, {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(5)})
        await until(lambda: len(ear.heard) >= 5)
        await until_no_more_than(0)
    flips = sorted((each.target, each.subject) for each in ear.heard if each.event == "product.out_of_stock")
    assert flips == [
        ("ann@shop.test", "LAMP"),
        ("ann@shop.test", "TENT"),
        ("shop", "LAMP"),
        ("shop", "TENT"),
    ]


async def test_a_digest_is_one_call_for_each_address(db: None) -> None:
    for email in ("ann@shop.test", "bob@shop.test"):
        await recipient(email)
    await stock_up({f"SKU-{number}": {"default": 5} for number in range(20)})
    ear = Ear()
    await deliver_once({Channel.MAIL: Way(ear)})
    await rule(GLOBAL, {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(5)})
    assert await deliver_once({Channel.MAIL: Way(ear)}) == 40
    assert ear.calls == [20, 20]


async def test_what_is_being_sent_is_finished_when_the_loop_stops(db: None) -> None:
    await endpoint()
    await say("1")
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def send(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        has_begun.set()
        await may_end.wait()
        return [Outcome(delivered=True)] * len(batch)

    async with delivering({Channel.WEBHOOK: Way(send)}, OFTEN):
        await has_begun.wait()
        await say("2")
        asyncio.get_running_loop().call_later(0.2, may_end.set)
    rows = {row["subject"]: row["state"] for row in await deliveries()}
    assert rows["1"] == "DELIVERED"


async def test_what_hangs_is_given_up_when_the_loop_stops_and_its_lease_holds(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivery, "GRACE_SECONDS", 0.05)
    await endpoint()
    await say("1")
    has_begun = asyncio.Event()

    async def send(_batch: Sequence[Delivery]) -> Sequence[Outcome]:
        has_begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with delivering({Channel.WEBHOOK: Way(send)}, OFTEN):
        await has_begun.wait()
    (row,) = await deliveries()
    assert (row["state"], row["attempts"]) == ("PENDING", 0)
    assert row["claimed_until"] > to_microseconds(datetime.now(UTC))
    assert "1 deliveries were being sent" in caplog.text


async def test_one_target_that_hangs_does_not_keep_the_others_waiting(db: None) -> None:
    for code in ("hangs", "well"):
        await endpoint(code)
    await say(*(str(number) for number in range(200)))
    may_end = asyncio.Event()

    async def send(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        if batch[0].target == "hangs":
            await may_end.wait()
        return [Outcome(delivered=True)] * len(batch)

    async with delivering({Channel.WEBHOOK: Way(send)}, OFTEN):
        await until_no_more_than(200)
        assert Counter((row["target"], row["state"]) for row in await deliveries()) == {
            ("hangs", "PENDING"): 200,
            ("well", "DELIVERED"): 200,
        }
        may_end.set()


async def test_a_loop_that_is_told_to_stop_hears_it_though_what_it_sends_hangs(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "GRACE_SECONDS", 0.05)
    await endpoint()
    await say("1")
    has_begun = asyncio.Event()

    async def send(_batch: Sequence[Delivery]) -> Sequence[Outcome]:
        has_begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    stop = asyncio.Event()
    loop = asyncio.create_task(deliver_forever({Channel.WEBHOOK: Way(send)}, Pace(seconds=3_600), stop))
    await has_begun.wait()
    await asyncio.sleep(0.1)  # it waits by now, on most machines
    stop.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await loop


async def test_a_survey_that_never_gets_through_keeps_staff_waiting_for_a_while_only(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(delivery, "monotonic", lambda: now)
    resting = ways_of(Settings(smtp_url=SecretStr("smtp://127.0.0.1:9?tls=none"), mail_from="a@b.test"))[
        Channel.MAIL
    ].resting
    for _ in range(2):
        await write("UPDATE survey SET is_running = TRUE")
        assert await resting() is None
        now += delivery.UNSETTLED_SECONDS - 1
        assert await resting() is None
        now += 1
        assert await resting() == [], "nobody rests any more"
        await write("UPDATE survey SET is_running = FALSE")
        assert await resting() == []


async def test_a_sender_that_breaks_has_failed_and_its_message_is_kept_nowhere(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    await endpoint()
    await say("1")

    secret = "tomato"  # noqa: S105  # nobody's

    async def send(_batch: Sequence[Delivery]) -> Sequence[Outcome]:
        raise ValueError(f"the password is {secret}")

    with caplog.at_level(logging.DEBUG):
        assert await deliver_once({Channel.WEBHOOK: Way(send)}) == 1
    (row,) = await deliveries()
    assert (row["state"], row["attempts"], row["error"]) == ("PENDING", 1, "The sender failed: ValueError.")
    assert "ValueError" in caplog.text
    assert "tomato" not in caplog.text


@pytest.mark.parametrize("is_full", [True, False])
async def test_a_loop_that_loses_its_database_says_so_in_a_line_and_goes_on_once_it_is_back(
    db: None, is_postgresql: bool, caplog: pytest.LogCaptureFixture, is_full: bool
) -> None:
    await endpoint()
    await say(*map(str, range(1_000)))  # more than the pages that there are have room for
    ear = Ear()
    async with delivering({Channel.WEBHOOK: Way(ear)}, OFTEN):
        async with writes_refused("delivery", is_postgresql=is_postgresql, is_full=is_full):
            await until(lambda: "dispatch waits for the database" in caplog.text)
        await until(lambda: bool(ear.heard))
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("error", [ConnectionRefusedError, asyncpg.InternalClientError, asyncio.CancelledError])
async def test_no_number_of_failures_ends_the_loop_nor_another_channel(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: type[BaseException]
) -> None:
    monkeypatch.setattr(supervision, "LONGEST_PAUSE", 0.0)
    await endpoint()
    await recipient("ann@shop.test")
    failures = 0

    async def resting() -> Collection[str]:
        nonlocal failures
        failures += 1
        if failures <= 1_100:
            raise error("gone")
        return ()

    broken, well = Ear(), Ear()
    async with delivering({Channel.WEBHOOK: Way(broken, resting), Channel.MAIL: Way(well)}, OFTEN):
        await stock_up({"TENT": {"default": 5}})
        await until_no_more_than(0)
        await rule(GLOBAL, {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(5)})
        await until(lambda: bool(well.heard and broken.heard))
    assert failures > 1_100
    assert len(caplog.records) < 10


async def test_targets_that_hang_leave_room_for_the_others_however_many_they_are(db: None) -> None:
    hanging = [f"hangs-{number}" for number in range(8)]
    for code in hanging:
        await endpoint(code)
    await say(*(str(number) for number in range(40)))
    calls, may_end = Counter[str](), asyncio.Event()

    async def send(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        target = batch[0].target
        calls[target] += 1
        if target == "well":
            return [Outcome(delivered=True)] * len(batch)
        if calls[target] > SLOTS_OF_TARGET:
            await may_end.wait()
        return [Outcome(delivered=False, error="It hangs.")] * len(batch)

    async with delivering({Channel.WEBHOOK: Way(send)}, OFTEN):
        await until(lambda: all(calls[code] > SLOTS_OF_TARGET for code in hanging))
        await endpoint("well")
        await say(*(f"later {number}" for number in range(300)))
        await until(lambda: calls["well"] == 300)
        may_end.set()
