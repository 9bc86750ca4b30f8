"""Statements that may read more than a few rows of a table that grows, each with its reason; and what is not walked."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A pattern of statements, one of the steps that they may have, and why."""

    sql: str
    step: str
    why: str

    def covers(self, sql: str, step: str) -> bool:
        """Whether it speaks of this step of a statement (squeezed)."""
        return re.search(self.sql, sql) is not None and re.search(self.step, step) is not None


_RANGE = r"^SEARCH .*[<>]|^Index|^Seq Scan on change_set|^SCAN c$"

_ON_BOTH = (
    Known(
        r"\(p\.sku, k\.code\) > .* LIMIT \d+$",
        "^SEARCH p .*sku>|^Index Only Scan on product",
        "a page of queues by its key: the rows that it shows, and those that its filter passes over",
    ),
    Known(r"^SELECT COUNT\(\*\) AS n FROM reservation", "", "the size of the ledger, for a progress bar"),
    Known(
        r"^SELECT sku AS name FROM product", "", "whether the demo may be reset: one row, or three of a small catalogue"
    ),
    Known(
        r"^SELECT p\.sku FROM product p WHERE \(FALSE OR",
        "^SEARCH p .*sku>|^cost",
        "a batch of what rules reach, by SKU",
    ),
    Known(
        r"^UPDATE (delivery SET due_at = \S+, claimed_until = 0 WHERE state|product SET folded = NULL|change_set SET)",
        "",
        "of the walk",
    ),
    Known(r"^SELECT COUNT\(\*\) AS n FROM", "", "totalCount: counted only for who asks for it"),
    Known(
        r"ORDER BY [\w., ]+( DESC)? LIMIT \d+($|\) d JOIN )",
        _RANGE,
        "a page, or a batch, by its key: the rows that it shows, and those that its filter passes over",
    ),
)
_ON_SQLITE = (
    Known(r"^SELECT order_number, COUNT\(\*\) AS n FROM reservation", "order_number>", "the ledger, by batches"),
    Known(r"is_dispatched = FALSE", r"is_dispatched=\?", "events that nobody dispatched yet are few"),
    Known(r"^SELECT MIN\(e\.edge\)", "active_from>|active_until>", "the first of an index"),
    Known(r"^SELECT DISTINCT b\.sku FROM balance b", "sku>", "a batch of the survey, by SKU"),
    Known(r"^SELECT DISTINCT source, sku FROM (rule_change|scope_rule)", "", "what changed between two surveys"),
    Known(
        r"^(DELETE|SELECT id) FROM delivery.*finished_at",
        "finished_at[<>]",
        "what arrived before, or since, an instant: a range of it",
    ),
    Known(r"^DELETE FROM call ", "created_at<", "the same, of receipts"),
    Known(
        r"\(e\.channel, e\.target, e\.subject, e\.state, e\.id\) >=",
        r"^SEARCH e .*\(channel,target,subject,state\)>",
        "the first of an index",
    ),
    Known(
        r"^WITH RECURSIVE (t\(target\)|c\(channel\))",
        r"^SEARCH d .*\(state=\?( AND channel[=>]\?)?( AND target>\?)?\)",
        "the first of an index, once a target, or a channel",
    ),
    Known(
        r"c\.state = 'PENDING' AND c\.channel|^SELECT '' AS target, d\.due_at FROM delivery d",
        r"state=\? AND channel=\? AND due_at[<>]",
        "the first that are due",
    ),
    Known(r"^SELECT DISTINCT w\.event AS word", r"\(state=\? AND channel=\?\)", "a batch of what waits longest"),
    Known(
        r"^SELECT target FROM delivery WHERE state = 'PENDING'",
        "claimed_until>",
        "what is in hand: bounded by what one claims",
    ),
    Known(
        r"^SELECT id, scope_type, source, sku, .* FROM scope_rule WHERE active_until > \S+( AND \(sku|$)",
        "",
        "all rules are exported, or compared with a file",
    ),
    Known(
        r"^SELECT id, event, .* FROM delivery WHERE TRUE AND", "", "deliveries under a filter: all that is kept of it"
    ),
    Known(
        r"^SELECT id, scope_type, source, sku, .* ORDER BY id LIMIT \d+$", r"\(source=\?\)$", "the rules of one source"
    ),
)
_ON_POSTGRESQL = (
    Known(
        r"^SELECT p\.sku FROM product p WHERE \$1 <> ''", "^cost", "products that are not assigned: those passed over"
    ),
)


def known(*, is_postgresql: bool) -> tuple[Known, ...]:
    """What is known of the plans of a database; the first that speaks of a step is the one that is meant."""
    return (*(_ON_POSTGRESQL if is_postgresql else _ON_SQLITE), *_ON_BOTH)


NOT_WALKED = {
    "models/backup.py": "of a connection of its own, to a file that is copied as a whole",
    "models/listening.py": "of a connection of its own, to no table",
    "models/sessions.py": "of each connection as it begins, to no table",
    "models/room.py": "of the server itself, to no table of ours",
    "models/migration.py": "of a connection of its own, to no table of ours",
    "models/migration_lock.py": "the same",
    "models/concurrent_index.py": "the same",
    "SELECT pg_": "of the server itself, to no table",
    "SELECT CASE WHEN to_regclass": "PostgreSQL alone has it, and it looks a name up",
    "DELETE FROM sqlite_sequence": "SQLite alone has it",
    "SELECT name FROM sqlite_master": "SQLite alone has it",
    "SELECT COUNT(*) AS n FROM sqlite_master": "SQLite alone has it",
    "models/statistics.py": "SQLite alone has it, and only after an ANALYZE",
}
"""Where a statement stands, or how it begins."""
NO_PLAN = re.compile(r"(SET|LOCK|ANALYZE|TRUNCATE|PRAGMA|DROP|BEGIN|CREATE|SAVEPOINT|RELEASE|ROLLBACK|COMMIT)\b")
"""How statements begin that have none."""
