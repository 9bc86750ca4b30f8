"""What befalls a file of SQLite and the disk that it lies on."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from tests.faults.disks import kept_full, mount_again, refuse_writing, why_not
from tests.faults.fault import Fault
from tests.faults.world import Needs, World

ONLY = ("sqlite",)


@asynccontextmanager
async def locked(world: World) -> AsyncIterator[None]:
    """Somebody else has the write lock and stands still."""

    def take() -> sqlite3.Connection:
        other = sqlite3.connect(world.file, timeout=30, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        return other

    with closing(await asyncio.to_thread(take)):
        yield


@asynccontextmanager
async def disk_full(world: World) -> AsyncIterator[None]:
    """The disk of the file is full."""
    async with kept_full(world.disk):
        yield


@asynccontextmanager
async def read_only(world: World) -> AsyncIterator[None]:
    """The file system takes no writes any more, until it is mounted anew and the services are started again."""
    await asyncio.to_thread(refuse_writing, world.disk)
    try:
        yield
    finally:
        for service in world.services:
            await asyncio.to_thread(service.kill_all)
        await asyncio.to_thread(mount_again, world.disk)
        for place in range(len(world.services)):
            world.heal(world.start_again(place))


FILE_FAULTS = (
    Fault("database-locked", "another process holds SQLite's write lock for 30 s", locked, ONLY, 30),
    Fault(
        "disk-full",
        "the disk of the file is full for 15 s",
        disk_full,
        ONLY,
        15,
        needs=Needs(disk="tmpfs"),
        why_not=lambda: why_not("tmpfs"),
    ),
    Fault(
        "read-only",
        "the file system takes no writes for 15 s; then it is mounted anew and the services are started again",
        read_only,
        ONLY,
        15,
        bound=30,
        needs=Needs(disk="ext4"),
        why_not=lambda: why_not("ext4"),
    ),
)
