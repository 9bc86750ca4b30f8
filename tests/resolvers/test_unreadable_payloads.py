"""What somebody has broken by hand: it stops nothing of what stands beside it."""

import pytest

from models.database import reader
from models.sql import fetch
from resolvers import newer
from resolvers.notifications.claims import claim
from resolvers.notifications.deliveries import Channel
from tests.telling import endpoint, say, settle, write


async def test_a_delivery_that_cannot_be_read_is_given_up_and_the_others_are_claimed(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    await endpoint()
    await say("1", "2", "3", "1")
    await settle()
    first, second = [row["id"] for row in await fetch(reader(), "SELECT id FROM delivery ORDER BY id LIMIT 2")]
    await write("UPDATE delivery SET payload = '{\"order' WHERE id = $1", first)
    await write("UPDATE delivery SET payload = '[]' WHERE id = $1", second)
    assert [each.subject for each in await claim(Channel.WEBHOOK, 2, 100)] == ["3", "1"]
    rows = await fetch(reader(), "SELECT state, error FROM delivery ORDER BY id LIMIT 2")
    assert rows == [{"state": "DEAD", "error": "What stands in it cannot be read."}] * 2
    assert f"[{first}, {second}]" in caplog.text


async def test_an_event_that_cannot_be_read_is_left_said_once_and_the_others_are_told(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    newer._said.clear()
    await endpoint()
    await say("1", "2")
    await write("UPDATE outbox SET payload = '' WHERE subject = '1'")
    await settle()
    await settle()
    assert [row["subject"] for row in await fetch(reader(), "SELECT subject FROM delivery")] == ["2"]
    left = await fetch(reader(), "SELECT subject FROM outbox WHERE is_dispatched = FALSE")
    assert [row["subject"] for row in left] == ["1"]
    assert len([each for each in caplog.records if "cannot be read" in each.getMessage()]) == 1
