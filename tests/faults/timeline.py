"""What callers saw: every call with its times and its error, and what follows from them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

WELL_SECONDS = 5.0
"""For so long every call has to succeed before all is well."""
FEWEST_CALLS = 20
"""And so many of them: where nobody calls, nothing is well."""


class Kind(StrEnum):
    """What a call asked for."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Call:
    """One call; times are seconds of the loop's clock, an error is '' where it succeeded."""

    kind: Kind
    began: float
    ended: float
    error: str


@dataclass(slots=True)
class Timeline:
    """All calls of a run: those that ended, and when those began that are not answered yet."""

    ended: list[Call] = field(default_factory=list)
    running: dict[int, float] = field(default_factory=dict)

    def errors(self, since: float) -> list[Call]:
        """The calls that failed after an instant, in the order in which they failed."""
        return sorted((call for call in self.ended if call.error and call.ended >= since), key=lambda call: call.ended)

    def well_after(self, since: float, now: float) -> float | None:
        """The first moment from `since` on from which every call of five seconds succeeded; None: not yet.

        A call belongs to the moment at which it began: what began before and fails later says nothing of the time after.
        """
        failed = [call.began for call in self.ended if call.error and call.began >= since]
        for start in sorted([since, *(moment + 1e-6 for moment in failed)]):
            until = start + WELL_SECONDS
            if until > now or any(start <= moment < until for moment in self.running.values()):
                return None
            if any(start <= moment < until for moment in failed):
                continue
            if sum(start <= call.began < until for call in self.ended) >= FEWEST_CALLS:
                return start
        return None

    def longest_gap(self, kind: Kind, since: float, until: float) -> float:
        """The longest time in seconds between two answers that were a success."""
        answered = sorted(call.ended for call in self.ended if call.kind is kind and not call.error)
        within = [moment for moment in answered if since <= moment <= until]
        return max(later - earlier for earlier, later in pairwise([since, *within, until]))


def counted(words: Iterable[str]) -> str:
    """What was said, and how many times: the most frequent first."""
    return ", ".join(f"{word} x{times}" for word, times in Counter(words).most_common()) or "none"
