"""The rule store as a file: export, import, preview, by the command line and a real database."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from models.address import parse_address
from models.database import database, reader
from models.sql import fetch
from resolvers.rule_store.rule_import import lasting_rules
from resolvers.rule_store.rules_request import RulesRequest
from resolvers.rule_store.set_scope_rules import set_scope_rules
from rules.change import Held, Place, RulesChange, place_of
from rules.scope import ScopeType, scope_of
from rules.setting import BackorderMode, SettingKey
from tests.server.process import run
from tests.worlds import rule, stock_up

HARD = 'A "quoted": {sku} #1, ü'
SALE = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
Rows = dict[Place, Held]


async def _fill(url: str) -> Rows:
    """A store with rules at every scope, windows, and SKUs that YAML could stumble over."""
    async with database(parse_address(url)):
        await stock_up({sku: {"east": 5, "yes": 7} for sku in ("TENT", "123", "null", HARD)})
        calls: list[tuple[list[RulesChange], datetime | None, datetime | None]] = [
            (
                [
                    RulesChange(
                        ScopeType.GLOBAL,
                        None,
                        None,
                        {SettingKey.MANAGE_STOCK: True, SettingKey.MIN_SALE_QTY: Decimal("0.5")},
                    ),
                    RulesChange(ScopeType.SOURCE, "yes", None, {SettingKey.BACKORDERS: BackorderMode.ALLOW}),
                    RulesChange(
                        ScopeType.PRODUCT, None, "123", {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal("-50.0001")}
                    ),
                    RulesChange(ScopeType.PRODUCT, None, HARD, {SettingKey.QTY_USES_DECIMALS: False}),
                    RulesChange(
                        ScopeType.PRODUCT_SOURCE, "east", "null", {SettingKey.NOTIFY_FOR_QUANTITY_BELOW: Decimal(0)}
                    ),
                ],
                None,
                None,
            ),
            (
                [RulesChange(ScopeType.SOURCE, "yes", None, {SettingKey.BACKORDERS: None})],
                SALE,
                SALE + timedelta(days=3),
            ),
            ([RulesChange(ScopeType.GLOBAL, None, None, {SettingKey.MIN_SALE_QTY: Decimal(3)})], SALE, None),
        ]
        for changes, start, end in calls:
            await set_scope_rules(RulesRequest(changes, "test", active_from=start, active_until=end))
        return await _rows()


async def _rows() -> Rows:
    return {place_of(rule): Held(rule.value) async for rule in lasting_rules(Counter())}


async def _rows_at(url: str) -> Rows:
    async with database(parse_address(url)):
        return await _rows()


async def _forget(url: str) -> None:
    async with database(parse_address(url)):
        from models.database import transaction  # noqa: PLC0415  # only here

        await transaction(lambda client: fetch(client, "DELETE FROM scope_rule"))


async def test_export_then_import_is_the_identity(database_url: str, tmp_path: Path) -> None:
    rows = await _fill(database_url)
    assert len(rows) == 8
    file = tmp_path / "rules.yaml"
    assert run("rules", "export", str(file), cwd=tmp_path, database_url=database_url).returncode == 0

    same = run("rules", "import", str(file), "--yes", "--prune", cwd=tmp_path, database_url=database_url)
    assert same.stdout == "Nothing differs.\n", same.stderr

    await _forget(database_url)
    again = run("rules", "import", str(file), "--yes", cwd=tmp_path, database_url=database_url)
    assert again.returncode == 0, again.stderr
    assert "revision 4" in again.stdout
    assert await _rows_at(database_url) == rows
    shown = run("rules", "export", cwd=tmp_path, database_url=database_url).stdout
    assert shown.splitlines()[1:] == file.read_text().splitlines()[1:]


async def test_an_import_shows_the_difference_asks_and_is_one_change_set(database_url: str, tmp_path: Path) -> None:
    await _fill(database_url)
    file = tmp_path / "rules.yaml"
    file.write_text(
        "rules:\n"
        "  - scope: global\n    set: {min_sale_qty: 2, manage_stock: null}\n"
        "  - {scope: product, sku: TENT, set: {backorders: ALLOW_AND_NOTIFY, out_of_stock_threshold: -50}}\n"
    )
    before = await _rows_at(database_url)
    dry = run("rules", "import", str(file), "--dry-run", cwd=tmp_path, database_url=database_url)
    unanswered = run("rules", "import", str(file), cwd=tmp_path, database_url=database_url)
    assert (dry.returncode, unanswered.returncode) == (0, 1), dry.stderr
    assert await _rows_at(database_url) == before
    assert "~ global: Minimum Qty Allowed in Shopping Cart: 0.5 -> 2" in dry.stdout
    assert "- global: Manage Stock: true" in dry.stdout
    assert "+ product TENT: Backorders: ALLOW_AND_NOTIFY" in dry.stdout

    made = run("rules", "import", str(file), "--yes", "--reason", "Spring", cwd=tmp_path, database_url=database_url)
    assert made.returncode == 0, made.stderr
    async with database(parse_address(database_url)):
        history = await fetch(reader(), "SELECT revision, actor, reason FROM change_set ORDER BY revision DESC LIMIT 1")
    assert history[0]["revision"] == 4
    assert history[0]["reason"] == "Spring"
    assert str(history[0]["actor"]).startswith("rules import (")
    pruned = run("rules", "import", str(file), "--yes", "--prune", cwd=tmp_path, database_url=database_url)
    assert pruned.returncode == 0
    assert len(await _rows_at(database_url)) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules:\n  - scope: global\n    set: {backorder: ALLOW}", "line 3: there is no setting 'backorder'"),
        ("rules:\n  - scope: shop\n    set: {}", "line 2: 'shop' is no scope"),
        ("rules:\n  - scope: global\n    set: {backorders: MAYBE}", "line 3: backorders is 'MAYBE'"),
        ("rules:\n  - scope: global\n    set: {min_sale_qty: 1.23456}", "line 3: min_sale_qty is '1.23456'"),
        ("rules:\n  - scope: global\n    set: {min_sale_qty: 0}", "line 2: OUT_OF_BOUNDS"),
        (
            "rules:\n  - scope: source\n    source: east\n    set: {manage_stock: true}",
            "line 2: SETTING_NOT_ALLOWED_AT_SCOPE",
        ),
        ("rules:\n  - scope: product\n    set: {manage_stock: true}", "line 2: INVALID_SCOPE"),
        ("rules:\n  - scope: product\n    sku: NONE\n    set: {manage_stock: true}", "line 2: UNKNOWN_PRODUCT"),
        (
            "rules:\n  - scope: global\n    until: tomorrow\n    set: {manage_stock: true}",
            "line 3: 'tomorrow' is no instant",
        ),
        (
            "rules:\n  - {scope: global, set: {manage_stock: true}}\n  - {scope: global, set: {manage_stock: false}}",
            "line 3: DUPLICATE_CHANGE",
        ),
        ("rules: 5", "line 1: `rules` is a list"),
        ("rules:\n  - scope: [global]\n    set: {}", "line 2: scope is one value"),
        ("- a\n- b", "here stand fields"),
        ("rules:\n  - scope: global\n   set: {}", "This is not YAML that can be read"),
        ("", "the file"),
    ],
)
async def test_a_file_that_is_wrong_is_refused_with_its_line(
    database_url: str, tmp_path: Path, text: str, said: str
) -> None:
    before = await _fill(database_url)
    file = tmp_path / "rules.yaml"
    file.write_text(text)
    result = run("rules", "import", str(file), "--yes", cwd=tmp_path, database_url=database_url)
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert await _rows_at(database_url) == before


def test_a_file_that_is_no_text_is_refused(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(b"rules: \xff\xfe")
    result = run("rules", "import", str(file), cwd=tmp_path, database_url=database_url)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr


async def test_a_preview_of_a_file_shows_what_it_would_do_and_writes_nothing(database_url: str, tmp_path: Path) -> None:
    before = await _fill(database_url)
    file = tmp_path / "rules.yaml"
    file.write_text("rules:\n  - {scope: product, sku: TENT, set: {backorders: ALLOW, out_of_stock_threshold: -50}}\n")
    result = run("preview", str(file), cwd=tmp_path, database_url=database_url)
    assert result.returncode == 0, result.stderr
    assert re.search(r"^ +1 change$", result.stdout, re.MULTILINE)
    assert re.search(r"^TENT +default +12 in stock +unlimited|^TENT +default +12 in stock", result.stdout, re.MULTILINE)
    assert await _rows_at(database_url) == before


async def test_a_file_that_makes_products_unlimited_is_warned_of_before_it_is_applied(
    database_url: str, tmp_path: Path
) -> None:
    """By way of thresholds of their own, of a rule that --prune removes, and of a window that begins later."""
    async with database(parse_address(database_url)):
        await stock_up({"TENT": {"east": 5}, "LAMP": {"east": 7}, "ROPE": {"east": 1}})
        for sku, threshold in (("TENT", 0), ("LAMP", -7)):
            await rule(scope_of(None, sku), {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(threshold)})
    file = tmp_path / "rules.yaml"
    on = "{scope: global, set: {backorders: ALLOW, out_of_stock_threshold: -50}}"
    file.write_text(f"rules:\n  - {on}\n")

    def said(*command: str) -> list[str]:
        result = run(*command, str(file), cwd=tmp_path, database_url=database_url)
        assert result.returncode == 0, result.stderr
        return [line for line in result.stdout.splitlines() if "BACKORDERS_BECOME_UNLIMITED" in line]

    for command in (["preview"], ["rules", "import", "--dry-run"], ["rules", "import", "--yes"]):
        (line,) = said(*command)
        assert line.startswith("Warning: ")
        assert "1 product: TENT." in line
    assert said("rules", "import", "--dry-run") == []  # it is so already
    file.write_text("rules:\n  - {scope: global, set: {backorders: ALLOW}}\n")
    (line,) = said("rules", "import", "--dry-run", "--prune")
    assert "2 products: LAMP, ROPE." in line
    file.write_text(
        f"rules:\n  - {{scope: product, sku: LAMP, from: {SALE.isoformat()}, set: {{out_of_stock_threshold: 3}}}}\n"
    )
    for command in (["preview"], ["rules", "import", "--yes"]):
        (line,) = said(*command)
        assert f"From {SALE:%Y-%m-%d %H:%M %Z} on backorders are on" in line
        assert "1 product: LAMP." in line


async def test_a_preview_of_a_file_counts_and_lists_first_what_becomes_unlimited(
    database_url: str, tmp_path: Path
) -> None:
    async with database(parse_address(database_url)):
        await stock_up({"TENT": {"east": 5}, "A-LAMP": {"east": 7}})
        await rule(scope_of(None, "TENT"), {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(0)})
    file = tmp_path / "rules.yaml"
    file.write_text("rules:\n  - {scope: global, set: {backorders: ALLOW, out_of_stock_threshold: -50}}\n")
    lines = run("preview", str(file), cwd=tmp_path, database_url=database_url).stdout.splitlines()
    assert "          1 lose their limit" in lines
    assert [line.split()[0] for line in lines if " default " in line] == ["TENT", "A-LAMP"]


async def test_a_warning_names_the_product_that_it_is_about(database_url: str, tmp_path: Path) -> None:
    async with database(parse_address(database_url)):
        await stock_up({"TENT": {"east": 5}, "LAMP": {"east": 7}})
        await rule(scope_of("east", None), {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal(3)})
    file = tmp_path / "rules.yaml"
    entry = "  - {scope: product, sku: %s, set: {out_of_stock_threshold: %d}}\n"
    file.write_text("rules:\n" + entry % ("TENT", 1) + entry % ("LAMP", 2))
    for command in (["preview"], ["rules", "import", "--dry-run"]):
        result = run(*command, str(file), cwd=tmp_path, database_url=database_url)
        for sku in ("TENT", "LAMP"):
            assert f"Warning: HIDES_SOURCE_RULE: product {sku}: Source east has a rule of its own" in result.stdout
