"""The questions of tests/cases/msi-cases.json that bring their own input: each writes it into the empty world and asks."""

from decimal import Decimal

from resolvers.availability.products import salability_of
from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.catalogue.source_items import SourceItemRow, set_source_items, source_item_page
from resolvers.rule_store.scope_rules import ScopeRuleFilter, scope_rule_page
from rules.change import RulesChange
from rules.quantity import show
from rules.scope import ScopeType
from rules.setting import SettingKey
from tests.resolvers.msi_world import SETTINGS, Case, Row, set_rules, settings_of

PRODUCT = "own-input"


async def backorder_notice(case: Case) -> list[Decimal]:
    """The late part that the notice names; the case gives it, so goods are put on hand that leave just so much late."""
    ask = case.ask
    settings = settings_of({key: ask[key] for key in ("backorders", "manage_stock")})
    await upsert_products([ProductRow(PRODUCT)])
    await set_source_items([SourceItemRow("default", PRODUCT, Decimal(ask["qty"] - ask["given_backorder_qty"]))])
    await set_rules([RulesChange(ScopeType.PRODUCT, sku=PRODUCT, settings=settings)])
    (answer,) = await salability_of([(PRODUCT, Decimal(ask["qty"]))], None)
    if answer.notice is None:
        return []
    assert show(answer.backordered_qty) in answer.notice
    return [answer.backordered_qty]


async def config_save(case: Case) -> str:
    """What is stored of a value that is set for the whole store."""
    key = SETTINGS[case.ask["field"]]
    await set_rules([RulesChange(ScopeType.GLOBAL, settings={key: Decimal(case.ask["value"])})])
    (rule,) = (await scope_rule_page(ScopeRuleFilter(ScopeType.GLOBAL, setting=key), None, None)).nodes
    assert isinstance(rule.value, Decimal)
    return show(rule.value)


async def product_stock_data_filter(case: Case) -> Row:
    """What is stored of a product that is given a threshold and a source item without a quantity."""
    await upsert_products([ProductRow(PRODUCT)])
    await set_rules([RulesChange(ScopeType.PRODUCT, sku=PRODUCT, settings=settings_of(case.ask["stock_data"]))])
    await set_source_items([SourceItemRow("default", PRODUCT)])
    (rule,) = (await scope_rule_page(ScopeRuleFilter(sku=PRODUCT), None, None)).nodes
    (item,) = (await source_item_page("default", PRODUCT, None, None, None)).nodes
    assert rule.setting is SettingKey.OUT_OF_STOCK_THRESHOLD
    return {"min_qty": rule.value, "qty": item.quantity}
