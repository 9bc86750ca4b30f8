"""Keys in files and commands: CSV, YAML, tokens, and the list of those that an older version let in."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from models.address import parse_address
from models.database import database, transaction
from models.sql import fetch
from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.orders.place_order import OrderRequest, place_order
from tests import stored
from tests.server.importing import Importer
from tests.server.process import run
from tests.worlds import stock_up

ITEMS = "source_code,sku,status,quantity\n"
FINE = "All keys are as new ones must be; no product, source, stock or sales channel looks like another.\n"
DECOMPOSED = "Cafe\u0301"
Command = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def importing(tmp_path: Path, database_url: str, db: None) -> Importer:
    """`salable import` into the database that is open here too."""
    return Importer(tmp_path, database_url)


@pytest.fixture
def command(tmp_path: Path, database_url: str) -> Command:
    """Our command on the database of this test."""
    return lambda *arguments: run(*arguments, cwd=tmp_path, database_url=database_url)


async def older(sku: str) -> None:
    """A product that an older version let in."""
    sql = "INSERT INTO product (sku, name, search) VALUES ($1, $1, 'x')"
    await transaction(lambda client: fetch(client, sql, sku))


async def test_a_stock_file_names_goods_in_any_form_and_is_told_what_there_is(importing: Importer) -> None:
    await stock_up({"24-MB01": {"east": 7}, "Café": {"east": 1}})
    await older("OLD ")
    rows = ["east,24-MB01 ,1,5", '"east\u00a0",24-mb01,1,5', f"east,{DECOMPOSED},1,5", "east,Café,1,6", "east,OLD ,1,3"]
    result = importing("source-items", ITEMS + "\n".join(rows) + "\n")
    assert result.stdout.startswith("5 rows read, 3 written, 2 rejected"), result.stderr
    assert importing.rejected()[1:] == [
        ["2", 'There is no product "24-MB01 "; there is "24-MB01"', "east", "24-MB01 ", "1", "5"],
        [
            "3",
            r'There is no source "east\u00a0"; there is "east"; There is no product "24-mb01"; there is "24-MB01"',
            *("east\u00a0", "24-mb01", "1", "5"),
        ],
    ]
    assert {key: quantity for key, (quantity, _) in (await stored.items()).items()} == {
        ("east", "24-MB01"): 7,
        ("east", "Café"): 6,
        ("east", "OLD "): 3,
    }


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
async def test_a_file_of_products_makes_none_that_only_looks_different(
    importing: Importer, options: tuple[str, ...]
) -> None:
    await upsert_products([ProductRow("TENT")])
    await older("OLD ")
    cells = [("TENT\u00a0", "a"), ("OLD ", "b"), (DECOMPOSED, "c"), ("Café", "d"), ("te nt", "e"), ("\u200b", "f")]
    file = "sku,name\n" + "".join(f"{sku},{name}\n" for sku, name in cells)
    result = importing("magento", file, *options)
    assert "6 rows read, 4 w" in result.stdout, result.stderr
    assert [row[1:] for row in importing.rejected()[1:]] == [
        [r'sku: "TENT\u00a0" begins or ends with white space; there is "TENT"', "TENT\u00a0", "a"],
        [r'sku: "\u200b" holds \u200b, which cannot be seen', "\u200b", "f"],
    ]
    if options:
        assert await stored.names() == {"TENT": "TENT", "OLD ": "OLD "}
    else:
        assert await stored.names() == {"TENT": "TENT", "OLD ": "b", "Café": "d", "te nt": "e"}
    assert 'LOOKS_LIKE: 1 time\n  The new product "te nt" looks like "TENT"' in result.stdout


async def test_a_command_shows_three_look_alikes_and_counts_the_rest(importing: Importer) -> None:
    skus = [f"{name}-{number}" for number in range(13) for name in ("A", "a")]
    result = importing("magento", "sku\n" + "\n".join(skus) + "\n")
    assert result.returncode == 0
    assert "LOOKS_LIKE: 13 times" in result.stdout
    assert "and 10 more" in result.stdout


async def test_a_file_of_rules_brings_every_key_back_exactly(
    database_url: str, command: Command, tmp_path: Path
) -> None:
    skus = ["OLD ", DECOMPOSED, "Café", "LAMP\u200b", "ROPE\u2028", 'A "b" \\c', "\ufeffBOM", "NOTE\U0001d159"]
    async with database(parse_address(database_url)):
        for sku in skus:
            await older(sku)
    rules = "".join(f"  - {{scope: product, sku: '{sku}', set: {{min_sale_qty: 2}}}}\n" for sku in ("Café", "OLD "))
    file = tmp_path / "rules.yaml"
    file.write_text(f"rules:\n{rules}", encoding="utf-8")
    assert command("rules", "import", str(file), "--yes").returncode == 0
    async with database(parse_address(database_url)):
        sql = (
            "INSERT INTO scope_rule (scope_type, source, sku, setting, active_from, active_until, value, revision)"
            " SELECT s.scope_type, s.source, p.sku, s.setting, s.active_from, s.active_until, s.value, s.revision"
            " FROM scope_rule s, product p WHERE s.sku = 'OLD ' AND p.sku NOT IN ('OLD ', 'Café')"
        )
        await transaction(lambda client: fetch(client, sql))
        assert {sku for sku, _ in await stored.rules()} == set(skus)
    assert command("rules", "export", str(file)).returncode == 0
    same = command("rules", "import", str(file), "--yes", "--prune")
    assert same.stdout == "Nothing differs.\n", same.stderr


async def test_a_file_of_rules_is_told_what_there_is(database_url: str, command: Command, tmp_path: Path) -> None:
    async with database(parse_address(database_url)):
        await stock_up({"24-MB01": {"east": 7}, "Café": {"east": 1}})
    file = tmp_path / "rules.yaml"
    entry = "  - {scope: product_source, sku: %s, source: %s, set: {backorders: ALLOW}}\n"
    file.write_text("rules:\n" + entry % ('"24-MB01 "', "East") + entry % (DECOMPOSED, "east"), encoding="utf-8")
    refused = command("rules", "import", str(file), "--yes")
    assert refused.returncode == 1
    assert 'line 2: UNKNOWN_PRODUCT: There is no product "24-MB01 "; there is "24-MB01".' in refused.stderr
    assert 'line 2: UNKNOWN_SOURCE: There is no source "East"; there is "east".' in refused.stderr
    file.write_text("rules:\n" + entry % (DECOMPOSED, "east"), encoding="utf-8")
    assert "+ product Café at source east: Backorders: ALLOW" in command("rules", "import", str(file), "--yes").stdout


async def test_the_list_of_keys_shows_odd_and_look_alike_ones_and_fails(database_url: str, command: Command) -> None:
    fine = command("keys", "check")
    assert (fine.returncode, fine.stdout) == (0, FINE)
    async with database(parse_address(database_url)):
        await stock_up({"TENT": {"east": 7}, "Rope": {"east": 7}, "ROPE": {"east": 7}})
        for sku in ("TENT ", DECOMPOSED, "LAMP\u200b"):
            await older(sku)
        await place_order(OrderRequest("A-1", None, [("TENT", Decimal(1))], "key"))
        sql = "UPDATE sales_order SET number = $1"
        await transaction(lambda client: fetch(client, sql, "A-1\u00a0"))
    found = command("keys", "check")
    assert found.returncode == 1
    assert sorted(found.stdout.splitlines()) == [
        r'order "A-1\u00a0" begins or ends with white space',
        r'product "Cafe\u0301" is not in NFC, the form in which keys are stored',
        r'product "LAMP\u200b" holds \u200b, which cannot be seen',
        'product "Rope" looks like "ROPE"',
        'product "TENT " begins or ends with white space',
        'product "TENT " looks like "TENT"',
    ]
    assert "4 keys that nothing new may have, 2 that look like another." in found.stderr


async def test_names_of_tokens_are_keys(database_url: str, command: Command) -> None:
    for name in ("ann ", "\u200bann", "ann\u00a0"):
        refused = command("token", "create", "--name", name, "--role", "admin")
        assert refused.returncode == 1
        assert refused.stdout == ""
    assert command("token", "create", "--name", "Ame\u0301lie", "--role", "admin").returncode == 0
    again = command("token", "create", "--name", "Amélie", "--role", "admin")
    assert 'a token of the name "Amélie"' in again.stderr
    assert command("token", "list").stdout.startswith("Amélie\t")
    alike = command("token", "create", "--name", "AMÉLIE", "--role", "orders")
    assert alike.returncode == 0
    assert '"AMÉLIE" looks like "Amélie"' in alike.stderr
    unknown = command("token", "revoke", "amélie ")
    assert (unknown.returncode, 'of the name "amélie "' in unknown.stderr) == (1, True)
    assert command("token", "revoke", "Ame\u0301lie").returncode == 0
