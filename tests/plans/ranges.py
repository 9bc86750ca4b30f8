"""Ranges of an index that are read: of which table, along which index, by which statements. Another one is refused."""

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


def along(table: str, index: str, sql: str, why: str) -> Known:
    """A range of an index of a table; '' is its primary key."""
    on_sqlite = rf"INDEX {index}" if index else rf"(INTEGER PRIMARY KEY|INDEX sqlite_autoindex_{table}_1)"
    on_postgresql = index or f"{table}_pkey"
    return Known(
        sql,
        rf"^SEARCH \w+ USING (COVERING )?{on_sqlite} \(|^(Bitmap )?Index (Only )?Scan using {on_postgresql} on {table}$",
        why,
    )


PAGE = "a page, or a batch, along its key: as many rows as it shows"
_PASSED_OVER = "the same, and those that its filter passes over"
OF_ORDERS = "a page of orders, or a count of a bounded number of them"
_COUNTED = "a count that ends at its bound"
_SCHEDULES = "the few rules that have a start or an end"
_CHANGED = "what changed between two surveys"
LIMIT = r"LIMIT \d+"
_PLACED = r"(c\.placed_at (>=|<) \S+|\(c\.placed_at, c\.id\) < \(\S+ \S+\))"
_OF_ORDERS = (
    (
        "sales_order",
        "",
        rf"FROM sales_order c WHERE TRUE AND c\.id < \S+ ORDER BY c\.id DESC {LIMIT}\) ",
    ),
    (
        "sales_order",
        "sales_order_by_placement",
        rf"FROM sales_order c WHERE {_PLACED}( AND {_PLACED})* ORDER BY c\.placed_at DESC, c\.id DESC {LIMIT}\) ",
    ),
    (
        "order_line",
        "order_line_open_by_order",
        rf"FROM order_line l WHERE l\.is_open = true AND l\.order_id < \S+ ORDER BY l\.order_id DESC {LIMIT}\) ",
    ),
    (
        "order_line",
        "order_line_unshipped",
        rf"l WHERE l\.is_open = false AND l\.shipped = 0 AND l\.order_id < \S+ ORDER BY l\.order_id DESC {LIMIT}\) ",
    ),
)
"""What lists of orders are read along, and counted; a bounded number of rows is judged."""

RANGES = (
    *(along(*each, OF_ORDERS) for each in _OF_ORDERS),
    along(
        "sales_order",
        "sales_order_number_once",
        rf"FROM sales_order WHERE number > \S+ ORDER BY number {LIMIT}$",
        PAGE,
    ),
    along(
        "order_line",
        "order_line_open",
        r"FROM order_line l JOIN sales_order o ON o\.id = l\.order_id WHERE l\.is_open = true"
        rf" AND l\.id > \S+ ORDER BY l\.id {LIMIT}$",
        _PASSED_OVER,
    ),
    along(
        "change_set",
        "",
        rf"FROM change_set c WHERE c\.revision < \S+ ORDER BY c\.revision DESC {LIMIT}\) d",
        f"{PAGE}; or {_COUNTED}",
    ),
    along(
        "product",
        "",
        rf"FROM product p CROSS JOIN stock k WHERE p\.sku >= \S+ AND .* ORDER BY p\.sku, k\.code {LIMIT}$",
        _PASSED_OVER,
    ),
    along(
        "product",
        "",
        rf"^SELECT p\.sku FROM product p WHERE \S+ <> '' AND p\.sku > \S+ AND TRUE( AND .*)? ORDER BY p\.sku {LIMIT}$",
        _PASSED_OVER,
    ),
    along(
        "product",
        "",
        rf"^SELECT p\.sku FROM product p WHERE \((TRUE|FALSE) OR .* AND p\.sku > \S+ .*ORDER BY p\.sku {LIMIT}$",
        "a batch of what rules reach, by SKU",
    ),
    along("product", "", rf"^SELECT sku AS key FROM product WHERE sku > \S+ ORDER BY sku {LIMIT}$", PAGE),
    along(
        "product",
        "product_by_look",
        rf"FROM product t WHERE \(t\.folded, t\.sku\) > .* ORDER BY t\.folded, t\.sku {LIMIT}$",
        _PASSED_OVER,
    ),
    along(
        "source_item",
        "source_item_once",
        r"FROM source_item i JOIN source s ON s\.code = i\.source_id WHERE (TRUE|s\.enabled)"
        rf" AND \(i\.product_id, i\.source_id\) > \S+ \S+ ORDER BY i\.product_id, i\.source_id {LIMIT}$",
        PAGE,
    ),
    along(
        "scope_rule",
        "",
        r"FROM scope_rule WHERE active_until > \S+ AND TRUE( AND active_from <= \S+ AND active_until >= \S+)?"
        r"( AND (scope_type|source|setting) = \S+)? AND id > \S+"
        rf" ORDER BY id {LIMIT}$",
        _PASSED_OVER,
    ),
    along("scope_rule", "scope_rule_by_end", r"FROM scope_rule WHERE active_until > \S+$", "all rules are exported"),
    along(
        "scope_rule",
        "scope_rule_in_force",
        rf"WHERE active_until > \S+ AND \(sku, .* ORDER BY sku, source, active_from, active_until, id {LIMIT}$",
        "all rules are compared with a file, by batches",
    ),
    along("scope_rule", "scope_rule_by_start", r"^SELECT MIN\(e\.edge\)", "the first of an index"),
    along("scope_rule", "scope_rule_by_end", r"^SELECT MIN\(e\.edge\)", "the first of an index"),
    along(
        "scope_rule",
        "scope_rule_by_start",
        r"FROM scope_rule WHERE active_from > \S+ AND active_until \+ 0 >",
        _SCHEDULES,
    ),
    along(
        "scope_rule", "scope_rule_by_end", r"FROM scope_rule WHERE active_until < \S+ AND active_until >", _SCHEDULES
    ),
    along("scope_rule", "scope_rule_by_start", r"^SELECT DISTINCT source, sku FROM scope_rule", _CHANGED),
    along("scope_rule", "scope_rule_by_end", r"^SELECT DISTINCT source, sku FROM scope_rule", _CHANGED),
    along(
        "rule_change",
        "rule_change_(in_order|by_revision)",
        rf"^SELECT DISTINCT source, sku FROM rule_change WHERE change_set_id > .* {LIMIT}$",
        _CHANGED,
    ),
    along(
        "reservation",
        "reservation_by_order",
        rf"FROM reservation WHERE order_number > \S+ GROUP BY order_number ORDER BY order_number {LIMIT}$",
        "the ledger, by batches of orders",
    ),
    along(
        "balance",
        "balance_once",
        rf"^SELECT DISTINCT b\.sku FROM balance b WHERE b\.sku > .* ORDER BY b\.sku {LIMIT}$",
        "a batch of the survey, by SKU",
    ),
    along(
        "delivery",
        "",
        rf"FROM delivery WHERE TRUE( AND \w+ (=|IN) .*)? AND id < \d+ ORDER BY id DESC {LIMIT}$",
        _PASSED_OVER,
    ),
    along(
        "delivery",
        "delivery_in_order",
        r"\(e\.channel, e\.target, e\.subject, e\.state, e\.id\) >= .* LIMIT 1 \) AS head",
        "the first of an index, once a delivery",
    ),
)
