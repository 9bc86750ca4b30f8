"""The history of the rule store, newest first; what a change set changed is read only where it is asked for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from models.database import reader
from models.deadline import at_length
from models.fields import from_microseconds
from models.sql import fetch
from resolvers.errors import RequestError
from resolvers.keys import PRODUCT, SOURCE, key_of
from resolvers.pages import LARGEST_PAGE, MOST_COUNTED, Page, Total, page, page_request, readable
from resolvers.rule_store.change_log import change_of
from rules.change import RuleChange
from rules.scope import ScopeType
from rules.validation import scope_errors

MOST_CHANGES = 10_000
"""Changes that one page may show: an import makes change sets of thousands, and a short page with a next one is right."""
MOST_SHOWN = LARGEST_PAGE
"""Changes that a change set shows at once; the others have pages of their own."""

_ALL = "SELECT c.revision FROM change_set c WHERE c.revision < $1 ORDER BY c.revision DESC"
_OF_SCOPE = """
SELECT DISTINCT h.change_set_id AS revision FROM rule_change h
WHERE h.change_set_id < $1 AND h.scope_type = $2 AND h.source = $3 AND h.sku = $4 ORDER BY h.change_set_id DESC
"""
_HEADS = f"""
SELECT c.revision, c.created_at, c.actor, c.reason, c.change_count, COALESCE(c.change_count, (
    SELECT COUNT(*) FROM (SELECT 1 FROM rule_change n WHERE n.change_set_id = c.revision LIMIT {MOST_SHOWN + 1:d}) b
)) AS size
FROM ({{revisions}}) d JOIN change_set c ON c.revision = d.revision ORDER BY c.revision DESC
"""
_COLUMNS = "id, change_set_id, scope_type, source, sku, setting, before, after, active_from, active_until"
_CHANGES = f"SELECT {_COLUMNS} FROM rule_change WHERE"
_FIRST = (
    f"SELECT {_COLUMNS} FROM ({_CHANGES} change_set_id = ${{number:d}} ORDER BY id LIMIT {MOST_SHOWN:d}) f{{number:d}}"
)
_COUNT = "SELECT COUNT(*) AS n FROM rule_change WHERE change_set_id = $1"


@dataclass(frozen=True, slots=True)
class ChangeSetHead:
    """Who made a change set, when and why; change_count is None where it was not kept."""

    revision: int
    created_at: datetime
    actor: str
    reason: str | None
    change_count: int | None
    is_large: bool

    async def count(self) -> int:
        """How many rules it changed."""
        return await _counted(self.revision) if self.change_count is None else self.change_count


@at_length
async def _counted(revision: int) -> int:
    """Until upkeep has filled in what was not kept."""
    return int((await fetch(reader(), _COUNT, revision))[0]["n"])


@at_length
async def change_set_page(
    scope: tuple[ScopeType, str | None, str | None] | None, first: int | None, after: str | None
) -> Page[ChangeSetHead]:
    """One page of the change sets, of all scopes or of those that changed a rule at one scope.

    BAD_USER_INPUT for a scope whose fields do not match its type.
    """
    request = page_request(first, after, (int,))
    revisions, parameters = _ALL, list[Any]()
    if scope is not None:
        scope = scope[0], await key_of(SOURCE, scope[1]), await key_of(PRODUCT, scope[2])
        if errors := list(scope_errors(*scope, ())):
            raise RequestError("BAD_USER_INPUT", errors[0].message)
        revisions, parameters = _OF_SCOPE, [scope[0].value, scope[1] or "", scope[2] or ""]
    behind = 2**62 if request.after is None else int(request.after[0])
    sql = _HEADS.format(revisions=f"{revisions} LIMIT {request.first + 1:d}")
    rows = await fetch(reader(), sql, behind, *parameters)
    bearable = _bearable(rows)

    async def count() -> Total:
        counted = f"SELECT COUNT(*) AS n FROM ({revisions} LIMIT {MOST_COUNTED + 1:d}) d"
        return Total.of((await fetch(reader(), counted, 2**62, *parameters))[0]["n"], MOST_COUNTED)

    whole = page([_head_of(row) for row in bearable], request, lambda change_set: (change_set.revision,), count)
    return replace(whole, has_next_page=True) if len(bearable) < len(rows) else whole


async def change_set_of(revision: int) -> ChangeSetHead | None:
    """The change set that made a revision, or None."""
    if not 0 < revision < 2**62:
        return None
    rows = await fetch(
        reader(), _HEADS.format(revisions="SELECT c.revision FROM change_set c WHERE c.revision = $1"), revision
    )
    return _head_of(rows[0]) if rows else None


@dataclass(slots=True)
class FirstChanges:
    """The first changes of a change set, and the settings of those among them that only a newer version can read."""

    known: list[RuleChange] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


async def first_changes(change_sets: Sequence[ChangeSetHead]) -> dict[int, FirstChanges]:
    """The first changes of each of these change sets, in their order; at most two statements."""
    small = [each.revision for each in change_sets if not each.is_large]
    large = [each.revision for each in change_sets if each.is_large]
    rows = (
        await fetch(reader(), f"{_CHANGES} change_set_id = ANY($1) ORDER BY change_set_id, id", small) if small else []
    )
    if large:  # each by a seek of its own: a plan that is made for small ones would read all of it
        firsts = [_FIRST.format(number=number) for number in range(1, len(large) + 1)]
        rows += await fetch(reader(), f"SELECT {_COLUMNS} FROM ({' UNION ALL '.join(firsts)}) u ORDER BY u.id", *large)
    found: dict[int, FirstChanges] = defaultdict(FirstChanges)
    for row in rows:
        of_set = found[row["change_set_id"]]
        if (change := change_of(row)) is not None:
            of_set.known.append(change)
        elif row["setting"] not in of_set.unknown:
            of_set.unknown.append(row["setting"])
    return found


async def change_page(change_set: ChangeSetHead, first: int | None, after: str | None) -> Page[RuleChange]:
    """One page of those changes of a change set that this version can read."""
    request = page_request(first, after, (int,))
    sql = f"{_CHANGES} change_set_id = $1 AND id > $2 ORDER BY id LIMIT {request.first + 1:d}"
    rows = await fetch(reader(), sql, change_set.revision, request.after[0] if request.after else 0)
    return readable(page(rows, request, lambda row: (row["id"],), change_set.count), change_of)


def _head_of(row: dict[str, Any]) -> ChangeSetHead:
    return ChangeSetHead(
        row["revision"],
        from_microseconds(row["created_at"]),
        row["actor"],
        row["reason"],
        row["change_count"],
        row["size"] > MOST_SHOWN,
    )


def _bearable(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many of these change sets, at least one, as show MOST_CHANGES changes together."""
    total, kept = 0, list[dict[str, Any]]()
    for row in rows:
        total += min(row["size"], MOST_SHOWN)
        if kept and total > MOST_CHANGES:
            break
        kept.append(row)
    return kept
