"""The tables as they really are, in the catalogues of both databases."""

import asyncio
import importlib
import re
import subprocess
import sys

from tortoise.models import Model

from models import database as database_module
from models.address import parse_address
from models.database import database, reader
from models.migration import migrate, pending_migrations
from models.sql import fetch
from resolvers.catalogue.product_upserts import ProductRow, upsert_products

CONSTRAINTS = {
    "balance_once",
    "call_once",
    "delivery_channel",
    "delivery_once",
    "delivery_state",
    "order_line_once",
    "order_line_units",
    "recipient_once",
    "revision_is_one_row",
    "sales_order_number_once",
    "scope_rule_names_scope",
    "scope_rule_once",
    "scope_rule_window",
    "source_item_once",
    "source_item_quantity_bounds",
    "stock_source_once",
    "line_survey_is_one_row",
    "survey_is_one_row",
    "token_digest_once",
    "token_role",
    "told_kind",
    "told_once",
    "webhook_endpoint_once",
}
INDEXES = {
    "call_by_age",
    "change_set_by_count",
    "delivery_by_age",
    "delivery_claimed",
    "delivery_due",
    "delivery_in_order",
    "delivery_of_target",
    "order_line_by_sku",
    "order_line_open",
    "order_line_open_by_order",
    "order_line_demand",
    "order_line_open_by_stock",
    "order_line_unshipped",
    "outbox_by_subject",
    "outbox_to_dispatch",
    "product_by_look",
    "refund_by_order",
    "refund_line_by_refund",
    "reservation_by_order",
    "reservation_by_sku",
    "rule_change_by_revision",
    "rule_change_by_scope",
    "rule_change_in_order",
    "sales_channel_by_look",
    "sales_channel_by_stock",
    "sales_order_by_channel",
    "sales_order_by_placement",
    "scope_rule_by_end",
    "scope_rule_by_source",
    "scope_rule_by_start",
    "scope_rule_in_force",
    "shipment_by_order",
    "shipment_line_by_shipment",
    "source_by_look",
    "source_item_by_source",
    "stock_by_look",
    "stock_source_by_source",
}
STEPS = [
    "0001_initial",
    "0002_tokens",
    "0003_orders",
    "0004_delivery",
    "0005_taken_and_told",
    "0006_folded_keys",
    "0007_seeks",
    "0008_growth",
    "0009_delivery_nonce",
    "0010_queue_sums",
    "0011_one_queue_index",
    "0012_seeks_of_lists",
]
FOREIGN_KEYS = {
    ("order_line", "order_id"),
    ("refund", "order_id"),
    ("refund_line", "refund_id"),
    ("rule_change", "change_set_id"),
    ("sales_channel", "stock_id"),
    ("shipment", "order_id"),
    ("shipment_line", "shipment_id"),
    ("source_item", "product_id"),
    ("source_item", "source_id"),
    ("stock_source", "source_id"),
    ("stock_source", "stock_id"),
}


async def test_every_named_constraint_really_exists(db: None) -> None:
    assert await _names_in_catalogue(CONSTRAINTS) == CONSTRAINTS


async def test_every_named_index_really_exists(db: None) -> None:
    assert await _names_in_catalogue(INDEXES) == INDEXES


async def test_every_constraint_and_index_of_the_models_is_named_here(db: None) -> None:
    declared = set()
    for model in _models():
        meta = model._meta  # where Tortoise keeps what Meta declared
        declared |= {each.name for each in (*meta.constraints, *meta.indexes)}
    assert declared == CONSTRAINTS | INDEXES


async def test_every_foreign_key_really_exists(db: None) -> None:
    client = reader()
    if client.capabilities.dialect == "postgres":
        rows = await fetch(
            client,
            "SELECT c.conrelid::regclass::text AS t, a.attname AS c FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'",
        )
        found = {(row["t"], row["c"]) for row in rows}
    else:
        found = set()
        for table in {table for table, _ in FOREIGN_KEYS}:
            found |= {(table, row["from"]) for row in await fetch(client, f"PRAGMA foreign_key_list({table})")}
        assert (await fetch(client, "PRAGMA foreign_keys"))[0]["foreign_keys"] == 1
    assert found == FOREIGN_KEYS


async def test_codes_sort_byte_by_byte(db: None) -> None:
    codes = ["a", "B", "é", "Z", "_", "10", "9", "ä"]
    await upsert_products([ProductRow(code) for code in codes])
    rows = await fetch(reader(), "SELECT sku FROM product ORDER BY sku")
    assert [row["sku"] for row in rows] == sorted(codes, key=str.encode)


async def test_every_code_column_has_the_collation_of_bytes_on_postgresql(db: None, is_postgresql: bool) -> None:
    catalogue = (
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND character_maximum_length = 64 AND collation_name IS DISTINCT FROM 'C' AND column_name <> 'digest'"
    )
    assert not is_postgresql or await fetch(reader(), catalogue) == []


async def test_default_source_stock_and_channel_come_with_the_first_migration(db: None) -> None:
    rows = await fetch(
        reader(),
        "SELECT c.code AS channel, c.stock_id, l.source_id, s.enabled FROM sales_channel c"
        " JOIN stock_source l ON l.stock_id = c.stock_id JOIN source s ON s.code = l.source_id",
    )
    assert [tuple(row.values()) for row in rows] == [("default", "default", "default", True)]


async def test_a_database_without_tables_is_behind_until_it_is_migrated(empty_database_url: str) -> None:
    address = parse_address(empty_database_url)
    async with database(address):
        assert await pending_migrations() == STEPS
        steps: list[str] = []
        await migrate(address, steps.append)
        assert steps == STEPS
        assert await pending_migrations() == []
        await migrate(address, steps.append)
        assert steps == STEPS


async def test_processes_that_migrate_at_once_migrate_once(empty_database_url: str) -> None:
    program = (
        "import asyncio, sys\n"
        "from models.address import parse_address\n"
        "from models.database import database\n"
        "from models.migration import migrate\n"
        "async def main():\n"
        "    address = parse_address(sys.argv[1])\n"
        "    async with database(address):\n"
        "        await migrate(address, lambda name: print(name))\n"
        "asyncio.run(main())\n"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            program,
            empty_database_url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        for _ in range(4)
    ]
    outputs = [(await process.communicate())[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, outputs
    assert sorted(outputs) == ["", "", "", "".join(f"{step}\n" for step in STEPS)]


def test_models_and_migrations_agree() -> None:
    """What Tortoise's own tool would write is nothing."""
    command = [sys.executable, "-m", "tortoise", "-c", "models.database.MIGRATIONS", "makemigrations"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stdout.strip() == "No changes detected", result.stdout + result.stderr


def _models() -> list[type[Model]]:
    found = []
    for name in database_module.MODULES:
        module = importlib.import_module(name)
        found += [
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, Model) and each.__module__ == name
        ]
    return found


async def _names_in_catalogue(wanted: set[str]) -> set[str]:
    client = reader()
    if client.capabilities.dialect == "postgres":
        rows = await fetch(
            client,
            "SELECT conname AS name FROM pg_constraint UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
        )
        return {row["name"] for row in rows} & wanted
    text = "\n".join(row["sql"] for row in await fetch(client, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return set(re.findall(r'(?:CONSTRAINT|INDEX) "(\w+)"', text)) & wanted
