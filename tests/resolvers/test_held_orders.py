"""The count of what waits: bounded, in a fixed number of statements, and only where cover is taken."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from resolvers.held_orders import QUEUES_AT_ONCE, held_by_feeds, held_by_goods
from resolvers.orders.place_order import OrderRequest, place_order
from resolvers.rule_store.held_by_rules import held_by_rules
from rules.change import Held, RuleChange
from rules.held import HeldOrders, SupplyChange
from rules.scope import GLOBAL, scope_of
from rules.setting import BackorderMode, SettingKey
from tests.statements import counted_statements
from tests.worlds import rule, stock_up

pytestmark = pytest.mark.usefixtures("db")

SKUS = [f"SKU-{number}" for number in range(4)]
FED, STARVED = {"default": frozenset({"a"})}, {"default": frozenset[str]()}
OFF = {SettingKey.MANAGE_STOCK: False}
SWITCH = RuleChange(GLOBAL, SettingKey.MANAGE_STOCK, Held(value=False), None)


@pytest.fixture
async def orders(db: None) -> None:
    """4 of each of four SKUs; three orders want 2 of each, in the order of their numbers."""
    await stock_up({sku: {"a": 4} for sku in SKUS})
    await rule(GLOBAL, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    for number in "123":
        await place_order(OrderRequest(number, None, [(sku, Decimal(2)) for sku in SKUS], f"key-{number}"))


def found(held: HeldOrders) -> tuple[int, int, bool]:
    """Units, orders, and whether there may be more."""
    return int(held.units), held.orders, held.is_cut_off


async def counts(**bound: int) -> list[tuple[int, int, bool]]:
    """What waits because everything at a is gone: counted as goods, as a feed, and as stock that is managed from now on."""
    gone = [SupplyChange(sku, "default", Decimal(4), Decimal(0)) for sku in SKUS]
    return [
        found(await held_by_goods(gone, **bound)),
        found(await held_by_feeds(FED, STARVED, **bound)),
        found(await held_by_rules([SWITCH], datetime.now(UTC), is_made=True, **bound)),
    ]


@pytest.mark.usefixtures("orders")
async def test_a_count_beyond_its_bound_is_a_lower_one() -> None:
    assert await counts() == [(16, 2, False), (16, 2, False), (8, 1, False)]
    assert await counts(most_lines=12) == [(16, 2, False), (16, 2, False), (8, 1, False)]
    assert await counts(most_lines=7) == [(10, 2, True), (10, 2, True), (4, 1, True)]
    assert await counts(most_lines=0) == [(0, 0, True)] * 3


@pytest.mark.usefixtures("orders")
async def test_the_statements_do_not_grow_with_the_queues_of_a_batch() -> None:
    sizes = []
    for skus in (SKUS[:1], SKUS):
        gone = [SupplyChange(sku, "default", Decimal(4), Decimal(0)) for sku in skus]
        with counted_statements() as statements:
            await held_by_goods(gone)
        sizes.append(len(statements))
    assert sizes[0] == sizes[1] <= 3  # PostgreSQL is told that it is one snapshot
    with counted_statements() as statements:
        await held_by_goods([SupplyChange(sku, "default", Decimal(0), Decimal(4)) for sku in SKUS])
        await held_by_feeds(FED, FED)
        await held_by_rules([], datetime.now(UTC), is_made=True)
    assert statements == []


async def test_more_queues_than_one_batch_are_all_counted() -> None:
    skus = [f"SKU-{number:04}" for number in range(QUEUES_AT_ONCE + 1)]
    await stock_up({sku: {"a": 1} for sku in skus})
    for start in range(0, len(skus), 100):
        lines = [(sku, Decimal(1)) for sku in skus[start : start + 100]]
        await place_order(OrderRequest(f"{start}", None, lines, f"key-{start}"))
    gone = [SupplyChange(sku, "default", Decimal(1), Decimal(0)) for sku in skus]
    assert found(await held_by_goods(gone)) == (501, 6, False)
    assert found(await held_by_feeds(FED, STARVED)) == (501, 6, False)
    await stock_up({sku: {"a": 0} for sku in skus})
    assert found(await held_by_rules([SWITCH], datetime.now(UTC), is_made=True)) == (501, 6, False)


@pytest.mark.usefixtures("orders")
async def test_stock_that_is_not_managed_holds_nothing() -> None:
    await rule(scope_of(None, SKUS[0]), OFF)
    assert await counts() == [(12, 2, False), (12, 2, False), (6, 1, False)]
    await rule(GLOBAL, OFF)
    assert await counts() == [(0, 0, False)] * 3
