"""What befalls those that the service talks to beside its database, and the clock."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from functools import partial
from itertools import pairwise
from random import randrange

from tests.faults import clock
from tests.faults.fault import BOTH, Fault
from tests.faults.processes import Launch
from tests.faults.world import Needs, World
from tests.server.receiver import Answer, status

RESOLVERS = 3
"""Silent ones, as many as machines have: each is asked twice, and a look-up takes half a minute."""
LARGEST_QUESTION = 4_096
LONGEST_WEBHOOK_GAP = 15.0
"""Seconds between two webhooks at a healthy endpoint: one comes every second."""
MOST_SENT_AGAIN = 0.1
"""At least once is the promise; a few may come twice, not each of them."""


@asynccontextmanager
async def resolvers_silent(world: World, addresses: Sequence[str], port: int = 53) -> AsyncIterator[None]:
    """The name servers of the services take every question and answer none."""
    with ExitStack() as stack:
        resolvers = [stack.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))) for _ in addresses]
        for resolver, address in zip(resolvers, addresses, strict=True):
            resolver.setblocking(False)
            resolver.bind((address, port))
        times = [time.monotonic()]
        watching = asyncio.create_task(_note_webhooks(world, times))
        try:
            yield
        finally:
            watching.cancel()
            gap = max(later - earlier for earlier, later in pairwise([*times, time.monotonic()]))
            asked = sum(map(_questions, resolvers))
            world.notes.append(f"longest time between two webhooks at the healthy endpoint: {gap:.1f} s")
            world.notes.append(f"the silent name servers were asked {asked} times")
            if gap > LONGEST_WEBHOOK_GAP:
                world.wrongs.append(f"the healthy endpoint heard nothing for {gap:.0f} s")
            if not asked:
                world.wrongs.append("nobody asked the silent name servers")


def _questions(resolver: socket.socket) -> int:
    """How many datagrams have come that nobody has read yet."""
    found = 0
    with suppress(BlockingIOError):
        while resolver.recv(LARGEST_QUESTION):
            found += 1
    return found


async def _note_webhooks(world: World, times: list[float]) -> None:
    """Write down when webhooks arrive."""
    known = len(world.receiver.requests)
    while True:
        await asyncio.sleep(0.1)
        if len(world.receiver.requests) > known:
            known = len(world.receiver.requests)
            times.append(time.monotonic())


@asynccontextmanager
async def smtp_gone(world: World) -> AsyncIterator[None]:
    """Nobody listens where the mail server was."""
    world.mail_proxy.close()
    try:
        yield
    finally:
        await world.mail_proxy.listen()


@asynccontextmanager
async def smtp_silent(world: World) -> AsyncIterator[None]:
    """Connections to the mail server are made, and nothing is ever said on them."""
    world.mail_proxy.hold()
    try:
        yield
    finally:
        world.mail_proxy.cut()
        world.mail_proxy.release()


@asynccontextmanager
async def clock_off(world: World) -> AsyncIterator[None]:
    """The clock of the second service has been ahead since it began: what repeats there are is counted."""
    apart = await clock.seconds_apart(*world.urls)
    world.notes.append(f"the second clock was {apart:.0f} s ahead")
    if abs(apart - clock.AHEAD_SECONDS) > clock.TOLERANCE_SECONDS:
        world.wrongs.append(f"the second clock was to be {clock.AHEAD_SECONDS} s ahead")
    yield
    ids = [json.loads(request.body)["id"] for request in world.receiver.requests]
    again = len(ids) - len(set(ids))
    if again > len(ids) * MOST_SENT_AGAIN:
        world.wrongs.append(f"{again} of {len(set(ids))} webhooks were sent again: a lease is judged by two clocks")


def late_answer(seconds: float) -> Answer:
    """200, after some time."""
    answer = status(200)

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await answer(reader, writer)

    return wait


def _why_no_namespace() -> str:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "a mount namespace needs root, and the program unshare"
    command = [*_asking(["127.0.0.1"]), "true"]
    tried = subprocess.run(command, cwd=tempfile.gettempdir(), capture_output=True, check=False)
    return tried.stderr.decode().strip()


def _asking(addresses: Sequence[str]) -> tuple[str, ...]:
    """What runs a command so that it, and nobody else, asks these name servers."""
    script = f"""
    file=$(mktemp)
    for each in {" ".join(addresses)}; do echo nameserver $each >> "$file"; done
    mount --bind "$file" /etc/resolv.conf
    rm "$file"
    exec "$@"
    """
    return ("unshare", "--mount", "sh", "-ec", script, "sh")


def _name_server_silent(database: str) -> Fault:
    """On one database, with name servers that no other run asks: their questions prove that the fault was there."""
    net = f"127.{53 + BOTH.index(database)}.{randrange(256)}"  # noqa: S311  # no secret
    addresses = [f"{net}.{53 + number}" for number in range(RESOLVERS)]
    launch = Launch(through=_asking(addresses))
    return Fault(
        "name-server-silent",
        "the name servers answer nothing for 40 s; one of two endpoints needs them",
        partial(resolvers_silent, addresses=addresses),
        databases=(database,),
        seconds=40,
        is_lasting=True,
        is_unseen=True,
        needs=Needs(
            services=(launch, launch),
            host="localhost",  # an address is looked up by nobody, this name is in a file
            more=(("silent", "http://silent.example/hook"),),
        ),
        why_not=_why_no_namespace,
    )


NEIGHBOUR_FAULTS = (
    *map(_name_server_silent, BOTH),
    Fault(
        "smtp-gone",
        "nobody listens at the mail server's port for 20 s",
        smtp_gone,
        seconds=20,
        is_lasting=True,
        is_unseen=True,
    ),
    Fault(
        "smtp-silent",
        "the mail server takes connections and says nothing for 20 s",
        smtp_silent,
        seconds=20,
        is_lasting=True,
        is_unseen=True,
    ),
    Fault(
        "clock-off",
        f"the clock of one of two services is {clock.AHEAD_SECONDS} s ahead; endpoints answer after 1.5 s",
        clock_off,
        databases=("postgresql",),  # processes that share a file share a machine, and its clock
        seconds=25,
        is_lasting=True,
        is_unseen=True,
        needs=Needs(is_clock_ahead=True, receiver=late_answer(1.5)),
        why_not=clock.why_not,
    ),
)
