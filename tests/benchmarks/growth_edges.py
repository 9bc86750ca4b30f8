"""The next edge among 1,500,000 rules, and the walk of a product with 1,000 windows that have ended.

The baseline is the same among few rules, in the same run.

Run: python -m tests.benchmarks.growth_edges [RULES]
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.address import parse_address
from models.database import Client, database, reader, transaction
from models.fields import BEGINNING, END, to_microseconds
from models.migration import migrate
from models.sql import fetch
from resolvers.edges import next_edge
from resolvers.rules_in_force import rows_by_scope
from tests.benchmarks.databases import on_both
from tests.benchmarks.numbers import numbers

TURNS = 50
WINDOWS = 1_000

_RULES = """
INSERT INTO scope_rule (scope_type, source, sku, setting, active_from, active_until, value, revision)
SELECT 'PRODUCT', '', 'SKU-' || n, 'min_sale_qty', $1, $2, '2', 1 FROM {numbers}
"""
_ENDED = """
INSERT INTO scope_rule (scope_type, source, sku, setting, active_from, active_until, value, revision)
SELECT 'PRODUCT', '', 'TENT', 'min_sale_qty', n * 2 + 1, n * 2 + 2, '2', 1 FROM {numbers}
"""


async def _measure(count: int) -> None:
    now = datetime.now(UTC)
    instant = to_microseconds(now)

    async def edge() -> None:
        assert await next_edge(reader(), instant) is None

    async def walk() -> None:
        await rows_by_scope(reader(), ["TENT"], ["default"], now)

    async def fill(sql: str, rows: int, *values: int) -> None:
        async def write(client: Client) -> None:
            await fetch(client, sql.format(numbers=numbers(client, rows)), *values)

        await transaction(write)

    edge_of_few = await _timed("the next edge, no rules", edge, None)
    walk_of_few = await _timed("the rules of one product, no rules", walk, None)
    await fill(_RULES, count, to_microseconds(BEGINNING), to_microseconds(END))
    await _timed(f"the next edge among {count:,} rules", edge, edge_of_few)
    await fill(_ENDED, WINDOWS)
    await _timed(f"the rules of one product with {WINDOWS:,} windows that have ended", walk, walk_of_few)


async def _timed(what: str, body: Callable[[], Awaitable[Any]], baseline: float | None) -> float:
    spent = []
    for _ in range(TURNS):
        began = time.perf_counter()
        await body()
        spent.append(time.perf_counter() - began)
    median = sorted(spent)[TURNS // 2]
    ratio = "" if baseline is None else f", {median / baseline:.1f} times the baseline"
    print(f"  {what}: {median * 1000:,.2f} ms{ratio}", flush=True)  # noqa: T201  # its output
    return median


def measure(name: str, url: str, _folder: Path) -> None:
    """On one database."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_500_000
    print(name)  # noqa: T201  # its output

    async def run() -> None:
        address = parse_address(url).of_a_command()  # filling it is one long statement after another
        async with database(address):
            await migrate(address)
            await _measure(count)

    asyncio.run(run())


if __name__ == "__main__":
    on_both(measure)
