"""`salable import`, as people meet it, on the real database."""

import asyncio
import csv
import getpass
import signal
import subprocess
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from models.database import reader, transaction
from models.sql import fetch
from resolvers.item_import import import_items, item_of
from resolvers.magento_import import import_products, product_of
from resolvers.source_items import SourceItemRow
from resolvers.sources import SourceRow, upsert_sources
from rules.quantity import from_units
from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey, SettingValue
from server.csv_file import LONGEST_ROW
from tests.server.process import COMMAND, environment, run
from tests.statements import counted_statements
from tests.worlds import rule, stock_up

pytestmark = pytest.mark.usefixtures("db")

Import = Callable[..., "subprocess.CompletedProcess[str]"]
ITEMS = "source_code,sku,status,quantity\n"
BATCH = 5_000


@pytest.fixture
def importing(tmp_path: Path, database_url: str) -> Import:
    """Write a file, import it, and return how that went."""

    def run_import(kind: str, content: str | bytes, *options: str) -> "subprocess.CompletedProcess[str]":
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "goods.csv").write_bytes(data)
        return run("import", kind, "goods.csv", *options, cwd=tmp_path, database_url=database_url)

    return run_import


def _rejected(folder: Path) -> list[list[str]]:
    with (folder / "goods.rejected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


async def _items() -> dict[tuple[str, str], tuple[Decimal, bool]]:
    rows = await fetch(reader(), "SELECT source_id, product_id, quantity, in_stock FROM source_item")
    return {(row["source_id"], row["product_id"]): (from_units(row["quantity"]), bool(row["in_stock"])) for row in rows}


async def _names() -> dict[str, str]:
    return {row["sku"]: row["name"] for row in await fetch(reader(), "SELECT sku, name FROM product")}


async def _rules() -> dict[tuple[str, str], str]:
    rows = await fetch(reader(), "SELECT sku, source, setting, value FROM scope_rule WHERE sku <> ''")
    return {(row["sku"], row["setting"]): row["value"] for row in rows}


async def _history() -> list[tuple[int, str, str, int]]:
    sql = """
    SELECT c.revision, c.actor, c.reason, COUNT(*) AS n FROM change_set c JOIN rule_change h ON h.change_set_id = c.revision
    GROUP BY c.revision, c.actor, c.reason ORDER BY c.revision
    """
    return [(row["revision"], row["actor"], row["reason"], row["n"]) for row in await fetch(reader(), sql)]


async def test_source_items_are_written_and_empty_cells_leave_what_is_there(importing: Import, tmp_path: Path) -> None:
    await stock_up({"TENT": {"east": 7}, "LAMP": {"east": 3}, "ROPE": {"east": 1}})
    result = importing(
        "source-items",
        "\ufeff" + ITEMS + "east,TENT,0,25\neast,LAMP,,-2.5000\neast,ROPE,Out_Of_Stock,\ndefault,ROPE,,\n",
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "4 rows read, 4 written, 0 rejected\n"
    assert await _items() == {
        ("east", "TENT"): (Decimal(25), False),
        ("east", "LAMP"): (Decimal("-2.5"), True),
        ("east", "ROPE"): (Decimal(1), False),
        ("default", "ROPE"): (Decimal(0), True),
    }
    assert not (tmp_path / "goods.rejected.csv").exists()


async def test_a_later_row_wins_cell_by_cell(importing: Import) -> None:
    await stock_up({"TENT": {"east": 7}})
    content = ITEMS + "east,TENT,0,1\neast,TENT,,2\neast,TENT,7,3\n"
    assert importing("source-items", content).returncode == 1  # the last row is wrong, so it does not win
    assert await _items() == {("east", "TENT"): (Decimal(2), False)}
    names = "sku,name,allow_backorders,use_config_backorders,min_cart_qty\n"
    content = names + "TENT,One,1,0,2\nTENT,Two,,,\nTENT,,,,3\nTENT,,,1,\n"
    assert importing("magento", content).returncode == 0
    assert await _names() == {"TENT": "Two"}
    assert await _rules() == {("TENT", "min_sale_qty"): "3"}


async def test_rows_that_are_wrong_are_set_aside_and_the_others_are_written(importing: Import, tmp_path: Path) -> None:
    await stock_up({"TENT": {"east": 7}})
    wrong = [
        (3, "quantity must be", ["east", "TENT", "1", "1.23456"]),
        (4, "status must be", ["east", "TENT", "maybe", "5"]),
        (5, "sku: A code has", ["east", "", "1", "5"]),
        (6, "sku: A code has", ["east", "S" * 65, "1", "5"]),
        (7, "There is no source west", ["west", "TENT", "1", "5"]),
        (8, "There is no product BOAT", ["east", "BOAT", "1", "5"]),
        (9, "has 3 cells, the header has 4", ["east", "TENT", "1"]),
        (10, "has 5 cells, the header has 4", ["east", "TENT", "1", "5", "6"]),
        (11, "is no CSV", ['east,"TE"NT,1,5']),
        (12, "is no CSV: field larger than field limit", [f"east,{'T' * 140_000},1,5"]),
        (13, "is no CSV: it has more than", [f"east,{'T' * LONGEST_ROW}"[: LONGEST_ROW + 1]]),
        (14, "quantity must be", ["east", "TENT", "1", "100000000000"]),
    ]
    lines = [
        *(",".join(cells) for _, _, cells in wrong[:-2]),
        f"east,{'T' * LONGEST_ROW},1,5",
        "east,TENT,1,100000000000",
    ]
    result = importing("source-items", ITEMS + "east,TENT,1,25\n" + "\n".join(lines) + "\n\ndefault,TENT,,3\n")
    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        "14 rows read, 2 written, 12 rejected",
        "The rejected rows are in goods.rejected.csv",
    ]
    csv.field_size_limit(2 * LONGEST_ROW)
    header, *rejected = _rejected(tmp_path)
    csv.field_size_limit(131_072)
    assert header == ["line", "reason", "source_code", "sku", "status", "quantity"]
    assert [(int(row[0]), row[2:]) for row in rejected] == [(line, cells) for line, _, cells in wrong]
    assert [row[1][: len(reason)] for row, (_, reason, _) in zip(rejected, wrong, strict=True)] == [
        reason for _, reason, _ in wrong
    ]
    assert await _items() == {("east", "TENT"): (Decimal(25), True), ("default", "TENT"): (Decimal(3), True)}
    # The mended file leaves no rejects behind.
    assert importing("source-items", ITEMS + "east,TENT,1,25\n").returncode == 0
    assert not (tmp_path / "goods.rejected.csv").exists()


async def test_all_reasons_of_a_row_are_told(importing: Import, tmp_path: Path) -> None:
    importing("source-items", ITEMS + "west,BOAT,1,5\n,,x,y\n")
    rejected = _rejected(tmp_path)
    assert rejected[1][1] == "There is no source west; There is no product BOAT"
    assert rejected[2][1].count(";") == 3
    importing("magento", 'sku,name,qty_increments,use_config_qty_increments\n,"two\nlines",0,0\nTENT,,0,3\n')
    rejected = _rejected(tmp_path)
    assert [row[0] for row in rejected[1:]] == ["2", "4"]
    assert [part.split(":")[0] for part in rejected[1][1].split("; ")] == ["sku", "name", "qty_increments"]
    assert rejected[2][1] == "use_config_qty_increments must be 0 or 1"
    assert await _names() == {}


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("source-items", b"", "is empty"),
        ("source-items", b"source_code;sku;status;quantity\neast;TENT;1;5\n", "lacks 'source_code', 'sku'"),
        ("source-items", b"source_code,sku,qty\neast,TENT,5\n", "has, but should not, 'qty'"),
        ("source-items", b"source_code,sku,sku\neast,TENT,5\n", "has more than once 'sku'"),
        ("source-items", ITEMS.encode() + b"east,TENT,1,5\neast,Z\xe9lt,1,5\n", "line 3 is not UTF-8"),
        ("magento", b"name,price\nTent,5\n", "lacks 'sku'"),
        ("magento", b"sku,name\nTENT,Tent\nZ\xe9lt,Tent\n", "line 3 is not UTF-8"),
    ],
)
async def test_a_wrong_header_or_encoding_is_named_and_nothing_is_written(
    importing: Import, tmp_path: Path, kind: str, content: bytes, said: str
) -> None:
    await stock_up({"TENT": {"east": 7}})
    result = importing(kind, content)
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert await _items() == {("east", "TENT"): (Decimal(7), True)}
    assert await _names() == {"TENT": "TENT"}
    assert not (tmp_path / "goods.rejected.csv").exists()


async def test_a_dry_run_checks_every_row_and_writes_nothing(importing: Import, tmp_path: Path) -> None:
    await stock_up({"TENT": {"east": 7}})
    result = importing("source-items", ITEMS + "east,TENT,1,25\neast,BOAT,1,5\n", "--dry-run")
    assert result.returncode == 1
    assert "2 rows read, 1 would be written (dry run), 1 rejected" in result.stdout
    assert [row[0] for row in _rejected(tmp_path)] == ["line", "3"]
    result = importing("magento", "sku,name,allow_backorders\nTENT,Tent,1\nLAMP,Lamp,9\n", "--dry-run")
    assert "2 rows read, 1 would be written (dry run), 1 rejected" in result.stdout
    assert await _items() == {("east", "TENT"): (Decimal(7), True)}
    assert await _names() == {"TENT": "TENT"}
    assert await _history() == []


async def test_products_and_their_rules_come_from_magentos_export(importing: Import) -> None:
    await stock_up({"TENT": {"east": 7}})
    own: dict[SettingKey, SettingValue | None] = {
        SettingKey.BACKORDERS: BackorderMode.ALLOW,
        SettingKey.ONLY_X_LEFT_THRESHOLD: Decimal(5),
    }
    await rule(scope_of(None, "TENT"), own)
    content = (
        "sku,store_view_code,product_type,name,qty,out_of_stock_qty,use_config_min_qty,is_qty_decimal,allow_backorders,"
        "use_config_backorders,notify_on_stock_below,use_config_notify_stock_qty,manage_stock,use_config_manage_stock\n"
        "TENT,,simple,Tent,25.0000, -50.0000,0,0,0,1,1.0000,1,1,1\n"
        "TENT,de,,Zelt,,,,,,,,,,\n"
        'LAMP,,simple,"Lamp, ""big""",0.0000,0.0000,1,1,2,0,10.0000,0,0,0\n'
        " -ROPE,,simple, =Rope,,,,,,,,,0,\n"
    )
    result = importing("magento", content)
    assert (result.returncode, result.stdout) == (0, "4 rows read, 4 written, 0 rejected\n")
    assert await _names() == {"TENT": "Tent", "LAMP": 'Lamp, "big"', "-ROPE": "=Rope"}
    assert await _rules() == {
        ("TENT", "only_x_left_threshold"): "5",
        ("TENT", "out_of_stock_threshold"): "-50",
        ("TENT", "qty_uses_decimals"): "false",
        ("LAMP", "backorders"): "ALLOW_AND_NOTIFY",
        ("LAMP", "manage_stock"): "false",
        ("LAMP", "notify_for_quantity_below"): "10",
        ("LAMP", "qty_uses_decimals"): "true",
    }
    assert await _items() == {("east", "TENT"): (Decimal(7), True)}
    actor = f"import ({getpass.getuser()})"
    assert (await _history())[1:] == [(2, actor, "Imported goods.csv", 7)]


async def test_importing_again_does_no_harm_and_makes_no_revision(importing: Import) -> None:
    content = (
        "sku,name,allow_backorders,out_of_stock_qty,use_config_min_sale_qty\nTENT,Tent,1,-50.0,1\nLAMP,Lamp,0,,1\n"
    )
    items = ITEMS + "default,TENT,1,25\ndefault,LAMP,0,2.5\n"
    for _ in range(2):
        assert importing("magento", content).returncode == 0
        assert importing("source-items", items).returncode == 0
        assert [revision for revision, *_ in await _history()] == [1]
        assert await _items() == {
            ("default", "TENT"): (Decimal(25), True),
            ("default", "LAMP"): (Decimal("2.5"), False),
        }
        assert await _names() == {"TENT": "Tent", "LAMP": "Lamp"}


async def test_names_alone_make_no_revision(importing: Import) -> None:
    assert importing("magento", "sku,name,weight\nTENT,Tent,1\nLAMP,,\n").returncode == 0
    assert await _names() == {"TENT": "Tent", "LAMP": "LAMP"}
    assert importing("magento", "sku,name\nTENT,\nLAMP, \n").returncode == 0
    assert await _names() == {"TENT": "Tent", "LAMP": "LAMP"}
    assert await _history() == []


async def test_a_batch_is_written_whole_or_not_at_all(importing: Import, tmp_path: Path, is_postgresql: bool) -> None:
    await _forbid("SKU-007000", is_postgresql)
    content = "sku,allow_backorders\n" + "".join(f"SKU-{number:06},1\n" for number in range(12_000))
    result = importing("magento", content)
    assert result.returncode == 1
    assert "it is forbidden" in result.stderr
    assert "the rows up to line 5001, at least, are written and stay" in result.stderr
    assert "Traceback" not in result.stderr
    assert set(await _names()) == {f"SKU-{number:06}" for number in range(BATCH)}
    assert len(await _rules()) == BATCH
    assert [(revision, n) for revision, _, _, n in await _history()] == [(1, BATCH)]
    await _allow(is_postgresql)
    assert importing("magento", content).returncode == 0
    assert len(await _names()) == len(await _rules()) == 12_000
    assert [n for *_, n in await _history()] == [BATCH, BATCH, 2_000]


async def test_an_interrupt_stops_between_batches_and_says_what_stays(tmp_path: Path, database_url: str) -> None:
    rows = 100_000
    (tmp_path / "many.csv").write_text("sku,name\n" + "".join(f"SKU-{number:06},x\n" for number in range(rows)))
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, "import", "magento", "many.csv"),
        cwd=tmp_path,
        env=environment({"database_url": database_url}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        while not await _names():  # noqa: ASYNC110  # it is another process that writes
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, said = [text.decode() for text in await process.communicate()]
    written = len(await _names())
    assert process.returncode == 130, said
    assert written % BATCH == 0
    assert BATCH <= written < rows
    assert output == f"{written:,} rows read, {written:,} written, 0 rejected\n"
    assert f"Stopped after line {written + 1}. What is written stays" in said
    assert not (tmp_path / "many.rejected.csv").exists()


async def test_a_file_of_two_batches_keeps_its_lines(importing: Import, tmp_path: Path) -> None:
    await stock_up({"TENT": {"east": 7}})
    rows = ["east,TENT,1,1\n"] * (BATCH + 3)
    rows[4_999], rows[5_000], rows[-1] = "east,BOAT,1,1\n", "east,TENT,x,1\n", "east,TENT,,9\n"
    result = importing("source-items", ITEMS + "".join(rows))
    assert "5,003 rows read, 5,001 written, 2 rejected" in result.stdout
    assert [row[0] for row in _rejected(tmp_path)] == ["line", "5001", "5002"]
    assert await _items() == {("east", "TENT"): (Decimal(9), True)}


async def test_the_reject_file_comes_before_the_first_row_is_written(importing: Import, tmp_path: Path) -> None:
    (tmp_path / "goods.rejected.csv").mkdir()
    result = importing("magento", "sku\nTENT\n")
    assert result.returncode == 1
    assert "goods.rejected.csv cannot be written" in result.stderr
    assert await _names() == {}


@pytest.mark.parametrize("number", [1, 500])
async def test_any_batch_takes_the_same_number_of_statements(number: int) -> None:
    await upsert_sources([SourceRow("east")])
    skus = [f"SKU-{each:04}" for each in range(number)]
    cells = {"name": "x", "allow_backorders": "1", "use_config_min_qty": "1", "min_cart_qty": "2"}
    products = [product_of({"sku": sku, **cells})[0] for sku in skus]
    items = [item_of({"source_code": "east", "sku": sku, "quantity": "5"})[0] for sku in [*skus, "BOAT"]]
    with counted_statements() as seen:
        assert await import_products(products, actor="test", reason="test")
    assert len(seen) == 10, seen
    with counted_statements() as seen:
        assert await import_products(products, actor="test", reason="test") is None
    assert len(seen) == 5, seen
    with counted_statements() as seen:
        assert list(await import_items(items, is_dry_run=False)) == [number]
    assert len(seen) == 5, seen
    assert await import_items([SourceItemRow("west", "BOAT")], is_dry_run=False) == {
        0: ["There is no source west.", "There is no product BOAT."]
    }


async def test_nothing_to_import_is_no_error(importing: Import) -> None:
    assert await import_items([], is_dry_run=False) == {}
    assert await import_products([], actor="test", reason="test") is None
    for kind, header in (("source-items", ITEMS), ("magento", "sku\n\n")):
        result = importing(kind, header)
        assert (result.returncode, result.stdout) == (0, "0 rows read, 0 written, 0 rejected\n")


def test_a_database_without_tables_says_what_to_run(tmp_path: Path, empty_database_url: str) -> None:
    (tmp_path / "goods.csv").write_text("sku\nTENT\n")
    result = run("import", "magento", "goods.csv", cwd=tmp_path, database_url=empty_database_url)
    assert result.returncode == 1
    assert "salable migrate" in result.stderr
    assert [path.name for path in tmp_path.glob("*.csv")] == ["goods.csv"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["import"], ["source-items", "magento", ".rejected.csv"]),
        (["import", "source-items"], ["source_code,sku,status,quantity", "--dry-run", "in_stock"]),
        (["import", "magento"], ["use_config_notify_stock_qty", "Example", "--dry-run"]),
        (["export", "salable-quantities"], ["stock_status", "Example", "--sales-channel"]),
    ],
)
def test_every_command_shows_its_columns_and_an_example(
    tmp_path: Path, command: Sequence[str], said: list[str]
) -> None:
    result = run(*command, "--help", cwd=tmp_path)
    assert result.returncode == 0
    assert [text for text in said if text not in result.stdout] == []


async def _forbid(sku: str, is_postgresql: bool) -> None:
    """Make the database itself refuse a rule of this product."""
    if is_postgresql:
        await _run_script(
            "CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION ''it is forbidden''; END';"
            f"CREATE TRIGGER forbid BEFORE INSERT ON scope_rule FOR EACH ROW WHEN (NEW.sku = '{sku}')"
            " EXECUTE FUNCTION forbid()"
        )
    else:
        await _run_script(
            f"CREATE TRIGGER forbid BEFORE INSERT ON scope_rule WHEN NEW.sku = '{sku}'"
            " BEGIN SELECT RAISE(ABORT, 'it is forbidden'); END"
        )


async def _allow(is_postgresql: bool) -> None:
    await _run_script(f"DROP TRIGGER forbid{' ON scope_rule' if is_postgresql else ''}")


async def _run_script(sql: str) -> None:
    await transaction(lambda client: client.execute_script(sql))
