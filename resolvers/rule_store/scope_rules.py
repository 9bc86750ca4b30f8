"""The rows of the rule store, in pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from models.database import reader
from models.deadline import at_length
from models.sql import fetch
from resolvers.keys import PRODUCT, SOURCE, key_of
from resolvers.pages import Page, page, page_request, readable
from resolvers.rules_in_force import COLUMNS, NO_END, NO_START, rule_of, stored_instant
from rules.scope import ScopeType
from rules.setting import SettingKey
from rules.validation import is_code
from rules.walk import ScopeRule

# Few rules have a start or an end: they are found by it, along an index of each, whatever else is there. Those with a start
# whose window has ended are passed over. The sums keep SQLite from an index that has all rules.
_SCHEDULED = f"""(
    SELECT {COLUMNS} FROM scope_rule WHERE active_from > {NO_START:d} AND active_until + 0 > $1 AND {{conditions}}
    UNION SELECT {COLUMNS} FROM scope_rule WHERE active_until < {NO_END:d} AND active_until > $1 AND {{conditions}}
) r WHERE TRUE"""


@dataclass(frozen=True, slots=True)
class ScopeRuleFilter:
    """Which rules; None leaves a criterion out. At an instant: those whose window it is in; else now and later ones."""

    scope_type: ScopeType | None = None
    source: str | None = None
    sku: str | None = None
    setting: SettingKey | None = None
    at: datetime | None = None
    is_scheduled: bool | None = None


@at_length
async def scope_rule_page(asked: ScopeRuleFilter, first: int | None, after: str | None) -> Page[ScopeRule]:
    """One page of the rules, in the order in which they were first written."""
    request = page_request(first, after, (int,))
    asked = replace(asked, source=await key_of(SOURCE, asked.source), sku=await key_of(PRODUCT, asked.sku))
    rules, parameters = _rules(asked)
    behind, key = request.after[0] if request.after else 0, "id + 0" if asked.is_scheduled else "id"
    rows = await fetch(
        reader(),
        f"SELECT {COLUMNS} FROM {rules} AND {key} > ${len(parameters) + 1} ORDER BY id LIMIT {request.first + 1:d}",
        *parameters,
        behind,
    )

    async def count() -> int:
        return int((await fetch(reader(), f"SELECT COUNT(*) AS n FROM {rules}", *parameters))[0]["n"])

    return readable(page(rows, request, lambda row: (row["id"],), count), rule_of)


def _rules(asked: ScopeRuleFilter) -> tuple[str, Sequence[Any]]:
    """The rules of a filter, for a FROM to which conditions may be added, and its parameters."""
    conditions, parameters = _conditions(asked)
    if asked.is_scheduled:
        return _SCHEDULED.format(conditions=conditions), parameters
    return f"scope_rule WHERE active_until > $1 AND {conditions}", parameters


def _conditions(asked: ScopeRuleFilter) -> tuple[str, Sequence[Any]]:
    """What the filter says beside the end of the window; the first parameter is the instant."""
    instant = stored_instant(asked.at or datetime.now(UTC))
    conditions, parameters = ["TRUE"], list[Any]([instant])
    if asked.at is not None:
        conditions.append("active_from <= $1")
    if asked.is_scheduled is False:
        conditions.append(f"active_from <= {NO_START:d} AND active_until >= {NO_END:d}")
    for column, value in (
        ("scope_type", asked.scope_type),
        ("source", asked.source),
        ("sku", asked.sku),
        ("setting", asked.setting),
    ):
        if value is not None:
            if not is_code(value):
                conditions.append("FALSE")
                continue
            parameters.append(str(value))
            conditions.append(f"{column} = ${len(parameters)}")
    return " AND ".join(conditions), parameters
