"""What befalls the processes of the service themselves."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.faults.fault import Fault
from tests.faults.world import Needs, World

ORPHANS_SECONDS = 30.0
"""How long workers may take to end once their parent is gone."""


@asynccontextmanager
async def worker_frozen(world: World) -> AsyncIterator[None]:
    """One of two workers stands still, with the locks and connections that it has."""
    victim = world.services[0].workers[0]
    os.kill(victim, signal.SIGSTOP)
    try:
        yield
    finally:
        is_there = victim in world.services[0].workers
        world.notes.append(
            "the frozen worker was still there at the end" if is_there else "the frozen worker was replaced"
        )
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGCONT)


@asynccontextmanager
async def process_frozen(world: World) -> AsyncIterator[None]:
    """One of two services stands still, with the locks and connections that it has; then it goes on."""
    group = world.services[1].group()
    for pid in group:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in group:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def worker_killed(world: World) -> AsyncIterator[None]:
    """One of two workers is killed; its parent starts another one."""
    os.kill(world.services[0].workers[0], signal.SIGKILL)
    yield


@asynccontextmanager
async def parent_killed(world: World) -> AsyncIterator[None]:
    """The parent of two workers is killed; they have to end by themselves, and a supervisor starts the service again."""
    service = world.services[0]
    service.popen.kill()
    service.popen.wait()
    began = time.monotonic()

    async def watch() -> None:
        while orphans := service.group():
            if time.monotonic() - began > ORPHANS_SECONDS:
                world.wrongs.append(f"{len(orphans)} processes outlived their parent by {ORPHANS_SECONDS:g} s")
                service.kill_all()
                return
            await asyncio.sleep(0.1)
        world.notes.append(f"the workers had ended {time.monotonic() - began:.1f} s after their parent")

    world.heal(watch())
    world.heal(world.start_again(0))
    yield


TWO_WORKERS = Needs(workers=2)

PROCESS_FAULTS = (
    Fault(
        "worker-frozen",
        "one of two workers stands still for 45 s; its parent takes it for hung after 30 s",
        worker_frozen,
        seconds=45,
        bound=45,
        is_lasting=True,
        needs=TWO_WORKERS,
    ),
    Fault("process-frozen", "one of two services stands still for 20 s", process_frozen, seconds=20),
    Fault("worker-killed", "one of two workers is killed", worker_killed, needs=TWO_WORKERS),
    Fault("parent-killed", "the parent of two workers is killed (kill -9)", parent_killed, bound=30, needs=TWO_WORKERS),
)
