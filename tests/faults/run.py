"""One fault, from a world in which all is well to the row that says what it did."""

import asyncio
import time
from pathlib import Path

from tests.faults.books import compare
from tests.faults.fault import Fault
from tests.faults.load import Load
from tests.faults.probes import Probes
from tests.faults.report import Row, Times, impossible, row_of
from tests.faults.timeline import WELL_SECONDS, Timeline
from tests.faults.world import World, world

WARM_SECONDS = 60.0
"""Within so many seconds a new world is well, or there is something else amiss."""
CROWD_SECONDS = 2.0
"""Between a crowd and the fault: its calls are answered by then."""
PAST_BOUND_SECONDS = 20.0
"""How much longer than its bound a fault is watched: the report says how far off it was."""
HEALING_SECONDS = 60.0
"""How long a supervisor may need to have the service again."""
WHOLE_SECONDS = 300.0
"""More than any fault takes; something hangs that has no bound of its own."""


async def suffer(fault: Fault, database: str, logs: Path | None = None) -> Row:
    """Do it, and return its row; the logs of the services are kept where asked."""
    if reason := await asyncio.to_thread(fault.why_not):
        return impossible(fault, database, reason)
    async with asyncio.timeout(WHOLE_SECONDS), world(database, fault.needs) as made:
        urls = made.urls if len(made.urls) > 1 else made.urls * 2
        load, probes = Load(urls, time.monotonic), Probes(urls, time.monotonic)
        asking = [asyncio.create_task(load.run()), asyncio.create_task(probes.run())]
        try:
            began, over = await _endure(fault, made, load)
            await _heal(made)
            since = began if fault.is_lasting else over
            deadline = max(since + fault.bound + PAST_BOUND_SECONDS, time.monotonic() + 2 * WELL_SECONDS)
            well = await _wait_until_well(load.timeline, since, deadline)
            times = Times(began, over, since, well, time.monotonic())
        finally:
            for task in asking:
                task.cancel()
            await asyncio.wait(asking)
            if logs is not None:
                await asyncio.to_thread(made.keep_logs, logs / f"{database}-{fault.name}")
        await load.settle()
        books = await compare(made.store, made.receiver, made.office, load.writes)
        beside = (made.wrongs, made.notes)
        return row_of(fault, database, times, timeline=load.timeline, probes=probes, books=books, beside=beside)


async def _endure(fault: Fault, made: World, load: Load) -> tuple[float, float]:
    """Wait until all is well, let the fault happen, and return when it began and when it was over."""
    if await _wait_until_well(load.timeline, began := time.monotonic(), began + WARM_SECONDS) is None:
        raise AssertionError(f"it was not well before the fault: {load.timeline.errors(0)[-3:]}")
    load.crowd()
    await asyncio.sleep(CROWD_SECONDS)
    began = time.monotonic()
    async with fault.inject(made):
        if fault.is_lasting:
            await asyncio.sleep(max(0.0, began + fault.seconds - time.monotonic()))
            if await _wait_until_well(load.timeline, began, began + fault.bound + PAST_BOUND_SECONDS) is None:
                made.notes.append("it was not well while the fault lasted")
        else:
            await asyncio.sleep(fault.seconds)
    return began, time.monotonic()


async def _heal(made: World) -> None:
    """Wait for what whoever runs the service does about it."""
    if made.healing:
        _, waiting = await asyncio.wait(made.healing, timeout=HEALING_SECONDS)
        if waiting:
            made.wrongs.append(f"what was done about it was not over after {HEALING_SECONDS:g} s")


async def _wait_until_well(timeline: Timeline, since: float, deadline: float) -> float | None:
    """The moment from which on all went well; None where there was none by the deadline."""
    while True:
        well = timeline.well_after(since, time.monotonic())
        if well is not None or time.monotonic() > deadline:
            return well
        await asyncio.sleep(0.25)
