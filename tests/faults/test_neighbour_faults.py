"""A fault of a neighbour that did not happen is found out."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from tests.faults.clock import AHEAD_SECONDS
from tests.faults.neighbour_faults import clock_off, resolvers_silent
from tests.faults.stores import Sqlite, free_port
from tests.faults.world import World
from tests.proxy import Proxy
from tests.server.post_office import PostOffice
from tests.server.receiver import Receiver, receiving, status

RESOLVER = "127.0.0.1"


def _world(receiver: Receiver, *services: Receiver) -> World:
    """A world of which nothing runs but what is given."""
    nowhere = Path("/nowhere")
    urls = [service.url(path="") for service in services]
    return World(nowhere, Sqlite(nowhere), None, Proxy(0), nowhere, receiver, PostOffice(), {}, urls=urls)


@asynccontextmanager
async def _service(seconds_ahead: float) -> AsyncIterator[Receiver]:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds_ahead), usegmt=True)
    async with receiving(status(200, f"Date: {date}")) as service:
        yield service


async def test_a_clock_that_is_not_ahead_is_wrong() -> None:
    async with _service(0) as first, _service(0) as same, _service(AHEAD_SECONDS) as ahead:
        untouched, moved = _world(first, first, same), _world(first, first, ahead)
        for each in (untouched, moved):
            each.receiver = Receiver(status(200))
            async with clock_off(each):
                pass
    assert untouched.wrongs == [f"the second clock was to be {AHEAD_SECONDS} s ahead"]
    assert moved.wrongs == []


async def test_silent_name_servers_that_nobody_asks_are_wrong() -> None:
    for questions, wrongs in ((0, ["nobody asked the silent name servers"]), (2, [])):
        world, port = _world(Receiver(status(200))), free_port()
        async with resolvers_silent(world, [RESOLVER], port):
            for _ in range(questions):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
                    asking.sendto(b"a question", (RESOLVER, port))
            await asyncio.sleep(0)
        assert world.wrongs == wrongs
        assert f"the silent name servers were asked {questions} times" in world.notes
