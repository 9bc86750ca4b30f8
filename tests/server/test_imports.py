"""`salable import`, as people meet it, on the real database."""

import csv
import getpass
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from rules.scope import scope_of
from rules.setting import BackorderMode, SettingKey, SettingValue
from server.files.csv_file import LONGEST_ROW, CsvWriter
from tests import stored
from tests.server.importing import Importer
from tests.server.process import run
from tests.worlds import rule, stock_up

pytestmark = pytest.mark.usefixtures("db")

ITEMS = "source_code,sku,status,quantity\n"


async def test_source_items_are_written_and_empty_cells_leave_what_is_there(importing: Importer) -> None:
    await stock_up({"TENT": {"east": 7}, "LAMP": {"east": 3}, "ROPE": {"east": 1}})
    result = importing(
        "source-items",
        "\ufeff" + ITEMS + "east,TENT,0,25\neast,LAMP,,-2.5000\neast,ROPE,Out_Of_Stock,\ndefault,ROPE,,\n",
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "4 rows read, 4 written, 0 rejected\n"
    assert await stored.items() == {
        ("east", "TENT"): (Decimal(25), False),
        ("east", "LAMP"): (Decimal("-2.5"), True),
        ("east", "ROPE"): (Decimal(1), False),
        ("default", "ROPE"): (Decimal(0), True),
    }
    assert not importing.reject_file.exists()


async def test_a_later_row_wins_cell_by_cell(importing: Importer) -> None:
    await stock_up({"TENT": {"east": 7}})
    content = ITEMS + "east,TENT,0,1\neast,TENT,,2\neast,TENT,7,3\n"
    assert importing("source-items", content).returncode == 1  # the last row is wrong, so it does not win
    assert await stored.items() == {("east", "TENT"): (Decimal(2), False)}
    names = "sku,name,allow_backorders,use_config_backorders,min_cart_qty\n"
    content = names + "TENT,One,1,0,2\nTENT,Two,,,\nTENT,,,,3\nTENT,,,1,\n"
    assert importing("magento", content).returncode == 0
    assert await stored.names() == {"TENT": "Two"}
    assert await stored.rules() == {("TENT", "min_sale_qty"): "3"}


async def test_rows_that_are_wrong_are_set_aside_and_the_others_are_written(importing: Importer) -> None:
    await stock_up({"TENT": {"east": 7}})
    wrong = [
        (3, "quantity must be", ["east", "TENT", "1", "1.23456"]),
        (4, "status must be", ["east", "TENT", "maybe", "5"]),
        (5, "sku: A code has", ["east", "", "1", "5"]),
        (6, "sku: A code has", ["east", "S" * 65, "1", "5"]),
        (7, 'There is no source "west"', ["west", "TENT", "1", "5"]),
        (8, 'There is no product "BOAT"', ["east", "BOAT", "1", "5"]),
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
    assert result.stdout.splitlines()[:3] == [
        "14 rows read, 2 written, 12 rejected",
        "The rejected rows are in goods.rejected.csv",
        "Warning: UNLINKED_SOURCE: 1 time",  # the three that were counted at default
    ]
    csv.field_size_limit(2 * LONGEST_ROW)
    header, *rejected = importing.rejected()
    csv.field_size_limit(131_072)
    assert header == ["line", "reason", "source_code", "sku", "status", "quantity"]
    assert [(int(row[0]), row[2:]) for row in rejected] == [(line, cells) for line, _, cells in wrong]
    assert [row[1][: len(reason)] for row, (_, reason, _) in zip(rejected, wrong, strict=True)] == [
        reason for _, reason, _ in wrong
    ]
    assert await stored.items() == {("east", "TENT"): (Decimal(25), True), ("default", "TENT"): (Decimal(3), True)}
    # The mended file leaves no rejects behind.
    assert importing("source-items", ITEMS + "east,TENT,1,25\n").returncode == 0
    assert not importing.reject_file.exists()


async def test_all_reasons_of_a_row_are_told(importing: Importer) -> None:
    importing("source-items", ITEMS + "west,BOAT,1,5\n,,x,y\n")
    rejected = importing.rejected()
    assert rejected[1][1] == 'There is no source "west"; There is no product "BOAT"'
    assert rejected[2][1].count(";") == 3
    importing("magento", 'sku,name,qty_increments,use_config_qty_increments\n,"two\nlines",-1,0\nTENT,,0,3\n')
    rejected = importing.rejected()
    assert [row[0] for row in rejected[1:]] == ["2", "4"]
    assert [part.split(":")[0] for part in rejected[1][1].split("; ")] == ["sku", "name", "qty_increments"]
    assert rejected[2][1] == "use_config_qty_increments must be 0 or 1"
    assert await stored.names() == {}


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
    importing: Importer, kind: str, content: bytes, said: str
) -> None:
    await stock_up({"TENT": {"east": 7}})
    result = importing(kind, content)
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert await stored.items() == {("east", "TENT"): (Decimal(7), True)}
    assert await stored.names() == {"TENT": "TENT"}
    assert not importing.reject_file.exists()


async def test_a_dry_run_checks_every_row_and_writes_nothing(importing: Importer) -> None:
    await stock_up({"TENT": {"east": 7}})
    result = importing("source-items", ITEMS + "east,TENT,1,25\neast,BOAT,1,5\n", "--dry-run")
    assert result.returncode == 1
    assert "2 rows read, 1 would be written (dry run), 1 rejected" in result.stdout
    assert [row[0] for row in importing.rejected()] == ["line", "3"]
    result = importing("magento", "sku,name,allow_backorders\nTENT,Tent,1\nLAMP,Lamp,9\n", "--dry-run")
    assert "2 rows read, 1 would be written (dry run), 1 rejected" in result.stdout
    assert await stored.items() == {("east", "TENT"): (Decimal(7), True)}
    assert await stored.names() == {"TENT": "TENT"}
    assert await stored.history() == []


async def test_products_and_their_rules_come_from_magentos_export(importing: Importer) -> None:
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
    assert (result.returncode, result.stdout.splitlines()[0]) == (0, "4 rows read, 4 written, 0 rejected")
    assert await stored.names() == {"TENT": "Tent", "LAMP": 'Lamp, "big"', "-ROPE": "=Rope"}
    assert await stored.rules() == {
        ("TENT", "only_x_left_threshold"): "5",
        ("TENT", "out_of_stock_threshold"): "-50",
        ("TENT", "qty_uses_decimals"): "false",
        ("LAMP", "backorders"): "ALLOW_AND_NOTIFY",
        ("LAMP", "manage_stock"): "false",
        ("LAMP", "notify_for_quantity_below"): "10",
        ("LAMP", "qty_uses_decimals"): "true",
    }
    assert await stored.items() == {("east", "TENT"): (Decimal(7), True)}
    actor = f"import ({getpass.getuser()})"
    assert (await stored.history())[1:] == [(2, actor, "Imported goods.csv", 7)]


async def test_importing_again_does_no_harm_and_makes_no_revision(importing: Importer) -> None:
    content = (
        "sku,name,allow_backorders,out_of_stock_qty,use_config_min_sale_qty\nTENT,Tent,1,-50.0,1\nLAMP,Lamp,0,,1\n"
    )
    items = ITEMS + "default,TENT,1,25\ndefault,LAMP,0,2.5\n"
    for _ in range(2):
        assert importing("magento", content).returncode == 0
        assert importing("source-items", items).returncode == 0
        assert [revision for revision, *_ in await stored.history()] == [1]
        assert await stored.items() == {
            ("default", "TENT"): (Decimal(25), True),
            ("default", "LAMP"): (Decimal("2.5"), False),
        }
        assert await stored.names() == {"TENT": "Tent", "LAMP": "Lamp"}


async def test_names_alone_make_no_revision(importing: Importer) -> None:
    assert importing("magento", "sku,name,weight\nTENT,Tent,1\nLAMP,,\n").returncode == 0
    assert await stored.names() == {"TENT": "Tent", "LAMP": "LAMP"}
    assert importing("magento", "sku,name\nTENT,\nLAMP, \n").returncode == 0
    assert await stored.names() == {"TENT": "Tent", "LAMP": "LAMP"}
    assert await stored.history() == []


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


async def test_rejected_rows_are_not_run_by_a_spreadsheet_and_are_read_back_exactly(importing: Importer) -> None:
    skus = ["=HYPERLINK(1)", "'=1", "-2+3", "@A", "-5"]
    await stock_up({sku: {"east": 1} for sku in skus})
    buffer = io.StringIO(newline="")
    CsvWriter(buffer).write([["east", sku, "1", "many"] for sku in skus])
    assert importing("source-items", ITEMS + buffer.getvalue()).returncode == 1
    shown = importing.rejected()[1:]
    assert [row[3] for row in shown] == ["'=HYPERLINK(1)", "''=1", "'-2+3", "'@A", "-5"]
    mended = "".join(f"{','.join(row[2:5])},7\n" for row in shown)
    assert importing("source-items", ITEMS + mended).returncode == 0
    assert await stored.items() == {("east", sku): (Decimal(7), True) for sku in skus}
