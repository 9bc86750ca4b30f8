"""How long something takes, beside what it is compared with."""

import time
from collections.abc import Awaitable, Callable
from typing import Any


async def seconds(body: Callable[[], Awaitable[Any]]) -> float:
    """How long it takes once."""
    began = time.perf_counter()
    await body()
    return time.perf_counter() - began


async def median(what: str, body: Callable[[], Awaitable[Any]], turns: int, baseline: float | None = None) -> float:
    """The median of some turns in seconds; it is said, and how long the first one took."""
    spent = [await seconds(body) for _ in range(turns)]
    found = sorted(spent)[turns // 2]
    say(f"{what} (first {spent[0] * 1000:,.2f} ms)", found, baseline)
    return found


def say(what: str, spent: float, baseline: float | None = None) -> None:
    """One line of the output."""
    ratio = "" if baseline is None else f", {spent / baseline:.1f} times the baseline"
    print(f"  {what}: {spent * 1000:,.2f} ms{ratio}", flush=True)  # noqa: T201  # its output
