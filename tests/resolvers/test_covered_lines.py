"""Which lines a supply covers otherwise is what the calculation of coverage says of every line of the queue."""

from decimal import Decimal
from random import Random

import pytest

from models.database import Client, reader, transaction
from models.sql import fetch
from resolvers import covered_lines
from resolvers.covered_lines import CoveredLines, Rise, lines_covered_by
from rules.allocation import coverage
from rules.quantity import ZERO, from_units, to_units
from tests.worlds import stock_up

SKUS = ("CHAIR", "LAMP", "TENT")
Line = tuple[int, str, Decimal]
"""Its id, its SKU and how many of it are open."""


async def grow(random: Random) -> list[Line]:
    """Orders of one to three SKUs each, some of whose lines are shipped in part, shipped, canceled or not reserved."""
    orders = [{"n": number} for number in range(random.randint(1, 25))]
    lines = []
    for order in orders:
        for sku in random.sample(SKUS, random.randint(1, len(SKUS))):
            ordered = random.randint(1, 60_000)
            shipped = random.choice((0, 0, 0, random.randint(0, ordered), ordered))
            canceled = random.choice((0, 0, random.randint(0, ordered - shipped)))
            row = {"n": order["n"], "sku": sku, "ordered": ordered, "shipped": shipped, "canceled": canceled}
            lines.append(row | {"is_open": ordered > shipped + canceled, "is_reserved": random.random() < 0.8})

    async def write(client: Client) -> None:
        await fetch(client, "DELETE FROM order_line")
        await fetch(client, "DELETE FROM sales_order")
        await fetch(
            client,
            "INSERT INTO sales_order (number, sales_channel, stock, placed_at, customer_email, locale)"
            " SELECT CAST(r.n AS varchar), 'default', 'default', r.n, '', '' FROM rows($1, n bigint) ORDER BY r.n",
            orders,
        )
        await fetch(
            client,
            "INSERT INTO order_line (order_id, sku, stock, ordered, shipped, canceled, refunded, late_at_placement,"
            " is_reserved, is_open) SELECT o.id, r.sku, 'default', r.ordered, r.shipped, r.canceled, 0, 0, r.is_reserved,"
            " r.is_open FROM rows($1, n bigint, sku text, ordered bigint, shipped bigint, canceled bigint, is_open boolean,"
            " is_reserved boolean) JOIN sales_order o ON o.placed_at = r.n ORDER BY o.id",
            lines,
        )

    await transaction(write)
    rows = await fetch(
        reader(),
        "SELECT id, sku, ordered - shipped - canceled AS open FROM order_line WHERE is_open = TRUE AND is_reserved"
        " ORDER BY id",
    )
    return [(row["id"], row["sku"], from_units(row["open"])) for row in rows]


def expected(queue: list[Line], rises: list[Rise]) -> dict[int, tuple[Decimal, Decimal]]:
    """What of each line that is covered otherwise may ship before and after, by its id, by the calculation alone."""
    covered = {}
    for rise in rises:
        ahead = ZERO
        for line, sku, open_qty in queue:
            if sku == rise.sku:
                before, after = (coverage(open_qty, ahead, supply).shippable for supply in (rise.before, rise.after))
                if before != after and line > rise.behind:
                    covered[line] = before, after
                ahead += open_qty
    return covered


def _of(covered: CoveredLines) -> dict[int, tuple[Decimal, Decimal]]:
    return {line.id: (line.before.shippable, line.after.shippable) for line in covered.lines}


def _rises(random: Random, queue: list[Line]) -> list[Rise]:
    """Supplies that begin and end anywhere, often just where a line does."""

    def supply(sku: str) -> Decimal:
        edges = [ZERO]
        for _, of_sku, open_qty in queue:
            edges += [edges[-1] + open_qty] if of_sku == sku else []
        return random.choice((*edges, from_units(random.randint(0, to_units(edges[-1]) + 9))))

    behind = (0, 0, *(line for line, _, _ in queue))
    skus = random.sample(SKUS, random.randint(1, len(SKUS)))
    return [Rise(sku, "default", supply(sku), supply(sku), random.choice(behind)) for sku in skus]


@pytest.mark.parametrize("seed", range(6))
async def test_the_lines_are_those_whose_cover_differs(db: None, seed: int) -> None:
    random = Random(seed)  # noqa: S311  # the same world each time
    await stock_up({sku: {"a": 1} for sku in SKUS})
    for _ in range(5):
        queue = await grow(random)
        for _ in range(10):
            rises = _rises(random, queue)
            covered = await lines_covered_by(reader(), rises)
            assert _of(covered) == expected(queue, rises)
            assert [line.id for line in covered.lines] == sorted(line.id for line in covered.lines)
            assert covered.are_all


@pytest.mark.parametrize("seed", range(4))
async def test_of_many_lines_the_first_of_queues_are_followed_and_all_are_counted(
    db: None, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 7
    monkeypatch.setattr(covered_lines, "MOST_COVERED", most)
    random = Random(seed)  # noqa: S311  # the same world each time
    await stock_up({sku: {"a": 1} for sku in SKUS})
    queue = await grow(random)
    while len(queue) < 3 * most:
        queue = await grow(random)
    for _ in range(20):
        rises = _rises(random, queue)
        covered, wanted = await lines_covered_by(reader(), rises), expected(queue, rises)
        assert covered.count == len(wanted)
        assert len(covered.lines) == min(most, len(wanted))
        assert _of(covered).items() <= wanted.items()
        for sku in SKUS:
            of_queue = [line for line, of_sku, _ in queue if of_sku == sku and line in wanted]
            followed = [line.id for line in covered.lines if line.sku == sku]
            assert followed == of_queue[: len(followed)]
