"""A newer version adds columns beside this one: what connections have prepared goes on, within transactions too."""

import re
from pathlib import Path

from models.database import Client, reader, transaction
from models.sql import fetch
from tests.client import Api
from tests.orders import cancel, line, place, receive, refund, ship
from tests.schema.rule_store import GLOBAL, TENT, set_rules, stock_up

ROOT = Path(__file__).parents[2]
ALL_COLUMNS = re.compile(r"(?:SELECT|RETURNING|DISTINCT)\s+(?:\w+\.)?\*|,\s+\w+\.\*")
TABLES = """
SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
"""
TABLES_OF_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


async def _add_columns(client: Client) -> None:
    tables = TABLES if client.capabilities.dialect == "postgres" else TABLES_OF_SQLITE
    for row in await fetch(client, tables):
        await fetch(client, f"ALTER TABLE {row['name']} ADD COLUMN of_tomorrow TEXT NOT NULL DEFAULT 'x'")


def test_every_statement_names_its_columns() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for folder in ("models", "resolvers", "schema", "server")
        for path in (ROOT / folder).rglob("*.py")
        for match in ALL_COLUMNS.finditer(path.read_text("utf-8"))
    ]
    assert found == []


async def _a_day(api: Api, number: str) -> None:
    """Everything that is done with orders, rules, endpoints and deliveries."""
    await set_rules(api, (GLOBAL, {"outOfStockThreshold": int(number)}), (TENT, {"minSaleQty": 1}))
    assert (await place(api, number, [line("TENT", 3)]))["order"]["status"] == "PROCESSING"
    assert (await ship(api, number, [line("TENT", 1, source="east")]))["userErrors"] == []
    assert (await refund(api, number, [line("TENT", 1, returnToSource="east")]))["userErrors"] == []
    assert (await cancel(api, number))["userErrors"] == []
    assert (await receive(api, "east", [line("TENT", 2)]))["userErrors"] == []
    endpoint = 'mutation { upsertWebhookEndpoints(endpoints: {code: "erp", url: "https://example.com"}) {'
    assert (await api.data(endpoint + " userErrors { code } } }"))["upsertWebhookEndpoints"]["userErrors"] == []
    lists = "{ orders { nodes { number } } backorders { nodes { sku } } reservationInconsistencies { nodes { sku } }"
    await api.data(lists + " changeSets { nodes { changes { setting } } } scopeRules { nodes { value } } }")


async def test_orders_go_on_when_another_process_adds_columns_while_the_pools_are_warm(api: Api) -> None:
    await stock_up(api)
    await _a_day(api, "1")
    await transaction(_add_columns)
    await _a_day(api, "2")
    await fetch(reader(), "SELECT of_tomorrow FROM sales_order")
