"""The hub of a process: products as they are now, handed to everybody who watches them whenever they change.

Whatever changes the database wakes it. It reads all that is watched again, in batches, and compares: what a watcher has to
be shown is computed by the calculator from what is stored, never put together from events. A watcher has one slot per SKU,
which holds the latest state: one that is slow misses states between, and nothing grows. Nobody watches: nothing is done.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from models.address import DatabaseAddress
from models.database import DATABASE_ERRORS, reader
from models.listening import Listening
from models.supervision import SLACK_SECONDS, Part, first_of, keep_running
from resolvers.availability.products import MOST_SKUS, ProductView, products_by_sku
from resolvers.availability.watcher import Allowance, Scene, State, Watcher, shoppers_sight
from resolvers.edges import NextEdge
from resolvers.errors import RequestError
from resolvers.goods import YIELD_EVERY
from resolvers.keys import PRODUCT, Keys, keys_of
from resolvers.sales_channels import Channel, channel_by_code

PAUSE_SECONDS = 0.05
"""At least so long between two times that everything is read; where reading takes longer, so long."""
LONGEST_PAUSE_SECONDS = 0.25
"""And no longer: reading seems to take long, too, while the loop is busy with others, such as many who come at once."""
UNHEARD_SECONDS = 5.0
"""So often everything is read though nothing was heard: a notification may be lost with its connection."""

TROUBLE_SECONDS = 1.0
"""So long the database is left alone once it could not be read."""


class Hub:
    """All watchers of a process, by what they see and by SKU, and the states that they were handed last."""

    def __init__(self, address: DatabaseAddress) -> None:
        self._address = address
        self._audience: dict[Scene, dict[str, set[Watcher]]] = {}
        self._states: dict[Scene, dict[str, State]] = {}
        self._new: set[Watcher] = set()
        self._is_stale = False
        self._stop = asyncio.Event()
        self._stir = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._edge = NextEdge()

    @property
    def watched(self) -> int:
        """How many pairs of a watcher and a SKU there are."""
        return sum(len(watchers) for by_sku in self._audience.values() for watchers in by_sku.values())

    def wake(self) -> None:
        """Have everything read again soon."""
        self._is_stale = True
        self._stir.set()

    async def watch(self, watcher: Watcher, allowance: Allowance | None = None) -> AsyncGenerator[ProductView, None]:
        """Each product of the watcher as it is now, and again whenever what is seen of it has changed."""
        by_sku = self._audience.setdefault(watcher.scene, {})
        for sku in watcher.skus:
            by_sku.setdefault(sku, set()).add(watcher)
        self._new.add(watcher)
        self._stir.set()
        self._start()
        try:
            async for view in watcher.views():
                yield view
        finally:
            self._forget(watcher)
            if allowance is not None:
                allowance.watchers.discard(watcher)

    async def close(self) -> None:
        """Forget all watchers, and wait until nothing runs."""
        self._audience.clear()
        self._stop.set()
        self._stir.set()
        if self._task is not None:
            await self._task

    def _forget(self, watcher: Watcher) -> None:
        self._new.discard(watcher)
        by_sku = self._audience.get(watcher.scene, {})
        states = self._states.get(watcher.scene, {})
        for sku in watcher.skus:
            watchers = by_sku.get(sku, set())
            watchers.discard(watcher)
            if not watchers:
                by_sku.pop(sku, None)
                states.pop(sku, None)
        if not by_sku:
            self._audience.pop(watcher.scene, None)
            self._states.pop(watcher.scene, None)
            self._stir.set()

    def _start(self) -> None:
        if self._task is None and self._audience:
            part = Part("live updates", UNHEARD_SECONDS + SLACK_SECONDS)
            running = keep_running(part, self._run, self._stop, longest_pause=TROUBLE_SECONDS)
            self._task = asyncio.create_task(running)
            self._task.add_done_callback(self._ended)

    def _ended(self, _task: asyncio.Task[None]) -> None:
        self._task = None
        asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._start)  # for who came meanwhile

    async def _run(self, part: Part) -> None:
        """Read for who is new at once, and for everybody when there is a reason to; end when nobody watches."""
        clock = asyncio.get_running_loop().time
        not_before = due = clock()
        async with Listening(self._address, self.wake) as listening:
            while self._audience:
                start = clock()
                if start >= due or (self._is_stale and start >= not_before):
                    await self._safely(part, self._read_all(listening))
                    not_before = clock() + min(max(PAUSE_SECONDS, clock() - start), LONGEST_PAUSE_SECONDS)
                    due = start + self._seconds_to_edge()
                elif self._new:
                    await self._safely(part, self._read_new())
                else:
                    await self._pause((not_before if self._is_stale else due) - start)

    async def _pause(self, seconds: float) -> None:
        self._stir.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stir.wait()

    async def _safely(self, part: Part, reading: Awaitable[None]) -> None:
        """Read; where the database cannot be read, have everything read again in a while: who listens goes on listening."""
        try:
            await reading
        except DATABASE_ERRORS as error:
            part.failed(error)
            self._is_stale = True
            await first_of(TROUBLE_SECONDS, self._stop)
        else:
            part.turned()

    async def _read_all(self, listening: Listening) -> None:
        self._is_stale = False
        instant = datetime.now(UTC)
        await listening.before_reading()
        await self._read_for({scene: list(by_sku) for scene, by_sku in self._audience.items()})
        await self._edge.look(reader(), instant)

    def _seconds_to_edge(self) -> float:
        """When everything has to be read again, whatever is heard."""
        if self._edge.instant is None:
            return UNHEARD_SECONDS
        return min((self._edge.instant - datetime.now(UTC)).total_seconds(), UNHEARD_SECONDS)

    async def _read_new(self) -> None:
        """Read afresh for who is new: they may know of a change that was not heard here yet."""
        skus: dict[Scene, dict[str, None]] = {}  # in the order in which they were asked for
        for watcher in self._new:
            skus.setdefault(watcher.scene, {}).update(dict.fromkeys(watcher.skus))
        await self._read_for(skus)

    async def _read_for(self, skus: Mapping[Scene, Iterable[str]]) -> None:
        new = set(self._new)
        for scene, of_scene in skus.items():
            await self._read(scene, of_scene)
        self._new -= new  # not before all is read: else they are still new
        for watcher in new:
            states = self._states.get(watcher.scene, {})
            for state in filter(None, map(states.get, watcher.skus)):
                watcher.offer(state)

    async def _read(self, scene: Scene, skus: Iterable[str]) -> None:
        wanted = list(skus)
        for start in range(0, len(wanted), MOST_SKUS):
            batch = wanted[start : start + MOST_SKUS]
            try:
                views = await products_by_sku(batch, scene.sales_channel, all_items=scene.is_admin)
            except RequestError as error:  # the sales channel is gone
                for watcher in {each for sku in batch for each in self._audience.get(scene, {}).get(sku, ())}:
                    watcher.fail(error)
                return
            for number, view in enumerate(views, start=1):
                if view is not None:
                    self._show(scene, State(view, view if scene.is_admin else shoppers_sight(view)))
                if number % YIELD_EVERY == 0:
                    await asyncio.sleep(0)

    def _show(self, scene: Scene, state: State) -> None:
        sku = state.view.sku
        watchers = self._audience.get(scene, {}).get(sku)
        states = self._states.setdefault(scene, {})
        known = states.get(sku)
        if not watchers or (known is not None and known.sight == state.sight):
            return
        states[sku] = state
        for watcher in watchers:
            watcher.offer(state)


_hub: Hub | None = None
_lookups: set[asyncio.Task[Any]] = set()


@asynccontextmanager
async def live_updates(address: DatabaseAddress) -> AsyncIterator[Hub]:
    """The hub of this process, while it serves."""
    global _hub  # noqa: PLW0603  # one a process, like the connections that it reads by
    _hub = Hub(address)
    try:
        yield _hub
    finally:
        await _hub.close()
        _hub = None


async def changes_of(
    skus: Sequence[str], sales_channel: str | None, *, is_admin: bool, allowance: Allowance | None = None
) -> AsyncGenerator[ProductView, None]:
    """Products as they are, at once and whenever they change; unknown SKUs are waited for.

    BAD_USER_INPUT without a SKU, TOO_MANY above 500 or above what the connection is allowed, UNKNOWN_SALES_CHANNEL.
    """
    if not skus:
        raise RequestError("BAD_USER_INPUT", "Name at least one SKU.")
    if len(skus) > MOST_SKUS:
        raise RequestError("TOO_MANY", f"At most {MOST_SKUS} SKUs can be watched by one subscription.")
    # Who asks may be gone before the answer: a statement is never cancelled.
    lookup = asyncio.create_task(_look_up(skus, sales_channel))
    _lookups.add(lookup)
    lookup.add_done_callback(_lookups.discard)
    channel, keys = await asyncio.shield(lookup)
    assert _hub is not None  # noqa: S101  # the process opens it before it answers
    watcher = Watcher(Scene(channel.code, is_admin), [keys.of(sku) for sku in skus])
    if allowance is not None:
        allowance.add(watcher)
    return _hub.watch(watcher, allowance)


async def _look_up(skus: Sequence[str], sales_channel: str | None) -> tuple[Channel, Keys]:
    return await channel_by_code(sales_channel), await keys_of(PRODUCT, skus)
