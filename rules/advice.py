"""Warnings that teach: what a change of rules does that its author may not have meant, on the walked result after it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rules.calculator import quantity_of, strongest, threshold_groups
from rules.position import Config, Position, StockedItem, config_of
from rules.quantity import show
from rules.scope import Scope, ScopeType, scope_of
from rules.setting import CATALOGUE, BackorderMode, SettingKey, SettingValue
from rules.validation import Advice, Path
from rules.walk import Rules


@dataclass(frozen=True, slots=True)
class Pool:
    """The items of a product in one stock, or, where no product is named, one stand-in for each source of the stock."""

    stock: str
    items: tuple[StockedItem, ...]


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What one change sets at one scope (None: the rule is removed), and where its consequences are looked for."""

    scope: Scope
    settings: Mapping[SettingKey, SettingValue | None]
    pools: tuple[Pool, ...]
    is_source_disabled: bool
    path: Path

    def path_of(self, key: SettingKey) -> Path:
        """The path of one of its settings."""
        return (*self.path, "settings", key.value)


_BACKORDER_KEYS = (SettingKey.BACKORDERS, SettingKey.OUT_OF_STOCK_THRESHOLD)


def advise(change: ScopeChange, before: Rules, after: Rules) -> Iterator[Advice]:
    """Every warning about one scope, in the order of the settings; before and after are the rules around the change."""
    for check in (
        _equals_inherited,
        _hides_source_rule,
        _backorders_without_end_or_effect,
        _threshold_adds_up,
        _min_above_max,
    ):
        yield from check(change, before, after)
    yield from _nothing_can_sell(change, after)
    if change.is_source_disabled and any(value is not None for value in change.settings.values()):
        yield Advice(
            "SOURCE_DISABLED",
            f"Source {change.scope.source} is disabled: this rule has no effect until it is enabled.",
            (*change.path, "scope", "source"),
        )


def _equals_inherited(change: ScopeChange, _before: Rules, after: Rules) -> Iterator[Advice]:
    for key, value in change.settings.items():
        inherited = after.inherited(CATALOGUE[key], change.scope)
        if value is not None and value == inherited.value:
            yield Advice(
                "EQUALS_INHERITED",
                f"{CATALOGUE[key].label} would be {_said(value)} without this rule too, from {inherited.scope}; with it,"
                " later changes there no longer reach this scope.",
                change.path_of(key),
            )


def _hides_source_rule(change: ScopeChange, _before: Rules, after: Rules) -> Iterator[Advice]:
    if change.scope.sku is None:
        return
    sources = _sources(change) if change.scope.type is ScopeType.PRODUCT else [change.scope.source or ""]
    for key, value in change.settings.items():
        if value is None or not CATALOGUE[key].is_per_source:
            continue
        for source in sources:
            hidden = after.at(scope_of(source, None)).get(key)
            if hidden is not None and hidden.value is not None and hidden.value != value:
                yield Advice(
                    "HIDES_SOURCE_RULE",
                    f"Source {source} has a rule of its own for {CATALOGUE[key].label} ({_said(hidden.value)}); for this"
                    f" product it no longer counts, {_said(value)} does.",
                    change.path_of(key),
                )


def _backorders_without_end_or_effect(change: ScopeChange, before: Rules, after: Rules) -> Iterator[Advice]:
    key = next((key for key in reversed(_BACKORDER_KEYS) if key in change.settings), None)
    if key is None:
        return
    unlimited, idle = [], []
    for scope in _affected(change, before, after):
        mode, threshold = _mode_and_threshold(after, scope)
        if mode.allows and threshold >= 0:
            unlimited.append((scope, threshold))
        elif not mode.allows and threshold < 0:
            idle.append((scope, threshold))
    if unlimited:
        yield Advice(
            "BACKORDERS_BECOME_UNLIMITED",
            f"Backorders are on with an Out-of-Stock Threshold of {show(unlimited[0][1])} at {_scopes(unlimited)}: orders"
            " go on without limit. A threshold below 0, such as -50, stops them at 50 below zero.",
            change.path_of(key),
        )
    if idle:
        yield Advice(
            "NEGATIVE_THRESHOLD_WITHOUT_BACKORDERS",
            f"The Out-of-Stock Threshold of {show(idle[0][1])} counts as 0 while backorders are off at {_scopes(idle)}.",
            change.path_of(key),
        )


def _threshold_adds_up(change: ScopeChange, _before: Rules, after: Rules) -> Iterator[Advice]:
    key = next((key for key in reversed(_BACKORDER_KEYS) if change.settings.get(key) is not None), None)
    if key is None:
        return
    for pool in change.pools:
        counting = [each for each in _config(after, change, pool).sources if each.item.counts]
        groups = [group for group in threshold_groups(counting) if group.effective < 0]
        if len(groups) < 2 or all(group.rule is None or group.rule.scope != change.scope for group in groups):
            continue
        parts = " and ".join(f"{show(group.effective)} ({group.rule.scope if group.rule else ''})" for group in groups)
        whole = sum((-group.effective for group in groups), Decimal(0))
        what = "this product" if change.scope.sku else "a product that lies at all of these sources"
        yield Advice(
            "THRESHOLD_ADDS_UP",
            f"Thresholds of different rules add up: in stock {pool.stock} {parts} let orders of {what} go {show(whole)}"
            " below zero.",
            change.path_of(key),
        )


def _min_above_max(change: ScopeChange, _before: Rules, after: Rules) -> Iterator[Advice]:
    key = next((key for key in (SettingKey.MIN_SALE_QTY, SettingKey.MAX_SALE_QTY) if key in change.settings), None)
    if key is None:
        return
    least = quantity_of(after.walk(CATALOGUE[SettingKey.MIN_SALE_QTY], change.scope).value)
    most = quantity_of(after.walk(CATALOGUE[SettingKey.MAX_SALE_QTY], change.scope).value)
    if least > most:
        yield Advice(
            "MIN_ABOVE_MAX",
            f"The minimum of {show(least)} is above the maximum of {show(most)}: no quantity can be bought.",
            change.path_of(key),
        )


def _nothing_can_sell(change: ScopeChange, after: Rules) -> Iterator[Advice]:
    key = next((key for key in _BACKORDER_KEYS if change.settings.get(key) is not None), None)
    if key is None or change.scope.sku is None:
        return
    mode = strongest(_mode_and_threshold(after, scope)[0] for scope in _points(change))
    if mode.allows and not any(item.counts for pool in change.pools for item in pool.items):
        yield Advice(
            "NO_SOURCE_IN_STOCK",
            f"No source has {change.scope.sku} in stock: backorders sell nothing until a source item of an enabled source"
            " is set to in stock.",
            change.path_of(key),
        )


def _points(change: ScopeChange) -> list[Scope]:
    """The scopes at which a consequence can show: the scope itself, and each source below it."""
    below = [scope_of(source, change.scope.sku) for source in _sources(change)] if not change.scope.source else []
    return [change.scope, *below]


def _affected(change: ScopeChange, before: Rules, after: Rules) -> list[Scope]:
    return [
        scope
        for scope in _points(change)
        if scope == change.scope or _mode_and_threshold(before, scope) != _mode_and_threshold(after, scope)
    ]


def _sources(change: ScopeChange) -> list[str]:
    return sorted({item.source for pool in change.pools for item in pool.items})


def _mode_and_threshold(rules: Rules, scope: Scope) -> tuple[BackorderMode, Decimal]:
    mode = rules.walk(CATALOGUE[SettingKey.BACKORDERS], scope).value
    threshold = quantity_of(rules.walk(CATALOGUE[SettingKey.OUT_OF_STOCK_THRESHOLD], scope).value)
    return BackorderMode(str(mode)), threshold


def _config(rules: Rules, change: ScopeChange, pool: Pool) -> Config:
    return config_of(rules, change.scope.sku, Position(pool.items))


def _said(value: SettingValue) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return show(value) if isinstance(value, Decimal) else value.value


def _scopes(found: Iterable[tuple[Scope, Decimal]]) -> str:
    named = [str(scope) for scope, _ in found]
    return ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
