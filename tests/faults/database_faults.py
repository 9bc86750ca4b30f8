"""What befalls PostgreSQL, and the way to it."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from tests.faults.disks import kept_full, why_not
from tests.faults.fault import Fault
from tests.faults.world import Needs, World

ONLY = ("postgresql",)


@asynccontextmanager
async def restarted(world: World) -> AsyncIterator[None]:
    """As an upgrade does it: who is connected is cut off, and for a moment nobody listens."""
    assert await asyncio.to_thread(world.server.control, "-m", "fast", "-w", "restart") == 0
    yield


@asynccontextmanager
async def crashed(world: World) -> AsyncIterator[None]:
    """The server is killed, and started again after some seconds."""
    world.server.signal(signal.SIGKILL)
    await asyncio.sleep(5)
    assert await asyncio.to_thread(world.server.control, "-w", "start") == 0
    yield


@asynccontextmanager
async def frozen(world: World) -> AsyncIterator[None]:
    """Every process of the server stands still: its connections are open, and nothing comes of them."""
    world.server.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        world.server.signal(signal.SIGCONT)


@asynccontextmanager
async def half_open(world: World) -> AsyncIterator[None]:
    """A firewall forgot the connections that exist; new ones work."""
    assert world.proxy is not None
    world.proxy.hold(new=False)
    try:
        yield
    finally:
        world.proxy.release()


@asynccontextmanager
async def black_holed(world: World) -> AsyncIterator[None]:
    """No byte passes on any connection, old or new."""
    assert world.proxy is not None
    world.proxy.hold()
    try:
        yield
    finally:
        world.proxy.release()


@asynccontextmanager
async def read_only(world: World) -> AsyncIterator[None]:
    """The address leads to a standby, as in a failover that was done by halves: it can be read, and takes no writes."""
    proxy = world.proxy
    assert proxy is not None
    async with world.server.standby() as standby:
        proxy.target = standby.port
        proxy.cut()
        try:
            yield
        finally:
            proxy.target = world.server.port
            proxy.cut()


@asynccontextmanager
async def out_of_connections(world: World) -> AsyncIterator[None]:
    """Others have every connection that the server gives, also those that the services had."""
    others: list[asyncpg.Connection[asyncpg.Record]] = []

    async def take_all() -> None:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_addr IS NOT NULL"
        while True:
            with suppress(asyncpg.TooManyConnectionsError):
                while True:
                    others.append(await world.server.connect())
            if others:
                await others[0].execute(cut)
            await asyncio.sleep(0.05)

    taking = asyncio.create_task(take_all())
    try:
        yield
    finally:
        taking.cancel()
        await asyncio.wait([taking])
        world.notes.append(f"others had {len(others)} connections")
        for each in others:
            each.terminate()


@asynccontextmanager
async def disk_full(world: World) -> AsyncIterator[None]:
    """The disk of the data and of the log before it is full."""
    server = world.server

    async def use_up() -> None:
        with suppress(asyncpg.PostgresError, OSError, asyncpg.InterfaceError):
            await server.execute("SELECT pg_switch_wal()")  # what has room already is used up at once

    try:
        async with kept_full(world.disk, use_up):
            yield
    finally:
        if not await asyncio.to_thread(server.is_running):
            world.notes.append("the server had ended, and was started again")
            await asyncio.to_thread(server.control, "-w", "start")


DATABASE_FAULTS = (
    Fault("database-restarted", "PostgreSQL is restarted (fast)", restarted, ONLY),
    Fault("database-crashed", "PostgreSQL is killed, and starts again after 5 s", crashed, ONLY),
    Fault("database-frozen", "every process of PostgreSQL stands still for 30 s", frozen, ONLY, 30),
    Fault(
        "half-open",
        "nothing passes on the connections that exist; new ones work",
        half_open,
        ONLY,
        25,
        is_lasting=True,
        needs=Needs(is_behind_proxy=True),
    ),
    Fault(
        "black-holed",
        "nothing passes on any connection to PostgreSQL for 30 s",
        black_holed,
        ONLY,
        30,
        needs=Needs(is_behind_proxy=True),
    ),
    Fault(
        "read-only",
        "the address leads to a standby, which takes no writes, for 15 s",
        read_only,
        ONLY,
        15,
        needs=Needs(is_behind_proxy=True),
    ),
    Fault("out-of-connections", "others hold every connection of PostgreSQL for 15 s", out_of_connections, ONLY, 15),
    Fault(
        "disk-full",
        "PostgreSQL's disk is full for 15 s",
        disk_full,
        ONLY,
        15,
        bound=30,
        needs=Needs(disk="tmpfs"),
        why_not=lambda: why_not("tmpfs"),
    ),
)
