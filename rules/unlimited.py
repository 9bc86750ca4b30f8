"""Which products a change of rules makes unlimited: how many, the first of them, and the rule that does it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rules.calculator import has_no_limit, mode_of_value, quantity_of
from rules.key import visible
from rules.scope import Scope
from rules.setting import SettingKey
from rules.validation import Advice, Path
from rules.walk import EffectiveSetting, Rules

KEYS = (SettingKey.BACKORDERS, SettingKey.OUT_OF_STOCK_THRESHOLD)
"""The settings that decide whether a product is unlimited."""
MOST_SKUS = 10
"""Products that a message names."""

Cause = tuple[Scope, SettingKey]
"""Where the rule stands that a change sets or removes, and of which setting."""


def is_unlimited(rules: Rules, sku: str | None, sources: Iterable[str]) -> bool:
    """Whether a product (None: one without rules of its own) is unlimited, given the sources that count."""
    return any(_is_unlimited_at(rules, sku, source) for source in sources)


def cause_of(before: Rules, after: Rules, sku: str, sources: Iterable[str]) -> Cause:
    """What made a product unlimited that was not before, given the sources that count: the first such source tells."""
    source = next(source for source in sources if _is_unlimited_at(after, sku, source))
    old_mode, old_threshold, _ = before.of_product_at(source, sku)
    mode, threshold, _ = after.of_product_at(source, sku)
    lost_its_limit = quantity_of(old_threshold.value) < 0
    old, new = (old_threshold, threshold) if lost_its_limit else (old_mode, mode)
    return _changed_scope(before, old, new), new.setting


@dataclass(slots=True)
class NewlyUnlimited:
    """The products that become unlimited in some sales channel, which are added by SKU; its memory is bounded."""

    count: int = 0
    skus: list[str] = field(default_factory=list)
    cause: Cause | None = None
    _last: str | None = None

    def add(self, sku: str, before: Rules, after: Rules, sources: Sequence[str]) -> None:
        """Count a product once, in however many stocks it becomes unlimited; sources are those that count in one."""
        if sku == self._last:
            return
        self._last = sku
        self.count += 1
        if self.cause is None:
            self.cause = cause_of(before, after, sku, sources)
        if len(self.skus) < MOST_SKUS:
            self.skus.append(sku)

    def merge(self, later: "NewlyUnlimited") -> None:
        """Add the products of another change."""
        self.count += later.count
        self.skus += later.skus[: MOST_SKUS - len(self.skus)]
        self.cause = self.cause or later.cause

    def advice(self, path: Path, start: datetime | None = None) -> Advice:
        """The warning about them; start is when the change begins to hold, where that is later."""
        when = f"From {start:%Y-%m-%d %H:%M %Z} on backorders" if start else "Backorders"
        products = "1 product" if self.count == 1 else f"{self.count:,} products"
        more = f" and {self.count - len(self.skus):,} more" if self.count > len(self.skus) else ""
        named = ", ".join(map(visible, self.skus))
        return Advice(
            "BACKORDERS_BECOME_UNLIMITED",
            f"{when} are on with an Out-of-Stock Threshold of 0 or more for {products}: {named}{more}."
            " Orders go on without limit. A threshold below 0, such as -50, stops them at 50 below zero.",
            path,
        )


def _is_unlimited_at(rules: Rules, sku: str | None, source: str) -> bool:
    mode, threshold, _ = rules.of_product_at(source, sku)
    return has_no_limit(mode_of_value(mode.value), quantity_of(threshold.value))


def _changed_scope(before: Rules, old: EffectiveSetting, new: EffectiveSetting) -> Scope:
    """The scope whose rule was set or, where what lies beyond it wins now, removed."""
    is_set = new.rule is not None and new.rule != before.at(new.scope).get(new.setting)
    return new.scope if is_set else old.scope
