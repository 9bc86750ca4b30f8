"""What a newer version has written and this one cannot read: it is left as it is, for a process that can, and said once.

During an upgrade, and after one that was taken back, rows of two versions stand side by side. A row that is not understood
neither stops what is, nor is changed, sent or removed by whom it means nothing to.
"""

import logging
from collections.abc import Iterable
from enum import StrEnum

from rules.key import quoted

MOST_SAID = 1_000
"""Words that are remembered as said; more than any version brings."""

_said: set[tuple[str, str]] = set()
_log = logging.getLogger("salable.newer")


def is_of(known: type[StrEnum], text: str, noun: str) -> bool:
    """Whether an enum of this version has a stored text; where not, that is logged once a process."""
    if text in known._value2member_map_:
        return True
    leave(noun, text)
    return False


def leave(noun: str, text: str) -> None:
    """Log, the first time, that rows with this word are left as they are."""
    if (noun, text) not in _said and len(_said) < MOST_SAID:
        _said.add((noun, text))
        _log.warning("rows of a newer version are left as they are: the %s %s is not known here", noun, quoted(text))


def leave_unreadable(noun: str, id_: int) -> None:
    """Log, the first time, that a row is left as it is: what stands in it cannot be read by any version."""
    if (noun, str(id_)) not in _said and len(_said) < MOST_SAID:
        _said.add((noun, str(id_)))
        _log.error("the %s %d is left as it is: what stands in it cannot be read", noun, id_)


def in_sql(known: Iterable[StrEnum]) -> str:
    """The words of this version as the right side of IN: constants, which no planner has to guess at."""
    words = [f"'{each.value}'" for each in known]
    return f"({', '.join(words)})"
