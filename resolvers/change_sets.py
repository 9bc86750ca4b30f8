"""The history of the rule store, newest first."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from models.database import Client, reader, snapshot
from models.deadline import at_length
from models.sql import fetch
from resolvers.errors import RequestError
from resolvers.keys import PRODUCT, SOURCE, key_of
from resolvers.pages import Page, page, page_request
from resolvers.rule_store import change_sets_of
from rules.change import ChangeSet
from rules.scope import ScopeType
from rules.validation import scope_errors

MOST_CHANGES = 10_000
"""Changes that one page may hold: an import makes change sets of thousands, and a short page with a next one is right."""

_OF_SCOPE = """EXISTS (
    SELECT 1 FROM rule_change h
    WHERE h.change_set_id = c.revision AND h.scope_type = $1 AND h.source = $2 AND h.sku = $3
)"""


@at_length
async def change_set_page(
    scope: tuple[ScopeType, str | None, str | None] | None, first: int | None, after: str | None
) -> Page[ChangeSet]:
    """One page of the change sets, whole, of all scopes or of those that changed a rule at one scope.

    BAD_USER_INPUT for a scope whose fields do not match its type.
    """
    request = page_request(first, after, (int,))
    condition, parameters = "TRUE", list[Any]()
    if scope is not None:
        scope = scope[0], await key_of(SOURCE, scope[1]), await key_of(PRODUCT, scope[2])
        if errors := list(scope_errors(*scope, ())):
            raise RequestError("BAD_USER_INPUT", errors[0].message)
        condition, parameters = _OF_SCOPE, [scope[0].value, scope[1] or "", scope[2] or ""]
    behind = "" if request.after is None else f"AND c.revision < {int(request.after[0])}"

    async def read(client: Client) -> tuple[list[ChangeSet], bool]:
        rows = await fetch(
            client,
            "SELECT c.revision, c.created_at, c.actor, c.reason,"
            " (SELECT COUNT(*) FROM rule_change n WHERE n.change_set_id = c.revision) AS size"
            f" FROM change_set c WHERE {condition} {behind} ORDER BY c.revision DESC LIMIT {request.first + 1:d}",
            *parameters,
        )
        bearable = _bearable(rows)
        return await change_sets_of(client, bearable), len(bearable) < len(rows)

    async def count() -> int:
        rows = await fetch(reader(), f"SELECT COUNT(*) AS n FROM change_set c WHERE {condition}", *parameters)
        return int(rows[0]["n"])

    found, is_cut = await snapshot(read)
    whole = page(found, request, lambda change_set: (change_set.revision,), count)
    return replace(whole, has_next_page=True) if is_cut else whole


def _bearable(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many of these change sets, at least one, as hold MOST_CHANGES changes together."""
    total, kept = 0, list[dict[str, Any]]()
    for row in rows:
        total += row["size"]
        if kept and total > MOST_CHANGES:
            break
        kept.append(row)
    return kept
