"""The warnings of a long run: counted by code, with the first few of each, so that memory does not grow with the run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rules.key import visible
from rules.scope import Scope
from rules.validation import Advice

EXAMPLES = 3


def without_path(advice: Advice, scope: Scope) -> Advice:
    """A warning about the rules of a scope, which it names also where no path stands beside it."""
    is_named = str(scope) in advice.message or (scope.sku is not None and f" {visible(scope.sku)} " in advice.message)
    return advice if is_named else Advice(advice.code, f"{scope}: {advice.message}", advice.path)


@dataclass(slots=True)
class AdviceTally:
    """How many warnings there were of each code, and what the first three of them say."""

    _counts: dict[str, int] = field(default_factory=dict)
    _examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, advice: Iterable[Advice]) -> None:
        """Count these warnings."""
        for each in advice:
            self._counts[each.code] = self._counts.get(each.code, 0) + 1
            examples = self._examples.setdefault(each.code, [])
            if len(examples) < EXAMPLES:
                examples.append(each.message)

    def __iter__(self) -> Iterator[tuple[str, int, list[str]]]:
        """Code, number and examples, in the order in which the codes were met."""
        for code, count in self._counts.items():
            yield code, count, self._examples[code]
