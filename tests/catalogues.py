"""Random catalogues for laws that need a database: products at sources in two stocks, rules at every scope."""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.catalogue.source_items import SourceItemRow, set_source_items
from resolvers.catalogue.sources import SourceRow, upsert_sources
from resolvers.catalogue.stock_upserts import ChannelRow, LinkRow, StockRow, upsert_sales_channels, upsert_stocks
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import set_scope_rules
from rules.change import RulesChange
from rules.scope import Scope, ScopeType, scope_of
from rules.setting import CATALOGUE, BackorderMode, Setting, SettingKey, SettingValue, SettingValueType

SKUS = ("A", "B", "C")
SOURCES = ("east", "north", "west")
CHANNELS = ("default", "other", "second")

quantities = st.integers(-300_000, 300_000).map(lambda units: Decimal(units) / 10_000)
scopes = st.sampled_from(
    [
        scope_of(None, None),
        *(scope_of(source, None) for source in SOURCES),
        *(scope_of(None, sku) for sku in SKUS),
        *(scope_of(source, sku) for source in SOURCES for sku in SKUS),
    ]
)


@dataclass(frozen=True)
class Item:
    """One source item of a random catalogue."""

    sku: str
    source: str
    quantity: Decimal
    is_in_stock: bool


items = st.lists(
    st.builds(Item, st.sampled_from(SKUS), st.sampled_from(SOURCES), quantities, st.booleans()),
    max_size=9,
    unique_by=lambda item: (item.sku, item.source),
)


@st.composite
def changes(draw: st.DrawFn, smallest: int = 0) -> list[RulesChange]:
    """What one call changes: values and removals at a few scopes."""
    found = []
    for scope in draw(st.lists(scopes, min_size=smallest, max_size=5, unique=True)):
        allowed = [setting for setting in CATALOGUE.values() if scope.type in setting.scopes]
        settings: dict[SettingKey, SettingValue | None] = {
            setting.key: draw(st.none() | values(setting))
            for setting in draw(st.lists(st.sampled_from(allowed), min_size=1, max_size=4, unique=True))
        }
        found.append(RulesChange(scope.type, scope.source, scope.sku, settings))
    return found


def values(setting: Setting) -> st.SearchStrategy[SettingValue]:
    """Lawful values of a setting."""
    if setting.type is SettingValueType.BOOLEAN:
        return st.booleans()
    if setting.type is SettingValueType.BACKORDER_MODE:
        return st.sampled_from(BackorderMode)
    return quantities.filter(setting.accepts)


async def build(stocked: list[Item], first: list[RulesChange]) -> None:
    """Write a catalogue: `default` and `second` sell from one stock, `other` from another with one source in common."""
    await upsert_sources([SourceRow(source) for source in SOURCES])
    await upsert_stocks(
        [
            StockRow("default", None, [LinkRow("north", 1), LinkRow("east", 2)]),
            StockRow("other", None, [LinkRow("west", 1), LinkRow("east", 2)]),
        ]
    )
    await upsert_sales_channels([ChannelRow("second", None, "default"), ChannelRow("other", None, "other")])
    await upsert_products([ProductRow(sku) for sku in SKUS])
    await set_source_items([SourceItemRow(item.source, item.sku, item.quantity, item.is_in_stock) for item in stocked])
    if first:
        await set_scope_rules(RulesRequest(first, "test"))


def clearing() -> list[RulesChange]:
    """A call that removes every rule that `changes` can set."""
    everywhere: list[Scope] = [scope_of(None, None)]
    everywhere += [scope_of(source, None) for source in SOURCES]
    everywhere += [scope_of(source, sku) for source in (None, *SOURCES) for sku in SKUS]
    return [
        RulesChange(
            scope.type,
            scope.source,
            scope.sku,
            {setting.key: None for setting in CATALOGUE.values() if scope.type in setting.scopes},
        )
        for scope in everywhere
        if scope.type is not ScopeType.DEFAULT
    ]
