"""What one process sends at a time: how many batches, and of whom."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence

import pytest

from resolvers.notifications.deliveries import Channel, Delivery, Outcome
from server.delivery import outbound
from server.delivery.loop import nobody
from server.delivery.outbound import Outbound
from tests.deliveries import queued

EVENTS = {Channel.MAIL: "stock.low", Channel.CUSTOMER: "order.backordered", Channel.WEBHOOK: "order.shipped"}


@pytest.fixture
def few_places(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, places in (("SLOTS", 8), ("SLOTS_OF_TARGET", 2), ("SLOTS_OF_FAILING", 1), ("MOST_OF_FAILING", 4)):
        monkeypatch.setattr(outbound, name, places)


@pytest.mark.usefixtures("db", "few_places")
@pytest.mark.parametrize("channel", Channel)
async def test_no_channel_sends_more_batches_at_a_time_than_it_has_places(channel: Channel) -> None:
    for number in range(20):
        for subject in (f"a{number}", f"b{number}"):
            await queued(f"{number:02}@shop.test", event=EVENTS[channel], subject=subject, channel=channel)
    sending, most, heard = 0, 0, Counter[str]()
    may_end = asyncio.Event()

    async def send(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        nonlocal sending, most
        sending += 1
        most = max(most, sending)
        await may_end.wait()
        sending -= 1
        heard.update(each.target for each in batch)
        return [Outcome(delivered=True)] * len(batch)

    outgoing = Outbound(channel, send, nobody)
    for _ in range(3):
        await outgoing.fill()
        await asyncio.sleep(0)
    assert (sending, most) == (8, 8)
    may_end.set()
    while await outgoing.fill() or outgoing.is_busy:
        await outgoing.collect(10)
    assert most == 8
    assert heard == dict.fromkeys((f"{number:02}@shop.test" for number in range(20)), 2)


@pytest.mark.usefixtures("db", "few_places")
async def test_a_digest_is_whole_however_few_places_are_left() -> None:
    for number in range(20):
        await queued("ann@shop.test", channel="MAIL", subject=f"SKU-{number}")
    calls: list[int] = []

    async def send(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        calls.append(len(batch))
        return [Outcome(delivered=True)] * len(batch)

    outgoing = Outbound(Channel.MAIL, send, nobody)
    assert await outgoing.fill() == 20
    await outgoing.collect(10)
    assert calls == [20]


@pytest.mark.usefixtures("db", "few_places")
async def test_who_failed_once_is_tried_again_beside_others_that_have_much_to_hear() -> None:
    targets = ("a-flaky", "well-1", "well-2", "well-3", "well-4")
    for number in range(20):
        for target in targets:
            await queued(target, subject=str(number))
    tries = Counter[str]()

    async def send(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        tries[batch[0].target] += 1
        return [Outcome(delivered=batch[0].target != "a-flaky")] * len(batch)

    outgoing = Outbound(Channel.WEBHOOK, send, nobody)
    for round_ in range(5):
        await outgoing.fill()
        while outgoing.is_busy:
            await outgoing.collect(10)
        assert tries["a-flaky"] == 2 + round_, tries
    assert sum(tries.values()) == 5 * 8, "no place is left empty for it"


@pytest.mark.usefixtures("db", "few_places")
async def test_who_failed_and_rests_now_is_not_tried() -> None:
    for number in range(4):
        await queued("shop", subject=str(number))
    resting: set[str] = set()

    async def rest() -> Collection[str]:
        return resting

    async def send(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        return [Outcome(delivered=False, error="It is closed.")] * len(batch)

    outgoing = Outbound(Channel.WEBHOOK, send, rest)
    assert await outgoing.fill() == 2
    while outgoing.is_busy:
        await outgoing.collect(10)
    resting.add("shop")
    assert await outgoing.fill() == 0
    resting.clear()
    assert await outgoing.fill() == 1
    await outgoing.abandon()
