"""A preview is the difference of the real answers before and after the same change."""

import asyncio
from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from models.address import DatabaseAddress, parse_address
from models.database import Client, database, transaction
from models.sql import fetch
from resolvers.availability.products import products_by_sku
from resolvers.rule_store.preview import preview_scope_rules
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import set_scope_rules
from rules.change import RulesChange
from rules.impact import Impact, ProductImpact, ProductState
from rules.scope import GLOBAL, ScopeType
from rules.setting import BackorderMode, SettingKey, SettingValue
from tests.catalogues import CHANNELS, SKUS, Item, build, changes, items
from tests.worlds import stock_up

States = dict[tuple[str, str], ProductState]
TABLES = ("rule_change", "change_set", "scope_rule", "source_item", "product", "sales_channel", "stock_source", "stock")


async def states() -> States:
    found = {}
    for channel in CHANNELS:
        for view in await products_by_sku(SKUS, channel, all_items=False):
            assert view
            found[view.sku, channel] = ProductState.of(view.availability)
    return found


async def forget() -> None:
    """Empty the catalogue, but for the rows that are always there."""

    async def remove(client: Client) -> None:
        for table in TABLES:
            keep = "WHERE code <> 'default'" if table in ("sales_channel", "stock") else ""
            await fetch(client, f"DELETE FROM {table} {keep}")
        await fetch(client, "UPDATE revision SET value = 0")

    await transaction(remove)


async def _compare(
    address: DatabaseAddress, stocked: list[Item], first: list[RulesChange], then: list[RulesChange]
) -> None:
    async with database(address):
        await forget()
        await build(stocked, first)
        before = await states()
        found = await preview_scope_rules(RulesRequest(then, "test"))
        assert await states() == before
        await set_scope_rules(RulesRequest(then, "test"))
        after = await states()
    expected = Impact()
    for (sku, channel), state in before.items():
        expected.add(ProductImpact(sku, channel, state, after[sku, channel]))
    assert found.impact.impacts == expected.impacts
    assert _counts(found.impact) == _counts(expected)


def _counts(impact: Impact) -> tuple[int, int, int, Decimal]:
    return (
        impact.affected_count,
        impact.become_in_stock_count,
        impact.become_out_of_stock_count,
        impact.salable_qty_delta,
    )


def test_a_preview_equals_the_difference_of_the_real_answers(database_url: str) -> None:
    address = parse_address(database_url)

    @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(items, changes(), changes(smallest=1))
    def law(stocked: list[Item], first: list[RulesChange], then: list[RulesChange]) -> None:
        asyncio.run(_compare(address, stocked, first, then))

    law()


async def test_a_preview_counts_flips_and_ranks_the_largest_change_first(db: None) -> None:
    await stock_up({"SMALL": {"default": 1}, "EMPTY": {"default": 0}, "MINUS": {"default": -7}})
    asked: dict[SettingKey, SettingValue | None] = {
        SettingKey.BACKORDERS: BackorderMode.ALLOW,
        SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(-10),
    }
    change = RulesChange(ScopeType.GLOBAL, None, None, asked)

    found = (await preview_scope_rules(RulesRequest([change], "test"))).impact

    assert _counts(found) == (3, 2, 0, Decimal(23))  # 1 -> 11, 0 -> 10, 0 -> 3
    assert [(each.sku, each.delta) for each in found.impacts] == [
        ("EMPTY", Decimal(10)),
        ("SMALL", Decimal(10)),
        ("MINUS", Decimal(3)),
    ]


async def test_a_preview_of_what_is_so_already_finds_nothing(db: None) -> None:
    await stock_up({"A": {"default": 1}})
    change = RulesChange(GLOBAL.type, None, None, {SettingKey.MANAGE_STOCK: None})
    found = await preview_scope_rules(RulesRequest([change], "test", expected_revision=99))
    assert (found.impact.affected_count, found.revision) == (0, 0)


async def test_a_preview_takes_the_turn_of_nobody(db: None) -> None:
    """While a preview reads 2,000 products, the event loop is never held for long, and a writer is not held up."""
    await stock_up({f"SKU-{number:04}": {"default": 1, "north": 2} for number in range(2000)})
    change = RulesChange(ScopeType.GLOBAL, None, None, {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counter = asyncio.create_task(count_turns())
    preview = asyncio.create_task(preview_scope_rules(RulesRequest([change], "test")))
    await asyncio.sleep(0)
    other = RulesChange(ScopeType.PRODUCT, None, "SKU-0001", {SettingKey.MIN_SALE_QTY: Decimal(2)})
    await set_scope_rules(RulesRequest([other], "test"))
    assert (await preview).impact.affected_count == 2000
    counter.cancel()
    assert turns >= 20
