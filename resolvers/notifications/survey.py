"""Looking through the catalogue for what no movement told: a change of rules, or the edge of a window, flips much at once.

In batches, without a lock: what differs from what was told becomes events, and dispatch looks again before it tells them.
One row of the database says how far it has come, so that another process goes on where one died.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from models.clock import database_now
from models.database import Client, reader, transaction
from models.fields import to_microseconds
from models.sql import fetch
from models.writers import writers_done
from resolvers.edges import next_edge
from resolvers.notifications.stock_events import stock_facts
from resolvers.notifications.told import corrections, to_note, told_of
from resolvers.outbox import Message, tell
from resolvers.reach import products_reached
from rules.scope import GLOBAL, Scope, scope_of
from rules.setting import SettingKey

BATCH = 500
STALLED_SECONDS = 10.0
"""How long a survey of another process may stand still before this one goes on with it."""
MOST_SCOPES = 2_000
"""Scopes that are looked for by name; above, the whole catalogue is looked through."""

_STATE = """
SELECT s.revision, s.instant, s.goal_revision, s.goal_instant, s.is_running, s.last_sku, r.value AS current
FROM {table} s JOIN revision r ON r.id = s.id WHERE s.id = 1
"""
_BEGIN = """
UPDATE {table} SET is_running = TRUE, goal_revision = $3, goal_instant = $4, last_sku = ''
WHERE id = 1 AND is_running = FALSE AND revision = $1 AND instant = $2 RETURNING id
"""
_OURS = (
    "id = 1 AND is_running = TRUE AND revision = $1 AND instant = $2 AND goal_revision = $3 AND goal_instant = $4"
    " AND last_sku = $5"
)
_ADVANCE = f"UPDATE {{table}} SET last_sku = $6 WHERE {_OURS} RETURNING id"
_FINISH = f"""
UPDATE {{table}} SET is_running = FALSE, revision = goal_revision, instant = goal_instant, last_sku = '' WHERE {_OURS}
RETURNING id
"""
_CHANGED = f"""
SELECT DISTINCT source, sku FROM rule_change
WHERE change_set_id > $1 AND change_set_id <= $2 AND (setting = $3 OR $3 = '') LIMIT {MOST_SCOPES + 1:d}
"""
_EDGED = f"""
SELECT DISTINCT source, sku FROM scope_rule
WHERE ((active_from > $1 AND active_from <= $2) OR (active_until > $1 AND active_until <= $2))
AND (setting = $3 OR $3 = '') LIMIT {MOST_SCOPES + 1:d}
"""


@dataclass(frozen=True, slots=True)
class _State:
    """The row: up to where all is looked through, and the goal and the place of the survey that runs."""

    revision: int
    instant: int
    goal_revision: int
    goal_instant: int
    is_running: bool
    last_sku: str
    current: int

    @property
    def key(self) -> tuple[int, int, int, int, str]:
        """What nobody else may have changed when a batch of it is written; the goal's instant tells one begun anew."""
        return self.revision, self.instant, self.goal_revision, self.goal_instant, self.last_sku


@dataclass(frozen=True, slots=True)
class Looking:
    """What a survey looks through, and the table whose one row says how far it is.

    skus: the next batch of those that rules at these scopes can reach, behind one SKU; look: what there is to tell of them,
    written with how far the survey came; only: the setting whose rules matter (None: all do).
    """

    table: str
    skus: Callable[[Sequence[Scope], str], Awaitable[Sequence[str]]]
    look: Callable[[Sequence[str]], Awaitable[Sequence[Message]]]
    only: SettingKey | None = None

    def sql(self, text: str) -> str:
        """A statement about its row."""
        return text.format(table=self.table)


class Surveyor:
    """What one process knows of a survey (of products, unless another is given) between two looks at it."""

    def __init__(self, looking: Looking | None = None) -> None:
        self._looking = looking or PRODUCTS
        self._edge_of: tuple[int, int] | None = None
        self._edge: int | None = None
        self._stood: tuple[_State, float] | None = None

    async def run(self, *, patience: float = STALLED_SECONDS) -> int:
        """Look through what can have changed, to the end, and return how many SKUs; 0 where nothing is due.

        A survey that another process is at is left to it, unless it stands still for so many seconds.
        """
        state = await _state(self._looking)
        if state.is_running:
            if self._stood is None or self._stood[0] != state:
                self._stood = state, monotonic()
            if monotonic() - self._stood[1] < patience:
                return 0
            return await _look_through(self._looking, state)
        now = to_microseconds(await database_now(reader()))
        if state.revision == state.current and state.instant > 0 and not await self._has_edge(state, now):
            return 0
        begun = await _begin(self._looking, state, now)
        return 0 if begun is None else await _look_through(self._looking, begun)

    async def _has_edge(self, state: _State, now: int) -> bool:
        """Whether a window began or ended between the last survey and now."""
        if self._edge_of != (state.instant, state.current):
            self._edge = await next_edge(reader(), state.instant)
            self._edge_of = state.instant, state.current
        return self._edge is not None and self._edge <= now


async def _state(looking: Looking) -> _State:
    row = (await fetch(reader(), looking.sql(_STATE)))[0]
    return _State(**{**row, "is_running": bool(row["is_running"])})


async def _begin(looking: Looking, state: _State, now: int) -> _State | None:
    async def begin(client: Client) -> bool:
        return bool(await fetch(client, looking.sql(_BEGIN), state.revision, state.instant, state.current, now))

    if not await transaction(begin):
        return None
    return _State(state.revision, state.instant, state.current, now, True, "", state.current)


async def _look_through(looking: Looking, state: _State) -> int:
    # Who read the old rules may still be moving goods by them: when all such are done, no flip can be missed.
    await writers_done()
    scopes = await _scopes(looking, state)
    count = 0
    while keys := await looking.skus(scopes, state.last_sku) if scopes else ():
        following = await _advance(looking, state, keys[-1], await looking.look(keys))
        if following is None:
            return count  # it was begun anew, or another process goes on with it
        state, count = following, count + len(keys)
        await asyncio.sleep(0)
    await transaction(lambda client: fetch(client, looking.sql(_FINISH), *state.key))
    return count


async def _products(scopes: Sequence[Scope], last_sku: str) -> Sequence[str]:
    return await products_reached(reader(), scopes, last_sku, BATCH)


async def _differences(skus: Sequence[str]) -> list[Message]:
    """What is not as it was told, of these products; four statements, and no lock."""
    told = await told_of(reader(), skus)
    facts = await stock_facts(reader(), skus, await database_now(reader()))
    return [*corrections(told, facts), *to_note(told, facts)]


PRODUCTS = Looking("survey", _products, _differences)


async def _advance(looking: Looking, state: _State, last_sku: str, messages: Sequence[Message]) -> _State | None:
    """Write what a batch found, and how far it came: both or, where somebody else was there, neither."""

    async def write(client: Client) -> bool:
        if not await fetch(client, looking.sql(_ADVANCE), *state.key, last_sku):
            return False
        await tell(client, messages)
        return True

    if not await transaction(write):
        return None
    return _State(state.revision, state.instant, state.goal_revision, state.goal_instant, True, last_sku, state.current)


async def _scopes(looking: Looking, state: _State) -> list[Scope]:
    """Where rules changed, began or ended since the last survey; global where that is everywhere, or too long a list."""
    if state.revision < 0 or state.instant == 0:
        return [GLOBAL]
    only = looking.only or ""
    rows: list[dict[str, Any]] = await fetch(reader(), _CHANGED, state.revision, state.goal_revision, only)
    rows += await fetch(reader(), _EDGED, state.instant, state.goal_instant, only)
    return [GLOBAL] if len(rows) > MOST_SCOPES else [scope_of(row["source"], row["sku"]) for row in rows]
