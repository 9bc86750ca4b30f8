"""A restored backup counts events on from where it was: receivers must not take new ones for repeats."""

from models.database import Client, transaction
from models.sql import fetch
from resolvers.notifications.claims import claim
from resolvers.notifications.deliveries import Channel, Delivery
from server.delivery.webhook import message_id
from tests.telling import endpoint, make_due, say, settle, write


async def _restore_from_before_any_event() -> None:
    async def run(client: Client) -> None:
        for table in ("delivery", "outbox"):
            await fetch(client, f"DELETE FROM {table}")
            if client.capabilities.dialect == "postgres":
                await fetch(client, f"ALTER SEQUENCE {table}_id_seq RESTART")
            else:
                await fetch(client, "DELETE FROM sqlite_sequence WHERE name = $1", table)

    await transaction(run)


async def _sent() -> Delivery:
    [found] = await claim(Channel.WEBHOOK, 10, 10)
    return found


async def test_after_a_restore_a_new_event_has_an_id_that_no_receiver_has_seen(db: None) -> None:
    await endpoint()
    await say("1")
    await settle()
    before = await _sent()
    await _restore_from_before_any_event()
    await say("2")
    await settle()
    after = await _sent()
    assert after.event_id == before.event_id
    assert message_id(after) != message_id(before)


async def test_a_retry_has_the_id_of_the_first_attempt_of_a_delivery_from_before_too(db: None) -> None:
    await endpoint()
    await say("1")
    await settle()
    first = await _sent()
    await make_due()
    assert message_id(await _sent()) == message_id(first)
    await write("UPDATE delivery SET nonce = NULL")
    await make_due()
    old = await _sent()
    assert message_id(old) == f"evt_{old.event_id}_8d9001d32c6a703d"  # under which it may have been sent
