"""What an import of Magento's product export did not take as it stands: counted, so that memory does not grow."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rules.key import visible
from rules.magento import Gap
from rules.validation import Advice

MOST_NAMED = 20


@dataclass(slots=True)
class MagentoNotes:
    """Rows and cells that have no effect, or another one than their text says."""

    gaps: dict[Gap, Counter[str]] = field(default_factory=lambda: {gap: Counter() for gap in Gap})
    ignored: Counter[str] = field(default_factory=Counter)
    without_effect_count: int = 0
    without_effect: list[str] = field(default_factory=list)
    store_view_names: int = 0

    def add_cells(self, gaps: Iterable[tuple[Gap, str]], ignored: Iterable[str]) -> None:
        """Count what one row gives that is not taken as it stands, and its cells in columns that are not read."""
        for gap, name in gaps:
            self.gaps[gap][name] += 1
        self.ignored.update(ignored)

    def add_without_effect(self, sku: str) -> None:
        """Count a row that gives neither a name nor a setting."""
        self.without_effect_count += 1
        if len(self.without_effect) < MOST_NAMED:
            self.without_effect.append(sku)

    def advice(self) -> Iterator[Advice]:
        """A warning for each kind of what was counted."""
        if zeros := self.gaps[Gap.ZERO_IS_NO_LIMIT]:
            message = f"0 means no limit, and is written as a quantity that sets none: {_counted(zeros)}."
            yield Advice(Gap.ZERO_IS_NO_LIMIT, message, ())
        if unread := self.gaps[Gap.VALUE_WITHOUT_FLAG]:
            message = f"Not read without its flag use_config_...: {_counted(unread)}."
            yield Advice(Gap.VALUE_WITHOUT_FLAG, message, ())
        if self.ignored:
            message = (
                f"These columns about stock are not read: {_counted(self.ignored)}. Quantities and statuses come by"
                " `salable import source-items`."
            )
            yield Advice("IGNORED_COLUMNS", message, ())
        if count := self.without_effect_count:
            more = f" and {count - len(self.without_effect):,} more" if count > len(self.without_effect) else ""
            named = ", ".join(visible(sku) for sku in self.without_effect)
            give = "gives" if count == 1 else "give"
            yield Advice(
                "ROWS_WITHOUT_EFFECT", f"{_rows(count)} {give} neither a name nor a setting: {named}{more}.", ()
            )
        if self.store_view_names:
            message = f"{_rows(self.store_view_names)} of store views: the names that are shown there are left out."
            yield Advice("STORE_VIEW_NAMES", message, ())


def _counted(names: Counter[str]) -> str:
    shown = [f"{name} ({_rows(count)})" for name, count in names.most_common(MOST_NAMED)]
    return ", ".join(shown) + (f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else "")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
