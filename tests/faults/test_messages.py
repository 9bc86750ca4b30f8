"""The fault run notices that what is to be told is not told."""

import json
from dataclasses import dataclass, field

import pytest
from aiosmtpd.smtp import Envelope

from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey
from tests.client import Api
from tests.faults.here import Here
from tests.faults.load import LATE, Write
from tests.faults.messages import HEALTHY, compare_messages
from tests.server.post_office import PostOffice
from tests.server.receiver import Received, Receiver, status
from tests.telling import endpoint, settle, write
from tests.worlds import rule, stock_up

WEBHOOK, MAIL = "channel = 'WEBHOOK'", "channel = 'CUSTOMER'"


@dataclass(slots=True)
class Sent:
    """What came where it was to come."""

    receiver: Receiver = field(default_factory=lambda: Receiver(status(200)))
    office: PostOffice = field(default_factory=PostOffice)

    async def deliver(self) -> None:
        """Send everything that is pending, and mark it as sent."""
        for channel, event, target in await Here().rows("SELECT channel, event_id, target FROM delivery"):
            if channel == "WEBHOOK":
                self.receiver.requests.append(Received("", {}, json.dumps({"id": f"evt_{event}_x"}).encode()))
            else:
                mail = Envelope()
                mail.rcpt_tos, mail.original_content = [target], f"Message-ID: <{event}>\r\n\r\n".encode()
                self.office.envelopes.append(mail)
        await write("UPDATE delivery SET state = 'DELIVERED', finished_at = 1")

    async def wrongs(self) -> tuple[str, ...]:
        """What is found wrong now, without waiting for anything."""
        return (await compare_messages(Here(), self.receiver, self.office, patience=0)).wrongs


@pytest.fixture
async def sent(api: Api) -> Sent:
    """An order that is late, of which everybody was told."""
    await stock_up({LATE: {"north": 0}})
    await rule(scope_of(None, LATE), {SettingKey.BACKORDERS: BackorderMode.ALLOW_AND_NOTIFY})
    await settle()
    await endpoint(HEALTHY)
    body = Write("n1", LATE, 1).body()
    placed = await api.data(body["query"], body["variables"])
    assert placed["answer"]["userErrors"] == []
    await settle()
    made = Sent()
    await made.deliver()
    return made


async def test_where_everybody_was_told_nothing_is_wrong(sent: Sent) -> None:
    found = await compare_messages(Here(), sent.receiver, sent.office, patience=0)
    assert (found.wrongs, found.summary) == ((), f"{len(sent.receiver.requests)} webhooks, 1 mails")


async def test_an_event_that_is_not_dispatched_is_wrong(sent: Sent) -> None:
    await write("UPDATE outbox SET is_dispatched = FALSE WHERE event = 'order.backordered'")
    assert await sent.wrongs() == ("1 events are not dispatched",)


async def test_a_delivery_that_still_waits_is_wrong(sent: Sent) -> None:
    await write(f"UPDATE delivery SET state = 'PENDING', finished_at = NULL WHERE {MAIL}")
    assert await sent.wrongs() == ("1 messages still wait",)


@pytest.mark.parametrize("channel", [WEBHOOK, MAIL])
async def test_an_event_without_the_deliveries_that_it_owes_is_wrong(sent: Sent, channel: str) -> None:
    await write(f"DELETE FROM delivery WHERE event = 'order.backordered' AND {channel}")
    assert await sent.wrongs() == ("1 deliveries of events were not made",)


async def test_an_order_that_is_late_and_has_no_event_is_wrong(sent: Sent) -> None:
    await write("UPDATE outbox SET event = 'order.shipped' WHERE event = 'order.backordered'")
    assert await sent.wrongs() == ("1 orders are late and no event tells of it",)


async def test_an_event_of_an_order_that_is_not_late_is_wrong(sent: Sent) -> None:
    await write("UPDATE order_line SET late_at_placement = 0")
    assert "1 events tell of orders that are not late, or tell again" in await sent.wrongs()


async def test_what_is_marked_as_delivered_and_never_came_or_was_given_up_is_wrong(sent: Sent) -> None:
    sent.office.envelopes.clear()
    assert await sent.wrongs() == ("1 messages are marked as delivered and never came",)
    await write(f"UPDATE delivery SET state = 'DEAD' WHERE {MAIL}")
    assert await sent.wrongs() == ("1 messages were given up",)


async def test_a_healthy_endpoint_that_is_disabled_is_wrong(sent: Sent) -> None:
    await write(f"UPDATE webhook_endpoint SET is_enabled = FALSE WHERE code = '{HEALTHY}'")
    assert await sent.wrongs() == ("the healthy endpoint is disabled",)
