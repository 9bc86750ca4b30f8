"""No statement of the service scans a table that it should seek, however large the table has become."""

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

from models.address import parse_address
from models.database import database, reader
from models.sql import fetch
from models.statistics import forget_statistics
from tests.client import Api
from tests.plans.known import NO_PLAN, NOT_WALKED, known
from tests.plans.plans import SqlitePlans, postgresql_faults
from tests.plans.ranges import Known
from tests.plans.recording import recorded_statements
from tests.plans.statistics import believe_on_postgresql, believe_on_sqlite
from tests.plans.walk import walk
from tests.plans.written import Written, squeezed, written_statements

# As it stood: SQLite looked through all that was pending for each event.
OLD_PRUNE = """
DELETE FROM outbox WHERE id IN (
    SELECT o.id FROM outbox o WHERE o.is_dispatched = TRUE AND o.created_at < $1
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event_id = o.id AND d.state = 'PENDING')
    ORDER BY o.id LIMIT 1000
) RETURNING id
"""
LOCK = """
SELECT b.id FROM balance b JOIN rows($1, sku text, stock text) ON b.sku = r.sku AND b.stock = r.stock
ORDER BY b.sku, b.stock FOR NO KEY UPDATE OF b
"""


async def test_every_statement_is_walked_and_none_scans_what_it_should_seek(
    api: Api, database_url: str, tmp_path: Path, *, is_postgresql: bool
) -> None:
    with recorded_statements() as found:
        await walk(api)
    assert _not_walked(found.written | set(found.sent)) == []
    if is_postgresql:
        faults = await _on_postgresql(database_url, found.sent)
    else:
        faults = [fault for is_large in (True, False) for fault in _on_sqlite(tmp_path, found.sent, is_large=is_large)]
    assert _unknown(faults, is_postgresql=is_postgresql) == []
    used = {_known_of(sql, step, is_postgresql=is_postgresql) for step, sql in faults}
    assert [each for each in known(is_postgresql=is_postgresql) if each not in used] == []


async def test_a_statement_that_looks_through_all_that_is_pending_is_refused(
    api: Api, database_url: str, tmp_path: Path, *, is_postgresql: bool
) -> None:
    await api.data("{ products { totalCount } }")
    if is_postgresql:
        scan = "DELETE FROM outbox WHERE subject || '' = $1"
        assert _unknown(await _on_postgresql(database_url, {scan: []}), is_postgresql=True)
        return
    sql = OLD_PRUNE.replace("$1", "?1")
    faults = _on_sqlite(tmp_path, {sql: [0]}, is_large=False)
    steps = [step for step, _ in _unknown(faults, is_postgresql=False)]
    assert any(step.startswith("SEARCH d USING") and "event_id" not in step for step in steps), steps


async def test_what_analyze_found_in_a_young_database_rules_no_plan_of_an_old_one(
    database_url: str, *, is_postgresql: bool
) -> None:
    if is_postgresql:
        return  # it keeps its statistics itself
    file = Path(database_url.removeprefix("sqlite:///"))
    believe_on_sqlite(file, is_large=False)
    async with database(parse_address(database_url)):
        assert await _plan_of_lock(LOCK) == ["SCAN"]
        assert await forget_statistics() == 1
        assert await forget_statistics() == 0
        assert await _plan_of_lock(f" {LOCK}") == ["SEARCH"]  # another text: a plan that was shown is not made anew


async def test_two_that_forget_the_same_statistics_at_once_do_not_fail(
    database_url: str, *, is_postgresql: bool
) -> None:
    if is_postgresql:
        return  # it keeps its statistics itself
    believe_on_sqlite(Path(database_url.removeprefix("sqlite:///")), is_large=False)
    async with database(parse_address(database_url)):
        assert sorted(await asyncio.gather(forget_statistics(), forget_statistics())) == [0, 1]
        assert await fetch(reader(), "SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'") == []


async def _plan_of_lock(sql: str) -> list[str]:
    """How the reading connection, which somebody else's ANALYZE has told nothing, finds a balance."""
    rows = await fetch(reader(), f"EXPLAIN QUERY PLAN {sql}", "[]")
    return [row["detail"].split()[0] for row in rows if row["detail"].split()[1] == "b"]


def _not_walked(sent: Iterable[str]) -> list[Written]:
    text = "\n".join(map(squeezed, sent))
    return [
        each
        for each in written_statements()
        if not each.is_among(text)
        and not any(each.place.startswith(name) or squeezed(each.text).startswith(name) for name in NOT_WALKED)
    ]


def _on_sqlite(folder: Path, sent: Mapping[str, Sequence[Any]], *, is_large: bool) -> list[tuple[str, str]]:
    """What is wrong with the plans, with statistics of large tables, or without any as the service has it."""
    file = folder / f"{'large' if is_large else 'plain'}.db"
    with closing(sqlite3.connect(folder / "salable.db")) as original, closing(sqlite3.connect(file)) as copy:
        original.backup(copy)
    if is_large:
        believe_on_sqlite(file, is_large=True)
    with closing(SqlitePlans(file)) as plans:
        return [
            (step, sql) for sql, values in sent.items() if not NO_PLAN.match(sql) for step in plans.faults(sql, values)
        ]


async def _on_postgresql(url: str, sent: Mapping[str, Sequence[Any]]) -> list[tuple[str, str]]:
    name, _, socket = url.partition("@/")[2].partition("?host=")
    connection = await asyncpg.connect(user="postgres", database=name, host=socket)
    try:
        await believe_on_postgresql(connection)
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        return [
            (step, sql) for sql in sent if not NO_PLAN.match(sql) for step in await postgresql_faults(connection, sql)
        ]
    finally:
        await connection.close()


def _unknown(faults: Iterable[tuple[str, str]], *, is_postgresql: bool) -> list[tuple[str, str]]:
    found = dict.fromkeys((step, squeezed(sql)) for step, sql in faults)
    return [(step, sql) for step, sql in found if _known_of(sql, step, is_postgresql=is_postgresql) is None]


def _known_of(sql: str, step: str, *, is_postgresql: bool) -> Known | None:
    return next((each for each in known(is_postgresql=is_postgresql) if each.covers(squeezed(sql), step)), None)
