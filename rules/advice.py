"""Warnings that teach: what a change of rules does that its author may not have meant, on the walked result after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from rules.calculator import quantity_of, strongest, threshold_groups
from rules.change import Window, window_of
from rules.position import Position, StockedItem, config_of
from rules.quantity import ZERO, show
from rules.scope import Scope, scope_of
from rules.setting import CATALOGUE, BackorderMode, Setting, SettingKey, SettingValue
from rules.validation import Advice, Path
from rules.walk import EffectiveSetting, Rules, ScopeRule, precedence


@dataclass(frozen=True, slots=True)
class Pool:
    """The items of a product in one stock, or, where no product is named, one stand-in for each source of the stock."""

    stock: str
    items: tuple[StockedItem, ...]


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What one change sets at one scope (None: the rule is removed), and where its consequences are looked for.

    schedules are the rows of the scope after the change that hold when it begins to, or start later.
    """

    scope: Scope
    settings: Mapping[SettingKey, SettingValue | None]
    window: Window
    pools: tuple[Pool, ...]
    schedules: Mapping[SettingKey, Sequence[ScopeRule]]
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
        _threshold_without_effect,
        _threshold_adds_up,
        _min_above_max,
        _hidden_by_schedule,
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
        setting = CATALOGUE[key]
        inherited = [
            _without(setting, walked)
            for scope in _points(change, per_source=setting.is_per_source)
            if (walked := after.walk(setting, scope)).scope == change.scope
        ]
        if value is not None and inherited and all(each.value == value for each in inherited):
            yield Advice(
                "EQUALS_INHERITED",
                f"{setting.label} would be {_said(value)} without this rule too, from {inherited[0].scope}; with it, later"
                " changes there no longer reach this scope.",
                change.path_of(key),
            )


def _without(setting: Setting, walked: EffectiveSetting) -> EffectiveSetting:
    """What a walk would have found without the rule that won it."""
    if not walked.overridden or (value := walked.overridden[0].value) is None:
        return EffectiveSetting(setting.key, setting.default)
    return EffectiveSetting(setting.key, value, walked.overridden[0].scope)


def _hides_source_rule(change: ScopeChange, _before: Rules, after: Rules) -> Iterator[Advice]:
    if change.scope.sku is None:
        return
    sources = [change.scope.source] if change.scope.source else _sources(change)
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


def _threshold_without_effect(change: ScopeChange, before: Rules, after: Rules) -> Iterator[Advice]:
    key = next((key for key in reversed(_BACKORDER_KEYS) if key in change.settings), None)
    if key is None:
        return
    idle = []
    for scope in _affected(change, before, after):
        mode, threshold = _mode_and_threshold(after, scope)
        if not mode.allows and threshold < 0:
            idle.append(f"{show(threshold)} at {scope}")
    if idle:
        yield Advice(
            "NEGATIVE_THRESHOLD_WITHOUT_BACKORDERS",
            f"The Out-of-Stock Threshold of {_some(idle)} counts as 0 while backorders are off there.",
            change.path_of(key),
        )


def _threshold_adds_up(change: ScopeChange, before: Rules, after: Rules) -> Iterator[Advice]:
    key = next((key for key in reversed(_BACKORDER_KEYS) if key in change.settings), None)
    if key is None:
        return
    for pool in change.pools:
        if change.scope.source is not None and all(item.source != change.scope.source for item in pool.items):
            continue
        groups = _groups_below_zero(after, change, pool)
        if len(groups) < 2 or groups == _groups_below_zero(before, change, pool):
            continue
        parts = " and ".join(f"{show(effective)} ({scope})" for scope, effective in groups)
        whole = sum((-effective for _, effective in groups), ZERO)
        what = "this product" if change.scope.sku else "a product that lies at all of these sources"
        yield Advice(
            "THRESHOLD_ADDS_UP",
            f"Thresholds of different rules add up: in stock {pool.stock} {parts} let orders of {what} go {show(whole)}"
            " below zero.",
            change.path_of(key),
        )


def _groups_below_zero(rules: Rules, change: ScopeChange, pool: Pool) -> list[tuple[Scope, Decimal]]:
    config = config_of(rules, change.scope.sku, Position(pool.items))
    groups = threshold_groups(each for each in config.sources if each.item.counts)
    return [(group.rule.scope, group.effective) for group in groups if group.rule and group.effective < 0]


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


def _hidden_by_schedule(change: ScopeChange, _before: Rules, _after: Rules) -> Iterator[Advice]:
    for key, value in change.settings.items():
        mine = next((row for row in change.schedules[key] if window_of(row) == change.window), None)
        if mine is None:
            continue
        hiding = [
            row
            for row in change.schedules[key]
            if window_of(row).overlaps(change.window) and precedence(row) > precedence(mine)
        ]
        if hiding:
            first = min(hiding, key=lambda row: row.active_from or datetime.min.replace(tzinfo=UTC))
            starts = f"from {first.active_from:%Y-%m-%d %H:%M %Z}" if first.active_from else "now"
            ends = f" until {first.active_until:%Y-%m-%d %H:%M %Z}" if first.active_until else ""
            instead = "there is no rule here" if first.value is None else f"it is {_said(first.value)}"
            asked = "no rule" if value is None else _said(value)
            yield Advice(
                "HIDDEN_BY_SCHEDULE",
                f"{CATALOGUE[key].label} is scheduled: {starts}{ends} {instead}, whatever this change says ({asked}).",
                change.path_of(key),
            )


def _nothing_can_sell(change: ScopeChange, after: Rules) -> Iterator[Advice]:
    key = next((key for key in _BACKORDER_KEYS if change.settings.get(key) is not None), None)
    if key is None or change.scope.sku is None:
        return
    mode = strongest(_mode_and_threshold(after, scope)[0] for scope in _points(change, per_source=True))
    if mode.allows and not any(item.counts for pool in change.pools for item in pool.items):
        yield Advice(
            "NO_SOURCE_IN_STOCK",
            f"No source has {change.scope.sku} in stock: backorders sell nothing until a source item of an enabled source"
            " is set to in stock.",
            change.path_of(key),
        )


def _points(change: ScopeChange, *, per_source: bool) -> list[Scope]:
    """The scopes at which a setting of this change shows: each source below it, or itself where there is none."""
    below = [scope_of(source, change.scope.sku) for source in _sources(change)] if per_source else []
    return below if below and not change.scope.source else [change.scope]


def _affected(change: ScopeChange, before: Rules, after: Rules) -> list[Scope]:
    """The scopes at which the change decides, or decided, the backorder mode or the threshold."""
    keys = [key for key in _BACKORDER_KEYS if key in change.settings]
    if change.is_source_disabled:
        return []
    return [
        scope
        for scope in _points(change, per_source=True)
        if any(rules.walk(CATALOGUE[key], scope).scope == change.scope for rules in (before, after) for key in keys)
    ]


def _sources(change: ScopeChange) -> list[str]:
    return sorted({item.source for pool in change.pools for item in pool.items if item.is_enabled})


def _mode_and_threshold(rules: Rules, scope: Scope) -> tuple[BackorderMode, Decimal]:
    mode = rules.walk(CATALOGUE[SettingKey.BACKORDERS], scope).value
    threshold = quantity_of(rules.walk(CATALOGUE[SettingKey.OUT_OF_STOCK_THRESHOLD], scope).value)
    return BackorderMode(str(mode)), threshold


def _said(value: SettingValue) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return show(value) if isinstance(value, Decimal) else value.value


def _some(named: Sequence[str]) -> str:
    return ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
