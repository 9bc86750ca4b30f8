"""The next edge among 1,500,000 rules, and the walk of a product with 1,000 windows that have ended.

The baseline is the same among few rules, in the same run.

Run: python -m tests.benchmarks.growth_edges [RULES]
"""

import sys
from datetime import UTC, datetime
from functools import partial

from models.database import Client, reader, transaction
from models.fields import BEGINNING, END, to_microseconds
from models.sql import fetch
from resolvers.edges import next_edge
from resolvers.rules_in_force import rows_by_scope
from tests.benchmarks.databases import on_both_migrated
from tests.benchmarks.numbers import numbers
from tests.benchmarks.timing import median

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

    edge_of_few = await median("the next edge, no rules", edge, TURNS)
    walk_of_few = await median("the rules of one product, no rules", walk, TURNS)
    await fill(_RULES, count, to_microseconds(BEGINNING), to_microseconds(END))
    await median(f"the next edge among {count:,} rules", edge, TURNS, edge_of_few)
    await fill(_ENDED, WINDOWS)
    await median(f"the rules of one product with {WINDOWS:,} windows that have ended", walk, TURNS, walk_of_few)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_500_000
    on_both_migrated(partial(_measure, count))
