"""The conditions of a statement, put together with their parameters."""

from collections.abc import Sequence
from typing import Any


class Where:
    """Conditions that must all hold, and the parameters of the statement in their order.

        where = Where(stock)  # $1, which the statement itself uses
        where.add("p.sku = ANY({})", skus)
        await fetch(client, f"SELECT ... WHERE {where} LIMIT ...", *where.parameters)

    Values never become part of the text: each is a parameter.
    """

    def __init__(self, *parameters: Any) -> None:
        self.parameters: list[Any] = [*parameters]
        self._conditions: list[str] = []

    def __str__(self) -> str:
        return " AND ".join(self._conditions) or "TRUE"

    def value(self, value: Any) -> str:
        """The place of a value in the statement, such as `$3`."""
        self.parameters.append(value)
        return f"${len(self.parameters)}"

    def add(self, condition: str, *values: Any) -> None:
        """A condition of ours, with `{}` where its values stand."""
        self._conditions.append(condition.format(*map(self.value, values)))

    def any_of(self, condition: str, values: Sequence[Any]) -> None:
        """One of these values meets a condition; none of none does."""
        met = [condition.format(self.value(value)) for value in values]
        self._conditions.append(f"({' OR '.join(met)})" if met else "FALSE")

    def copy(self) -> "Where":
        """These conditions, to which others can be added."""
        copied = Where(*self.parameters)
        copied._conditions = [*self._conditions]
        return copied
