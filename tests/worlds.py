"""Small catalogues in a real database, written through the resolvers."""

from collections.abc import Mapping
from decimal import Decimal

from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.catalogue.stock_upserts import LinkRow, StockRow, upsert_stocks
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import set_scope_rules
from rules.change import RulesChange
from rules.scope import Scope
from rules.setting import SettingKey, SettingValue


async def stock_up(items: Mapping[str, Mapping[str, Decimal | int]]) -> None:
    """Products with a quantity at each source; the sources all feed the default stock, in the order of their names."""
    sources = sorted({source for at_sources in items.values() for source in at_sources})
    await upsert_sources([SourceRow(source) for source in sources])
    await upsert_stocks([StockRow("default", None, [LinkRow(source, place) for place, source in enumerate(sources)])])
    await upsert_products([ProductRow(sku) for sku in items])
    await set_source_items(
        [
            SourceItemRow(source, sku, Decimal(quantity), expected_quantity=None)
            for sku, at_sources in items.items()
            for source, quantity in at_sources.items()
        ]
    )


async def rule(scope: Scope, settings: Mapping[SettingKey, SettingValue | None]) -> None:
    """Set rules at one scope."""
    change = RulesChange(scope.type, scope.source, scope.sku, settings)
    await set_scope_rules(RulesRequest([change], "test"))
