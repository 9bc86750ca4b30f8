"""The history of the rule store, newest first."""

from typing import Any

from models.database import Client, reader, snapshot
from models.sql import fetch
from resolvers.errors import RequestError
from resolvers.pages import Page, page, page_request
from resolvers.rule_store import change_sets_of
from rules.change import ChangeSet
from rules.scope import ScopeType
from rules.validation import scope_errors

_OF_SCOPE = """EXISTS (
    SELECT 1 FROM rule_change h
    WHERE h.change_set_id = c.revision AND h.scope_type = $1 AND h.source = $2 AND h.sku = $3
)"""


async def change_set_page(
    scope: tuple[ScopeType, str | None, str | None] | None, first: int | None, after: str | None
) -> Page[ChangeSet]:
    """One page of the change sets, whole, of all scopes or of those that changed a rule at one scope.

    BAD_USER_INPUT for a scope whose fields do not match its type.
    """
    request = page_request(first, after, (int,))
    condition, parameters = "TRUE", list[Any]()
    if scope is not None:
        if errors := list(scope_errors(*scope, ())):
            raise RequestError("BAD_USER_INPUT", errors[0].message)
        condition, parameters = _OF_SCOPE, [scope[0].value, scope[1] or "", scope[2] or ""]
    behind = "" if request.after is None else f"AND c.revision < {int(request.after[0])}"

    async def read(client: Client) -> list[ChangeSet]:
        rows = await fetch(
            client,
            f"SELECT revision, created_at, actor, reason FROM change_set c WHERE {condition} {behind}"
            f" ORDER BY revision DESC LIMIT {request.first + 1:d}",
            *parameters,
        )
        return await change_sets_of(client, rows)

    async def count() -> int:
        rows = await fetch(reader(), f"SELECT COUNT(*) AS n FROM change_set c WHERE {condition}", *parameters)
        return int(rows[0]["n"])

    return page(await snapshot(read), request, lambda change_set: (change_set.revision,), count)
