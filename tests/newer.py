"""Rows of a newer version, as it would write them into the tables that it shares with this one."""

from typing import Any

from models.database import Client, transaction
from models.sql import fetch
from resolvers.rules_in_force import NO_END, NO_START

RULE = """
INSERT INTO scope_rule (scope_type, source, sku, setting, active_from, active_until, value, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
"""
CHANGE = """
INSERT INTO rule_change (change_set_id, scope_type, source, sku, setting, before, after, active_from, active_until)
VALUES ($1, 'GLOBAL', '', '', $2, NULL, '1', $3, $4)
"""
EVENT = "INSERT INTO outbox (created_at, event, subject, payload) VALUES (0, $1, $2, '{}')"
CHECKS = {"token": ("token_role",), "delivery": ("delivery_channel", "delivery_state"), "told": ("told_kind",)}


async def write(sql: str, *parameters: Any, unchecked: str = "") -> None:
    """Run one statement; unchecked names a table whose checks the newer version has taken away."""

    async def run(client: Client) -> None:
        if unchecked and client.capabilities.dialect == "postgres":
            for check in CHECKS[unchecked]:
                await fetch(client, f"ALTER TABLE {unchecked} DROP CONSTRAINT IF EXISTS {check}")
        elif unchecked:
            await fetch(client, "PRAGMA ignore_check_constraints = ON")
        await fetch(client, sql, *parameters)

    await transaction(run)


async def newer_rule(
    setting: str = "gift_wrap", value: str = "1", *, scope: str = "GLOBAL", source: str = "", sku: str = ""
) -> None:
    """A plain rule that this version cannot read."""
    await write(RULE, scope, source, sku, setting, NO_START, NO_END, value)


async def newer_event(subject: str, event: str = "order.wrapped") -> None:
    """An event that this version does not know, to be dispatched."""
    await write(EVENT, event, subject)
