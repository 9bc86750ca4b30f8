"""Arguments and input fields that may be left out: left out and null mean the same, unless they are Maybe."""

from typing import Annotated, Any, TypeVar

import strawberry

T = TypeVar("T")

ABSENT: Any = strawberry.UNSET
"""The default of what may be left out; it prints none in the schema."""

First = Annotated[int | None, strawberry.argument(description="How many nodes the page may have: 1 to 250.")]
After = Annotated[str | None, strawberry.argument(description="The endCursor of the page before; left out: the start.")]
SalesChannelCode = Annotated[
    str | None,
    strawberry.argument(name="salesChannel", description="The code of a sales channel; left out: the default one."),
]


def given(value: T | None) -> T | None:
    """The value, or None where it was left out."""
    return None if value is strawberry.UNSET else value
