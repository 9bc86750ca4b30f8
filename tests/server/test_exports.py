"""`salable export`, beside what the API answers."""

import csv
import io
import os
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from models.database import transaction
from models.sql import fetch
from resolvers.catalogue.product_upserts import ProductRow, upsert_products
from resolvers.catalogue.stock_upserts import ChannelRow, LinkRow, StockRow, upsert_sales_channels, upsert_stocks
from rules.scope import GLOBAL, scope_of
from rules.setting import BackorderMode, SettingKey
from server.files.csv_file import unescaped
from tests.client import Api
from tests.server.process import COMMAND, environment, run
from tests.worlds import rule, stock_up

HEADER = ["sales_channel", "sku", "name", "salable_qty", "stock_status", "availability"]
BY_SKU = """query ($skus: [String!]!, $channel: String!) {
  productsBySku(skus: $skus, salesChannel: $channel) { salesChannel sku name salableQty stockStatus availability }
}"""


@pytest.fixture
async def catalogue(api: Api) -> Api:
    """600 products of every kind, in two sales channels of their own stocks."""
    quantities = [Decimal(0), Decimal(25), Decimal("2.5"), Decimal("0.0001"), Decimal(-3), Decimal(10_000_000_000)]
    skus = [f"SKU-{number:03}" for number in range(600)]
    await stock_up({sku: {"east": quantities[place % 6], "west": place % 4} for place, sku in enumerate(skus)})
    await upsert_products(
        [ProductRow("SKU-000", 'Tent, "big"'), ProductRow("SKU-001", "=1+1"), ProductRow("Z\u00e9lt")]
    )
    await upsert_stocks([StockRow("outlet", "Outlet", [LinkRow("west", 1)])])
    await upsert_sales_channels([ChannelRow("outlet", "Outlet", "outlet")])
    await rule(GLOBAL, {SettingKey.ONLY_X_LEFT_THRESHOLD: Decimal(5)})
    await rule(scope_of("west", None), {SettingKey.OUT_OF_STOCK_THRESHOLD: Decimal("1.25")})
    for sku in skus[::10]:
        await rule(scope_of(None, sku), {SettingKey.BACKORDERS: BackorderMode.ALLOW})
    for sku in skus[::7]:
        await rule(scope_of(None, sku), {SettingKey.MANAGE_STOCK: False})
    return api


async def _answers(api: Api, rows: list[list[str]], channel: str) -> list[list[Any]]:
    skus = [row[1] for row in rows if row[0] == channel]
    return [
        list(product.values())
        for start in range(0, len(skus), 500)
        for product in (await api.data(BY_SKU, {"skus": skus[start : start + 500], "channel": channel}, admin=False))[
            "productsBySku"
        ]
    ]


def _read(text: str) -> list[list[str]]:
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == HEADER
    return [[unescaped(cell) for cell in row] for row in rows]


def _as_answered(row: list[str]) -> list[Any]:
    return [*row[:3], Decimal(row[3]) if row[3] else None, *row[4:]]


async def test_the_export_says_what_the_api_answers(catalogue: Api, tmp_path: Path, database_url: str) -> None:
    result = run("export", "salable-quantities", cwd=tmp_path, database_url=database_url)
    assert (result.returncode, result.stderr) == (0, "")
    rows = _read(result.stdout)
    assert len(rows) == 2 * 601
    assert rows == sorted(rows)
    found = [_as_answered(row) for row in rows]
    assert found == await _answers(catalogue, rows, "default") + await _answers(catalogue, rows, "outlet")
    assert {row[5] for row in rows} == {"IN_STOCK", "LIMITED_AVAILABILITY", "BACK_ORDER", "OUT_OF_STOCK"}
    assert {row[3] for row in rows} >= {"", "0", "-3", "1.7501", "9999999999.75"}
    assert {'Tent, "big"', "=1+1", "Z\u00e9lt"} <= {row[2] for row in rows}
    assert ",'=1+1," in result.stdout  # as text: no spreadsheet runs it


async def test_a_file_of_the_sales_channels_that_are_asked_for(
    catalogue: Api, tmp_path: Path, database_url: str
) -> None:
    (tmp_path / "link.csv").symlink_to("salable.csv")
    (tmp_path / "salable.csv").write_text("what was there")
    asked = ("--sales-channel", "outlet", "--sales-channel", "default", "--sales-channel", "outlet")
    result = run(
        *("export", "salable-quantities", "--output", "link.csv", *asked), cwd=tmp_path, database_url=database_url
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    rows = _read((tmp_path / "salable.csv").read_text("utf-8"))
    assert [row[0] for row in rows] == ["outlet"] * 601 + ["default"] * 601
    assert (tmp_path / "link.csv").is_symlink()
    assert list(_outputs(tmp_path)) == ["salable.csv"]
    assert (tmp_path / "salable.csv").stat().st_mode & 0o777 == 0o666 & ~_umask()


async def test_an_unknown_sales_channel_is_named_before_anything_is_written(
    api: Api, tmp_path: Path, database_url: str
) -> None:
    asked = ("--sales-channel", "default", "--sales-channel", "moon")
    for output in ((), ("--output", "salable.csv")):
        result = run("export", "salable-quantities", *asked, *output, cwd=tmp_path, database_url=database_url)
        assert (result.returncode, result.stdout) == (1, "")
        assert 'There is no sales channel "moon".' in result.stderr
    assert _outputs(tmp_path) == {}


async def test_an_export_that_fails_leaves_what_was_there(catalogue: Api, tmp_path: Path, database_url: str) -> None:
    await transaction(lambda client: fetch(client, "ALTER TABLE source_item RENAME TO source_item_of_before"))
    (tmp_path / "salable.csv").write_text("what was there")
    result = run("export", "salable-quantities", "--output", "salable.csv", cwd=tmp_path, database_url=database_url)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert _outputs(tmp_path) == {"salable.csv": "what was there"}


async def test_a_file_that_cannot_be_written_is_named_as_the_output(
    api: Api, tmp_path: Path, database_url: str
) -> None:
    for output, said in (("no/such/folder.csv", "The output cannot be written"), ("/dev/null", "is no regular file")):
        result = run("export", "salable-quantities", "--output", output, cwd=tmp_path, database_url=database_url)
        assert result.returncode == 1
        assert said in result.stderr


async def test_a_reader_that_has_seen_enough_hears_no_complaint(
    catalogue: Api, tmp_path: Path, database_url: str
) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    result = subprocess.run(  # noqa: ASYNC221  # nothing else runs in this test
        [COMMAND, "export", "salable-quantities"],
        cwd=tmp_path,
        env=environment({"database_url": database_url}),
        stdout=write_end,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write_end)
    assert (result.returncode, result.stderr) == (1, b"")


def _outputs(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.glob("*salable.csv*")}


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
