"""Random worlds for the laws: one product at up to three sources, with rules at every scope that a setting may have."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from rules.calculator import Availability
from rules.position import StockedItem
from rules.scope import Scope, ScopeType, scope_of
from rules.setting import CATALOGUE, BackorderMode, Setting, SettingKey, SettingValue, SettingValueType
from rules.walk import ScopeRule
from tests.builders import SKU, Value, available, value_of

ZERO = Decimal(0)
LAW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # busy machines are slow
SOURCES = ("east", "north", "west")
SKUS = (SKU, "sku-2", "sku-3")  # the last one never has rules of its own
SCOPES = tuple(scope_of(source, sku) for source in (None, *SOURCES) for sku in (None, *SKUS[:2]))
SELLS_ANYTHING: dict[str, Value] = {
    "manage_stock": True,
    "enable_qty_increments": False,
    "qty_uses_decimals": True,
    "min_sale_qty": "0.0001",
    "max_sale_qty": "99999999999.9999",
}

Place = tuple[SettingKey, Scope]


def _in_units(least: int, most: int) -> st.SearchStrategy[Decimal]:
    return st.integers(least, most).map(lambda units: Decimal(units).scaleb(-4))


FEW = st.integers(1, 12).map(Decimal)
WHOLE = st.integers(-60, 60).map(Decimal)
QUARTERS = st.integers(-60, 60).map(lambda number: Decimal(number) / 4)
QUANTITIES = st.one_of(WHOLE, QUARTERS, _in_units(-300_000, 300_000), _in_units(1 - 10**15, 10**15 - 1))
GOODS = st.one_of(st.integers(0, 60).map(Decimal), QUARTERS, QUANTITIES)
RESERVED = st.one_of(st.integers(-30, 0).map(Decimal), st.just(ZERO), QUANTITIES.map(lambda number: -abs(number)))
ORDERED = st.one_of(FEW, WHOLE.map(abs), QUARTERS.map(abs), _in_units(1, 900_000)).filter(lambda number: number > 0)
MODES = st.sampled_from(BackorderMode)


def values_of(setting: Setting) -> st.SearchStrategy[SettingValue]:
    """Every lawful value of a setting."""
    match setting.type:
        case SettingValueType.BOOLEAN:
            return st.booleans()
        case SettingValueType.BACKORDER_MODE:
            return MODES
        case SettingValueType.QUANTITY:
            return (QUANTITIES if setting.minimum is None else FEW | QUANTITIES).filter(setting.accepts)


VALUES = {key: values_of(setting) for key, setting in CATALOGUE.items()}


@dataclass(frozen=True)
class World:
    """One product's goods and rules; plain rules only, at most one a place."""

    items: tuple[StockedItem, ...]
    reserved: Decimal
    values: dict[Place, SettingValue]

    @property
    def rows(self) -> list[ScopeRule]:
        """The rules, as rows of the store."""
        return [ScopeRule(row, scope, key, value, 1) for row, ((key, scope), value) in enumerate(self.values.items())]

    @property
    def found(self) -> Availability:
        """What can be sold in this world."""
        return available(*self.items, rules=self.rows, reserved=self.reserved)

    def with_items(self, items: Iterable[StockedItem]) -> "World":
        """The same world with other goods."""
        return replace(self, items=tuple(items))

    def with_own(self, **values: Value) -> "World":
        """The same world with these rules at the product; for settings without sources nothing is nearer."""
        own = {(SettingKey(key), scope_of(None, SKU)): value_of(value) for key, value in values.items()}
        return replace(self, values=self.values | {place: value for place, value in own.items() if value is not None})

    def nearest_first(self, key: SettingKey, source: str, sku: str = SKU) -> list[tuple[ScopeType, SettingValue]]:
        """The law's own words: product at source, product, source, global; told without the walk."""
        order = (
            Scope(ScopeType.PRODUCT_SOURCE, source, sku),
            Scope(ScopeType.PRODUCT, None, sku),
            Scope(ScopeType.SOURCE, source, None),
            Scope(ScopeType.GLOBAL, None, None),
        )
        return [(scope.type, self.values[key, scope]) for scope in order if (key, scope) in self.values]

    def value(self, key: str, source: str = "") -> SettingValue:
        """The value in force at a source; the shipped default where no rule answers."""
        found = self.nearest_first(SettingKey(key), source)
        return found[0][1] if found else CATALOGUE[SettingKey(key)].default

    @property
    def is_unlimited(self) -> bool:
        """Whether a source that counts has backorders on and a threshold of 0 or more."""
        return any(self._goes_below(item) and self._threshold(item) >= 0 for item in self.counting)

    @property
    def effective_threshold(self) -> Decimal:
        """The law's EFF, told without the calculator."""
        goes_below: dict[Scope, bool] = {}
        thresholds: dict[Scope, Decimal] = {}
        for item in self.counting:
            ranked = self.nearest_first(SettingKey.OUT_OF_STOCK_THRESHOLD, item.source)
            type_ = ranked[0][0] if ranked else ScopeType.DEFAULT
            rule = Scope(type_, item.source if type_.names_source else None)
            goes_below[rule] = goes_below.get(rule, False) or self._goes_below(item)
            thresholds[rule] = self._threshold(item)
        if self.is_unlimited:
            return ZERO
        return sum((min(t, ZERO) if goes_below[rule] else max(t, ZERO) for rule, t in thresholds.items()), ZERO)

    @property
    def counting(self) -> list[StockedItem]:
        """The items that are in stock at an enabled source."""
        return [item for item in self.items if item.is_in_stock and item.is_enabled]

    def _goes_below(self, item: StockedItem) -> bool:
        return self.value("backorders", item.source) != BackorderMode.NO_BACKORDERS

    def _threshold(self, item: StockedItem) -> Decimal:
        threshold = self.value("out_of_stock_threshold", item.source)
        assert isinstance(threshold, Decimal)
        return threshold


def _places(*keys: SettingKey) -> list[Place]:
    return [(key, scope) for key in keys for scope in SCOPES if scope.type in CATALOGUE[key].scopes]


def _backorders_at(scopes: Iterable[Scope]) -> list[Place]:
    return [(key, scope) for scope in scopes for key in (SettingKey.BACKORDERS, SettingKey.OUT_OF_STOCK_THRESHOLD)]


PLACES = _places(*SettingKey)
_BACKORDERS = _places(SettingKey.BACKORDERS, SettingKey.OUT_OF_STOCK_THRESHOLD)
_CUSTOMS: list[list[Place]] = [  # what merchants do: nothing, rules for the product, or for each source
    [],
    _backorders_at([scope_of(None, SKU)]),
    _backorders_at([scope_of(None, None), *(scope_of(source, None) for source in SOURCES)]),
    _backorders_at([scope_of(source, SKU) for source in SOURCES]),
    [(SettingKey.MANAGE_STOCK, scope_of(None, SKU))],
]


@st.composite
def items(draw: st.DrawFn, at_least: int = 0) -> tuple[StockedItem, ...]:
    """Source items at some of the three sources; most of them count."""
    number = draw(st.sampled_from([each for each in (3, 2, 3, 1, 0) if each >= at_least]))
    mostly = st.sampled_from((True,) * 7 + (False,))
    return tuple(StockedItem(source, draw(GOODS), draw(mostly), draw(mostly)) for source in SOURCES[:number])


@st.composite
def worlds(draw: st.DrawFn, at_least: int = 0) -> World:
    """Any lawful world with so many source items or more."""
    some = st.sampled_from(_BACKORDERS * 3 + PLACES)
    places = draw(st.lists(some, max_size=4) | st.lists(some, min_size=6, max_size=14))
    places += draw(st.sampled_from(_CUSTOMS))
    values = {place: draw(VALUES[place[0]]) for place in places}
    return World(draw(items(at_least)), draw(RESERVED), values)
