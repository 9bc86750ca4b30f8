"""What a fault is: what is done to a world, on which databases, for how long, and within what time all must be well."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from tests.faults.world import Needs, World

Injection = Callable[[World], AbstractAsyncContextManager[None]]
"""Entered, the fault is there; left, whatever can end has ended."""

USUAL = Needs()
BOTH = ("postgresql", "sqlite")


def nothing_is_against_it() -> str:
    """Every machine can do it."""
    return ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the report."""

    name: str
    what: str
    inject: Injection
    databases: tuple[str, ...] = BOTH
    seconds: float = 1
    """How long it is held."""
    bound: float = 15
    """Within so many seconds after its end all is well; of one that lasts, after its beginning."""
    is_lasting: bool = False
    """Whether the service has to be well while it goes on."""
    is_unseen: bool = False
    """Whether no caller may notice it: any error is one too many."""
    needs: Needs = USUAL
    why_not: Callable[[], str] = nothing_is_against_it
    """Why it is not possible here; '' where it is."""
