"""Statements that may read more than a few rows of a table that grows, each with its reason; and what is not walked."""

import re

from tests.plans.ranges import LIMIT, OF_ORDERS, PAGE, RANGES, Known, along

_WHOLE_COUNT = "totalCount: counted only for who asks for it"
_ON_BOTH = (
    *RANGES,
    Known(r"^SELECT COUNT\(\*\) AS n FROM reservation$", "", "the size of the ledger, for a progress bar"),
    Known(r"^SELECT COUNT\(\*\) AS n FROM product p WHERE", "", _WHOLE_COUNT),
    Known(r"^SELECT COUNT\(\*\) AS n FROM source_item i WHERE", "", _WHOLE_COUNT),
    Known(r"^SELECT COUNT\(\*\) AS n FROM scope_rule WHERE", "", _WHOLE_COUNT),
    Known(r"^SELECT COUNT\(\*\) AS n FROM delivery WHERE", "", _WHOLE_COUNT),
    Known(
        r"^SELECT sku AS name FROM product", "", "whether the demo may be reset: one row, or three of a small catalogue"
    ),
    Known(
        r"^UPDATE (delivery SET due_at = \S+, claimed_until = 0 WHERE state|product SET folded = NULL|change_set SET)",
        "",
        "of the walk",
    ),
)
_FINISHED = "what arrived before, or since, an instant: a range of it"
_TO_DISPATCH = "events that nobody dispatched yet are few"
_ON_SQLITE = (
    along(
        "sales_order",
        "sales_order_by_channel",
        rf"FROM sales_order c WHERE c\.sales_channel = \S+ AND c\.id < \S+ ORDER BY c\.id DESC {LIMIT}\) ",
        OF_ORDERS,
    ),
    along(
        "order_line",
        "order_line_open_by_stock",
        rf"WHERE l\.is_open = true AND l\.id > \S+ AND l\.stock = \S+ ORDER BY l\.id {LIMIT}$",
        PAGE,
    ),
    along(
        "source_item",
        "source_item_by_source",
        r"WHERE (TRUE|s\.enabled) AND i\.source_id = \S+ AND \(i\.product_id, i\.source_id\) > \S+ \S+"
        rf" ORDER BY i\.product_id, i\.source_id {LIMIT}$",
        PAGE,
    ),
    Known(
        r"^SELECT id, scope_type, .* WHERE active_until > \S+ AND TRUE AND source = \S+ AND id > \S+ ORDER BY id LIMIT \d+$",
        r"scope_rule_by_source \(source=\?\)$",
        "the rules of one source",
    ),
    Known(r"FROM outbox .*is_dispatched = FALSE", r"outbox_to_dispatch \(is_dispatched=\?\)", _TO_DISPATCH),
    Known(
        rf"FROM outbox WHERE is_dispatched = TRUE AND id > \S+ ORDER BY id {LIMIT}$",
        r"outbox_to_dispatch \(is_dispatched=\? AND id>\?\)",
        PAGE,
    ),
    Known(
        r"^(DELETE|SELECT id) FROM delivery .*finished_at", r"delivery_by_age \(state=\? AND finished_at[<>]", _FINISHED
    ),
    Known(r"^DELETE FROM call ", r"call_by_age \(mutation=\? AND created_at<", "the same, of receipts"),
    Known(
        r"^WITH RECURSIVE t\(target\)",
        r"^SEARCH d .*delivery_of_target \(state=\? AND channel=\?( AND target>\?)?\)",
        "the first of an index, once a target",
    ),
    Known(
        r"^WITH RECURSIVE c\(channel\)",
        r"^SEARCH d .*delivery_claimed \(state=\?( AND channel>\?)?\)",
        "the first of an index, once a channel",
    ),
    Known(
        r"c\.state = 'PENDING' AND c\.channel|^SELECT '' AS target, d\.due_at FROM delivery d",
        r"delivery_due \(state=\? AND channel=\? AND due_at[<>]",
        "the first that are due",
    ),
    Known(
        r"^SELECT DISTINCT w\.event AS word .* FROM delivery d",
        r"delivery_due \(state=\? AND channel=\?\)",
        "a batch of what waits longest",
    ),
    Known(
        r"^SELECT target FROM delivery WHERE state = 'PENDING'",
        r"delivery_claimed \(.* claimed_until>",
        "what is in hand: bounded by what one claims",
    ),
    Known(
        r"^SELECT id, event, .* FROM delivery WHERE TRUE AND (channel|state|target|subject)",
        r"delivery_(in_order|claimed|of_target|by_age) \(",
        "deliveries under a filter: all that is kept of it",
    ),
)
_ON_POSTGRESQL = (
    Known(
        r"^SELECT p\.sku FROM product p WHERE \$1 <> ''", "^cost", "products that are not assigned: those passed over"
    ),
    Known(r"^SELECT p\.sku FROM product p WHERE \(FALSE OR", "^cost", "a batch of what rules reach, by SKU"),
    along(
        "outbox", "", rf"FROM outbox WHERE is_dispatched = TRUE AND id > \S+ ORDER BY id {LIMIT}$", "a batch of a prune"
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
    "SELECT a.pid, a.application_name": "PostgreSQL alone has it, of the server itself",
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
