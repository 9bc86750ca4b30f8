"""The one calculator: a position and its settings in, the answer and its proof out.

The storefront, the order check, the preview and every report call this function.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rules.position import Config, Position, SourceConfig
from rules.quantity import ZERO
from rules.scope import Scope
from rules.setting import BackorderMode, SettingKey
from rules.walk import EffectiveSetting, ScopeRule


class StockStatus(StrEnum):
    """Whether anything can be sold, or the status of one source item."""

    IN_STOCK = "IN_STOCK"
    OUT_OF_STOCK = "OUT_OF_STOCK"


class AvailabilityKind(StrEnum):
    """What a product page can say; the names follow schema.org/ItemAvailability."""

    IN_STOCK = "IN_STOCK"
    LIMITED_AVAILABILITY = "LIMITED_AVAILABILITY"
    BACK_ORDER = "BACK_ORDER"
    OUT_OF_STOCK = "OUT_OF_STOCK"


class BackorderLimitKind(StrEnum):
    """Whether orders may go below zero, and whether without end."""

    NONE = "NONE"
    LIMITED = "LIMITED"
    UNLIMITED = "UNLIMITED"


class TermKind(StrEnum):
    """The kinds of term that the salable quantity is the sum of."""

    SOURCE_QUANTITY = "SOURCE_QUANTITY"
    RESERVATIONS = "RESERVATIONS"
    OUT_OF_STOCK_THRESHOLD = "OUT_OF_STOCK_THRESHOLD"


@dataclass(frozen=True, slots=True)
class Term:
    """One signed term of Q + R - EFF; rule and source are given as far as the term belongs to one."""

    kind: TermKind
    quantity: Decimal
    source: str | None = None
    rule: ScopeRule | None = None


@dataclass(frozen=True, slots=True)
class ThresholdGroup:
    """The sources that count and share the rule of their threshold (None: the shipped default)."""

    rule: ScopeRule | None
    mode: BackorderMode
    threshold: Decimal

    @property
    def effective(self) -> Decimal:
        """min(T, 0) with backorders on, max(T, 0) without."""
        return effective_threshold(self.threshold, self.mode)


def effective_threshold(threshold: Decimal, mode: BackorderMode) -> Decimal:
    """What a threshold counts as under a mode; the stored value is never changed."""
    return min(threshold, ZERO) if mode.allows else max(threshold, ZERO)


@dataclass(frozen=True, slots=True)
class Availability:
    """What can be sold of one product in one stock, and why."""

    position: Position
    config: Config
    counting: tuple[SourceConfig, ...]
    mode: BackorderMode
    is_unlimited: bool
    groups: tuple[ThresholdGroup, ...]
    effective_threshold: Decimal
    on_hand: Decimal
    is_stock_managed: bool
    salable_qty: Decimal | None
    stock_status: StockStatus
    only_x_left: Decimal | None
    kind: AvailabilityKind

    @property
    def shippable(self) -> Decimal:
        """Q + R: what is on hand and not promised; below zero, units are on backorder."""
        return self.on_hand + self.position.reservations

    @property
    def sum_of_terms(self) -> Decimal:
        """Q + R - EFF, before the cut at 0."""
        return self.shippable - self.effective_threshold

    @property
    def backorder_limit(self) -> tuple[BackorderLimitKind, Decimal | None]:
        """How far below zero orders may go; the quantity is None unless LIMITED."""
        if self.is_unlimited:
            return BackorderLimitKind.UNLIMITED, None
        if self.effective_threshold < 0:
            return BackorderLimitKind.LIMITED, -self.effective_threshold
        return BackorderLimitKind.NONE, None

    @property
    def terms(self) -> tuple[Term, ...]:
        """The signed terms that add up to Q + R - EFF; none where stock is not managed."""
        if not self.is_stock_managed:
            return ()
        thresholds = () if self.is_unlimited else self.groups
        return (
            *(Term(TermKind.SOURCE_QUANTITY, each.item.quantity, each.item.source) for each in self.counting),
            Term(TermKind.RESERVATIONS, self.position.reservations),
            *(
                Term(
                    TermKind.OUT_OF_STOCK_THRESHOLD,
                    -group.effective,
                    group.rule.scope.source if group.rule else None,
                    group.rule,
                )
                for group in thresholds
                if group.effective != 0
            ),
        )


def availability(position: Position, config: Config) -> Availability:
    """What can be sold of a product, given its goods in one stock and its walked settings."""
    counting = tuple(each for each in config.sources if each.item.counts)
    is_managed = config.settings[SettingKey.MANAGE_STOCK].value is True
    is_unlimited = any(has_no_limit(mode_of(each), threshold_of(each)) for each in counting)
    groups = threshold_groups(counting)
    threshold = ZERO if is_unlimited else sum((group.effective for group in groups), ZERO)
    on_hand = sum((each.item.quantity for each in counting), ZERO)
    shippable = on_hand + position.reservations
    salable = _salable_qty(shippable, threshold, is_unlimited=is_unlimited, counts=bool(counting))
    if is_managed:
        sells = bool(counting) and (is_unlimited or shippable - threshold > 0)
        only_x_left = None if is_unlimited else _only_x_left(salable, config)
    else:
        sells, only_x_left = position.is_assigned, None
    return Availability(
        position=position,
        config=config,
        counting=counting,
        mode=strongest(mode_of(each) for each in counting),
        is_unlimited=is_unlimited,
        groups=groups,
        effective_threshold=threshold,
        on_hand=on_hand,
        is_stock_managed=is_managed,
        salable_qty=salable if is_managed else None,
        stock_status=StockStatus.IN_STOCK if sells else StockStatus.OUT_OF_STOCK,
        only_x_left=only_x_left,
        kind=_kind(sells=sells, is_late=is_managed and shippable <= 0, is_limited=only_x_left is not None),
    )


def threshold_groups(sources: Iterable[SourceConfig]) -> tuple[ThresholdGroup, ...]:
    """Group sources by the rule that gave them their threshold: every rule counts once, over any number of sources."""
    by_scope: dict[Scope, list[SourceConfig]] = {}  # one rule of a setting is in force at a scope: the scope names it
    for each in sources:
        by_scope.setdefault(each.out_of_stock_threshold.scope, []).append(each)
    return tuple(
        ThresholdGroup(
            group[0].out_of_stock_threshold.rule, strongest(mode_of(each) for each in group), threshold_of(group[0])
        )
        for group in by_scope.values()
    )


def strongest(modes: Iterable[BackorderMode]) -> BackorderMode:
    """The strongest of these modes; NO_BACKORDERS of none."""
    return max(modes, key=lambda mode: mode.strength, default=BackorderMode.NO_BACKORDERS)


def has_no_limit(mode: BackorderMode, threshold: Decimal) -> bool:
    """Whether a source that counts lets orders go on without limit, by the mode and threshold that its walk gave it."""
    return mode.allows and threshold >= 0


def mode_of(source: SourceConfig) -> BackorderMode:
    """The backorder mode that the walk gave this source."""
    return mode_of_value(source.backorders.value)


def mode_of_value(value: object) -> BackorderMode:
    """The value of the setting Backorders."""
    assert isinstance(value, BackorderMode)  # noqa: S101  # the catalogue's type of this setting
    return value


def threshold_of(source: SourceConfig) -> Decimal:
    """The threshold that the walk gave this source, as it is stored."""
    return quantity_of(source.out_of_stock_threshold.value)


def quantity_of(value: object) -> Decimal:
    """The value of a setting whose type in the catalogue is a quantity."""
    assert isinstance(value, Decimal)  # noqa: S101  # the catalogue's type of this setting
    return value


def _salable_qty(shippable: Decimal, threshold: Decimal, *, is_unlimited: bool, counts: bool) -> Decimal:
    if not counts:
        return ZERO
    return shippable if is_unlimited else max(shippable - threshold, ZERO)


def _only_x_left(salable: Decimal, config: Config) -> Decimal | None:
    threshold = quantity_of(config.settings[SettingKey.ONLY_X_LEFT_THRESHOLD].value)
    return salable if 0 < salable <= threshold else None


def _kind(*, sells: bool, is_late: bool, is_limited: bool) -> AvailabilityKind:
    if not sells:
        return AvailabilityKind.OUT_OF_STOCK
    if is_late:
        return AvailabilityKind.BACK_ORDER
    return AvailabilityKind.LIMITED_AVAILABILITY if is_limited else AvailabilityKind.IN_STOCK


def is_low(quantity: Decimal, notify: EffectiveSetting) -> bool:
    """Whether a quantity on hand is at or below the notify quantity that was walked for its source."""
    return quantity <= quantity_of(notify.value)
