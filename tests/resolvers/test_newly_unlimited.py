"""Looking for products that become unlimited: it agrees with the preview, on one state, and holds nobody up."""

import asyncio
from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from models.address import DatabaseAddress, parse_address
from models.database import Client, database, long_snapshot
from models.sql import fetch
from resolvers.availability.products import products_by_sku
from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from resolvers.rule_store.newly_unlimited import newly_unlimited
from resolvers.rule_store.preview import preview_scope_rules
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import set_scope_rules
from rules.change import Held, RuleChange, RulesChange
from rules.impact import ProductImpact
from rules.scope import GLOBAL, ScopeType, scope_of
from rules.setting import BackorderMode, SettingKey
from tests.catalogues import Item, build, changes, items
from tests.resolvers.test_preview import forget, states
from tests.statements import counted_statements
from tests.worlds import rule, stock_up

ALLOW = RuleChange(GLOBAL, SettingKey.BACKORDERS, None, Held(BackorderMode.ALLOW))


async def _compare(
    address: DatabaseAddress, stocked: list[Item], first: list[RulesChange], then: list[RulesChange]
) -> None:
    async with database(address):
        await forget()
        await build(stocked, first)
        before = await states()
        previewed = (await preview_scope_rules(RulesRequest(then, "test"))).impact
        made = await set_scope_rules(RulesRequest(then, "test"))
        after = await states()
        found = await newly_unlimited(made.change_set.changes if made.change_set else (), is_made=True)
    impacts = [ProductImpact(*key, state, after[key]) for key, state in before.items()]
    skus = sorted({impact.sku for impact in impacts if impact.becomes_unlimited})
    assert found.skus == previewed.unlimited.skus == skus
    assert found.cause == previewed.unlimited.cause
    asked = {(change.scope, key) for change in then for key in change.settings}
    assert found.cause in asked or not skus
    told = [each.message for each in made.advice if each.code == "BACKORDERS_BECOME_UNLIMITED"]
    assert [", ".join(skus) in message for message in told] == ([True] if skus else [])


def test_it_finds_what_the_answers_say(database_url: str) -> None:
    address = parse_address(database_url)

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(items, changes(), changes(smallest=1))
    def law(stocked: list[Item], first: list[RulesChange], then: list[RulesChange]) -> None:
        asyncio.run(_compare(address, stocked, first, then))

    law()


async def _many(count: int) -> None:
    skus = [f"SKU-{number:05}" for number in range(count)]
    await stock_up({skus[0]: {"default": 1, "north": 2}})
    for start in range(0, count, 2_500):
        chunk = skus[start : start + 2_500]
        await upsert_products([ProductRow(sku) for sku in chunk])
        await set_source_items(
            [SourceItemRow(source, sku, Decimal(1)) for sku in chunk for source in ("default", "north")]
        )


async def test_its_statements_are_those_of_the_batches_with_candidates(db: None) -> None:
    await _many(2_500)
    with counted_statements() as seen:
        assert (await newly_unlimited([ALLOW], is_made=False)).count == 2_500
    statements = len([each for each in seen if "SELECT" in each])
    assert statements == 2 + 4 + 2 * 3  # sources and rules; a look for candidates a batch and one more; items and rules
    limited = RuleChange(GLOBAL, SettingKey.OUT_OF_STOCK_THRESHOLD, None, Held(Decimal(-50)))
    await rule(scope_of(None, "SKU-00007"), {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(0)})
    with counted_statements() as seen:
        assert (await newly_unlimited([ALLOW, limited], is_made=False)).skus == ["SKU-00007"]
    assert len([each for each in seen if "SELECT" in each]) == 2 + 2 + 2


async def test_other_settings_are_not_looked_for(db: None) -> None:
    await stock_up({"A": {"default": 1}})
    with counted_statements() as seen:
        change = RuleChange(GLOBAL, SettingKey.MIN_SALE_QTY, None, Held(Decimal(2)))
        assert (await newly_unlimited([change], is_made=False)).count == 0
    assert seen == []


async def test_nobody_waits_for_a_long_snapshot(db: None) -> None:
    """While one is open, products are read and rules of products written, and it sees one state all along."""
    await stock_up({"A": {"default": 1}})
    begun, is_over = asyncio.Event(), asyncio.Event()
    sql = "SELECT COUNT(*) AS n FROM scope_rule"

    async def look(client: Client) -> tuple[int, int]:
        before = (await fetch(client, sql))[0]["n"]
        begun.set()
        await is_over.wait()
        return before, (await fetch(client, sql))[0]["n"]

    looking = asyncio.create_task(long_snapshot(look))
    await begun.wait()
    change = RulesChange(ScopeType.PRODUCT, None, "A", {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    made = await set_scope_rules(RulesRequest([change], "test"))
    assert [each.code for each in made.advice] == ["BACKORDERS_BECOME_UNLIMITED"]
    assert [
        view and view.availability.is_unlimited for view in await products_by_sku(["A"], None, all_items=False)
    ] == [True]
    is_over.set()
    assert await looking == (0, 0)
